/**
 * Open a camera or a picture as the page's source, start the analysis on it, and close it again.
 *
 * @typedef {import('../../media/camera-source.js').FrameSource} FrameSource
 *
 * @typedef {object} SourceParts  The parts of the page that a start changes.
 * @property {HTMLVideoElement} video
 * @property {HTMLImageElement} image
 * @property {ReturnType<typeof import('../../ui/page-state.js').createPageState>} pageState
 * @property {ReturnType<typeof import('./compare-screens.js').createCompareScreens>} screens
 * @property {ReturnType<typeof import('./compare-overlay.js').createCompareOverlay>} overlay
 * @property {import('./model-queue.js').ModelQueue} queue
 * @property {ReturnType<typeof import('./comparison-loader.js').createComparisonLoader>} loader
 */

import { cameraSource, pictureSource } from '../../media/camera-source.js';
import { createAttempts } from '../../ui/attempts.js';
import { byId } from '../../ui/dom.js';
import { describeError } from '../../ui/messages.js';

/**
 * @param {SourceParts} parts
 * @param {ReturnType<typeof import('./analysis.js').createAnalysis>} analysis
 * @param {{onOpen: () => void}} options  `onOpen`: a source is open and shown
 */
export function createSources({ video, image, pageState, screens, overlay, queue, loader }, analysis, { onOpen }) {
  const attempts = createAttempts();
  /** @type {FrameSource | null} */
  let source = null;
  /** Opens the source of the last start. @type {() => Promise<FrameSource>} */
  let open = () => openCamera('');

  /** @param {string} deviceId  '' for the camera that faces the visitor */
  function openCamera(deviceId) {
    const attempt = attempts.current;
    return cameraSource(video, { deviceId, onEnded: (error) => attempt.isCurrent() && fail(error) });
  }

  /** Repeats the last start. */
  async function start() {
    const attempt = release();
    if (!loader.isStarted) screens.showProgress('backend', 0);
    pageState.to('loading');
    screens.showMessage('');
    const opening = open();
    const loading = loader.load();
    // Models are loaded also while the visitor is still asked for the camera.
    loading.then((comparison) => attempt.isCurrent() && loader.loadModels(comparison), () => {});
    try {
      const opened = await opening;
      screens.showPermissionHint(false);
      const comparison = await loading;
      if (!attempt.isCurrent()) return;
      source = opened;
      overlay.showSource(opened.kind);
      await opened.show();
      if (!attempt.isCurrent()) return;
      pageState.to('running');
      // The loading screen was tall: without this, a phone would now show the part of the page far below the picture.
      byId('running-title', HTMLElement).scrollIntoView({ block: 'nearest' });
      overlay.mirror(opened.mirrored);
      onOpen();
      analysis.run(comparison, opened, attempt);
      if (document.hidden) pageState.to('paused');
    } catch (error) {
      if (attempt.isCurrent()) fail(error);
    } finally {
      // After an error or a newer start, no camera may stay on that the page does not show.
      loading.catch(() => {});
      if (source === null || !attempt.isCurrent()) opening.then((one) => one !== source && one.close(), () => {});
    }
  }

  /** Closes the source and ends everything that the last start began. @returns {import('../../ui/attempts.js').Attempt} */
  function release() {
    analysis.clear();
    source?.close();
    source = null;
    overlay.showSource(null);
    screens.showPermissionHint(true);
    return attempts.begin();
  }

  /** @param {unknown} error */
  function fail(error) {
    release();
    queue.pause();
    if (error instanceof Error && error.name === 'RecognizerError') loader.drop();
    screens.showFailure(describeError(error));
    pageState.to('error');
  }

  return {
    start,
    fail,

    /** @param {string} [deviceId]  the camera that faces the visitor where not given */
    startCamera(deviceId = '') {
      open = () => openCamera(deviceId);
      void start();
    },

    /** @param {File} file */
    async startPicture(file) {
      try {
        // Opened before the present source is closed: if it cannot be read, the camera goes on.
        /** @type {FrameSource | null} */
        let ready = await pictureSource(image, file);
        open = async () => {
          const opened = ready ?? (await pictureSource(image, file));
          ready = null;
          return opened;
        };
        void start();
      } catch (error) {
        screens.showMessage(error instanceof Error ? error.message : String(error));
      }
    },

    stop() {
      release();
      queue.pause();
      pageState.to('idle');
    },

    /** The source that is open; null if there is none. */
    get source() {
      return source;
    },
  };
}
