/**
 * Open a camera, a video or a picture as the page's source, start the analysis on it, and close it again.
 *
 * @typedef {import('./session.js').Origin} Origin
 * @typedef {import('../../ui/attempts.js').Attempt} Attempt
 *
 * @typedef {object} LiveSource  The source that is analysed at present.
 * @property {Origin['kind']} kind
 * @property {boolean} facing  true for a camera that faces the user
 * @property {string} deviceId  of a camera
 * @property {() => void} close
 *
 * @typedef {object} Options
 * @property {import('./preferences.js').Preferences} preferences
 * @property {(source: LiveSource) => void} onOpen
 * @property {(cameras: {deviceId: string, name: string}[], deviceId: string) => void} onCameras  with the list of cameras
 *   and the one that is open
 * @property {() => void} onRunning  the page has just gone into the state "running"
 */

import { listCameras } from '../../media/camera.js';
import { cameraSource } from '../../media/camera-source.js';
import { waitForRecovery } from '../../media/camera-recovery.js';
import { openMediaFile } from '../../media/media-file.js';
import { describeError } from '../../ui/messages.js';
import { NO_PICTURES, SILENT_MS } from './analysis.js';

/**
 * @param {import('./analysis.js').Parts} parts
 * @param {ReturnType<typeof import('./analysis.js').createAnalysis>} analysis
 * @param {Options} options
 */
export function createSources({ video, pageState, screens, stage, loader, attempts }, analysis, { preferences, onOpen, onCameras, onRunning }) {
  /** @type {LiveSource | null} */
  let source = null;
  let stopWaiting = () => {};
  /** The camera of the last start; '' for the one that faces the user. */
  let lastCamera = '';
  /** Repeats the last start. */
  let retry = () => void startCamera();

  /** @param {string} [deviceId] */
  async function startCamera(deviceId = preferences.camera) {
    lastCamera = deviceId;
    retry = () => void startCamera(deviceId);
    const attempt = begin('camera');
    const opening = cameraSource(video, {
      deviceId,
      onEnded: (error) => attempt.isCurrent() && fail(error),
      onMute: (muted) => attempt.isCurrent() && pageState.state === 'running' && screens.showToast(muted ? NO_PICTURES : ''),
    });
    const loading = loader.load();
    try {
      const camera = await opening;
      screens.cameraOpened();
      const recognizer = await loading;
      if (!attempt.isCurrent()) return;
      source = { kind: 'camera', facing: camera.mirrored, deviceId: camera.deviceId, close: camera.close };
      const silent = setTimeout(screens.cameraSilent, SILENT_MS);
      await camera.show().finally(() => clearTimeout(silent));
      if (attempt.isCurrent()) runOn(source, { kind: 'camera', name: '', length: Infinity }, recognizer, attempt);
      void listCameras().then((cameras) => onCameras(cameras, camera.deviceId));
    } catch (error) {
      if (attempt.isCurrent()) fail(error);
    } finally {
      // After an error or a newer start, no camera may stay on that the page does not show.
      loading.catch(() => {});
      if (!attempt.isCurrent() || source === null) opening.then((camera) => camera.close(), () => {});
    }
  }

  /** @param {File} file */
  async function startFile(file) {
    const before = attempts.current;
    let media;
    try {
      // A file that cannot be read leaves the page as it is.
      media = await openMediaFile(file);
    } catch (error) {
      return screens.showMessage(error instanceof Error ? error.message : String(error));
    }
    if (!before.isCurrent()) return media.close(); // the user has started something else meanwhile
    retry = () => void startFile(file);
    const attempt = begin('file');
    const opened = { kind: media.kind, facing: false, deviceId: '', close: media.close };
    source = opened;
    try {
      const recognizer = await loader.load();
      if (!attempt.isCurrent()) return media.close();
      if (media.kind === 'picture') {
        const result = await recognizer.recognize(media.bitmap);
        if (!attempt.isCurrent()) return media.close();
        analysis.begin({ kind: 'picture', name: media.name, length: 0 }, recognizer);
        onOpen(opened);
        pageState.to('done');
        analysis.showPicture(media, result);
      } else {
        video.src = media.url;
        await video.play();
        if (attempt.isCurrent()) runOn(opened, { kind: 'video', name: media.name, length: video.duration }, recognizer, attempt);
      }
    } catch (error) {
      if (attempt.isCurrent()) fail(error);
      else media.close();
    }
  }

  /**
   * @param {'camera' | 'file'} from
   * @returns {Attempt} the new attempt
   */
  function begin(from) {
    const attempt = release();
    screens.startLoading(from, loader.kept === null);
    pageState.to('loading');
    return attempt;
  }

  /**
   * Analyse a source that is open and plays.
   *
   * @param {LiveSource} opened
   * @param {Origin} origin
   * @param {import('../../mien.js').Recognizer} recognizer
   * @param {Attempt} attempt
   */
  function runOn(opened, origin, recognizer, attempt) {
    analysis.begin(origin, recognizer);
    onOpen(opened);
    stage.show('video');
    pageState.to('running');
    analysis.run(recognizer, attempt);
    onRunning();
  }

  /** Close the source and end everything that the last start began. @returns {Attempt} the new attempt */
  function release() {
    stopWaiting();
    analysis.clear();
    source?.close();
    source = null;
    video.pause();
    video.srcObject = null;
    video.removeAttribute('src');
    video.load();
    return attempts.begin();
  }

  /** @param {unknown} error */
  function fail(error) {
    release();
    const failure = describeError(error);
    if (error instanceof Error && error.name === 'RecognizerError') loader.drop();
    screens.showFailure(failure);
    pageState.to('error');
    stopWaiting = waitForRecovery(failure.code, () => retry(), lastCamera);
  }

  return {
    startCamera,
    startFile,
    retry: () => retry(),
    fail,
    stop() {
      release();
      pageState.to('idle');
    },
    /** The source that is open; null if there is none. */
    get source() {
      return source;
    },
  };
}
