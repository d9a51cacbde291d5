/**
 * Run the recognizer on the video or on a picture; show, record and announce its results.
 *
 * Dispatches `mien:result` on document, once for each processed frame of a video, also of a paused one; detail is a
 * Result.
 *
 * @typedef {import('../../types.js').Result} Result
 * @typedef {import('../../mien.js').Recognizer} Recognizer
 * @typedef {import('../../media/media-file.js').PictureFile} Picture
 * @typedef {import('../../ui/attempts.js').Attempt} Attempt
 * @typedef {import('./session.js').Origin} Origin
 *
 * @typedef {object} Parts  The parts of the page that show results.
 * @property {HTMLVideoElement} video
 * @property {ReturnType<typeof import('../../ui/page-state.js').createPageState>} pageState
 * @property {ReturnType<typeof import('../../ui/screens.js').createScreens>} screens
 * @property {ReturnType<typeof import('./video-stage.js').createVideoStage>} stage
 * @property {ReturnType<typeof import('./score-panel.js').createScorePanel>} scorePanel
 * @property {ReturnType<typeof import('./resting-face-button.js').createRestingFaceButton>} restingFace
 * @property {ReturnType<typeof import('./session.js').createSession>} session
 * @property {ReturnType<typeof import('./recognizer-loader.js').createRecognizerLoader>} loader
 * @property {ReturnType<typeof import('../../ui/attempts.js').createAttempts>} attempts
 */

import { describeError } from '../../ui/messages.js';
import { scaleFaces } from '../../media/media-file.js';
import { createStallWatchdog } from '../../media/stall-watchdog.js';

/** A worker that crashes again within this time, in milliseconds, is not restarted a second time. */
const CRASH_MS = 60_000;
/** Milliseconds without a picture from the camera after which the user is told. */
export const SILENT_MS = 3000;
export const NO_PICTURES = 'The camera is not sending pictures at the moment.';

/**
 * @param {Parts} parts
 * @param {{onRun: () => void, onError: (error: unknown) => void}} options  `onRun`: frames are analysed from now on;
 *   `onError`: the analysis ended with an error
 */
export function createAnalysis({ video, pageState, screens, stage, scorePanel, restingFace, session, loader }, { onRun, onError }) {
  /** @type {Origin['kind']} */
  let kind = 'camera';
  let stopFrames = () => {};
  let lastCrash = -Infinity;
  const watchdog = createStallWatchdog(SILENT_MS, (stalled) => screens.showToast(stalled ? NO_PICTURES : ''));

  /** @param {Result} result @param {number} position  of the video, in seconds */
  function showResult(result, position) {
    const faces = [...result.faces].sort((a, b) => a.id - b.id);
    const numbers = session.add({ ...result, faces }, position);
    const shown = { faces, numbers: session.several ? numbers : faces.map(() => null), image: result.image };
    stage.showFaces(shown);
    scorePanel.show(shown, kind !== 'picture');
    restingFace.show(faces);
  }

  /**
   * Replace a crashed worker once; the camera or video stays open.
   *
   * @param {unknown} error
   * @param {Attempt} attempt
   */
  async function restart(error, attempt) {
    const now = performance.now();
    if (describeError(error).code !== 'worker-crashed' || now - lastCrash < CRASH_MS) return onError(error);
    lastCrash = now;
    loader.drop();
    watchdog.stop();
    session.restart();
    screens.showToast('The analysis stopped and is being restarted.');
    try {
      const recognizer = await loader.load();
      if (!attempt.isCurrent() || pageState.state !== 'running') return;
      analysis.run(recognizer, attempt);
      screens.showToast('The analysis had stopped and was restarted.', 8);
    } catch (next) {
      if (attempt.isCurrent()) onError(next);
    }
  }

  const analysis = {
    /**
     * Prepare the page for the results of a source.
     *
     * @param {Origin} origin
     * @param {Recognizer} recognizer
     */
    begin(origin, recognizer) {
      kind = origin.kind;
      session.begin(origin, recognizer.info.contract);
      scorePanel.begin(recognizer.info.contract.labels);
      restingFace.begin(kind, recognizer.info.contract.labels);
    },

    /**
     * Analyse the frames of the video from now on.
     *
     * @param {Recognizer} recognizer
     * @param {Attempt} attempt
     */
    run(recognizer, attempt) {
      session.run();
      scorePanel.restart();
      onRun();
      const { stop } = recognizer.start(video, onResult, {
        onError: (error) => attempt.isCurrent() && void restart(error, attempt),
        onRestart: () => attempt.isCurrent() && screens.showToast('The graphics context was lost. The analysis is being restarted.', 8),
      });
      stopFrames = stop;

      /** @param {Result} result */
      function onResult(result) {
        // The video's position when it showed this frame.
        const position = video.currentTime - (performance.now() - result.timestamp) / 1000;
        if (kind === 'camera') watchdog.signal();
        showResult(result, position);
        document.dispatchEvent(new CustomEvent('mien:result', { detail: result }));
      }
    },

    /** @param {Picture} picture @param {Result} result  for `picture.bitmap` */
    showPicture({ name, bitmap, size }, result) {
      const faces = scaleFaces(result.faces, size.width / bitmap.width);
      stage.showStill(bitmap, name);
      showResult({ ...result, faces, image: size }, 0);
      session.rest();
    },

    /** Show the faces of one frame of the paused video, without recording them. @param {Result} result */
    showFrame(result) {
      const { faces, image } = result;
      const shown = { faces, numbers: faces.map(({ id }) => (faces.length > 1 ? id + 1 : null)), image };
      stage.showFaces(shown);
      scorePanel.show(shown, false);
      document.dispatchEvent(new CustomEvent('mien:result', { detail: result }));
    },

    /** Remove the last result from the page: the video shows another frame. */
    hideFaces() {
      stage.showFaces(null);
      scorePanel.clear();
    },

    /** Stop analysing; the last result stays. */
    pause() {
      stopFrames();
      watchdog.stop();
      session.rest();
      scorePanel.settle();
    },

    /** Stop analysing and remove the last result from the page; the recording stays. */
    clear() {
      watchdog.stop();
      stopFrames();
      stopFrames = () => {};
      stage.show(null);
      session.rest();
      scorePanel.clear();
      screens.showToast('');
    },
  };
  return analysis;
}
