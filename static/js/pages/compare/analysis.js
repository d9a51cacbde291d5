/**
 * Run the models on the frames of a source, and show the results.
 *
 * @typedef {object} Parts  The parts of the page that show results.
 * @property {ReturnType<typeof import('../../ui/page-state.js').createPageState>} pageState
 * @property {ReturnType<typeof import('./model-board.js').createModelBoard>} board
 * @property {ReturnType<typeof import('./compare-overlay.js').createCompareOverlay>} overlay
 * @property {import('./model-queue.js').ModelQueue} queue
 */

import { createFrameLoop } from '../../media/frame-loop.js';
import { byId } from '../../ui/dom.js';
import { createRateMeter, createThrottle } from '../../ui/throttle.js';

/** How often a picture is classified, so that the times shown are medians here, too. */
const PICTURE_RUNS = 5;
const RATE_MS = 500;

/**
 * @param {Parts} parts
 * @param {{onCrash: (error: unknown) => void, onError: (error: unknown) => void}} options  `onCrash`: the worker has
 *   ended; `onError`: another error ended the analysis
 */
export function createAnalysis({ pageState, board, overlay, queue }, { onCrash, onError }) {
  /** @type {ReturnType<typeof createFrameLoop> | null} */
  let loop = null;

  /** Whether a picture is to be classified again, so that the times shown are medians. */
  function isMeasuring() {
    return queue.withStatus('on').some((name) => board.runs(name) < PICTURE_RUNS);
  }

  return {
    /**
     * @param {import('../../workers/comparison-client.js').ComparisonClient} comparison
     * @param {import('../../media/camera-source.js').FrameSource} source
     * @param {import('../../ui/attempts.js').Attempt} attempt
     */
    run(comparison, source, attempt) {
      const track = source.kind === 'camera';
      const rate = createRateMeter();
      const rateIsDue = createThrottle(RATE_MS);
      loop = createFrameLoop(source.eachFrame, {
        process: async (timestamp) => comparison.compare(await source.takeFrame(), { timestamp, track }),
        isActive: () => attempt.isCurrent() && pageState.state === 'running',
        onResult(compared) {
          // A model that was switched off while the frame was being processed is left out.
          const result = { ...compared, scores: compared.scores.filter(({ name }) => queue.status(name) === 'on') };
          for (const { name, problem } of result.failures) queue.fail(name, problem);
          board.show(result, track);
          overlay.show(result);
          const now = performance.now();
          const perSecond = String(Math.round(rate(now)));
          if (rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
          document.dispatchEvent(new CustomEvent('mien:comparison', { detail: result }));
          if (!track && result.box && isMeasuring()) loop?.repeat();
        },
        onError(error) {
          if (attempt.isCurrent()) comparison.ended ? onCrash(error) : onError(error);
          return false;
        },
      });
    },

    /** Processes the present frame once more. */
    repeat: () => loop?.repeat(),

    /** Ends the analysis and removes its results from the page. */
    clear() {
      loop?.stop();
      loop = null;
      overlay.show(null);
      board.clear();
    },
  };
}
