/**
 * Pause the analysis and resume it: by the user, while the page is hidden, and at the end of a video.
 *
 * @typedef {'user' | 'hidden' | 'end'} Reason
 */

import { byId } from '../../ui/dom.js';

/**
 * @param {import('./analysis.js').Parts} parts
 * @param {ReturnType<typeof import('./analysis.js').createAnalysis>} analysis
 */
export function createPausing({ video, pageState, screens, loader, attempts }, analysis) {
  /** @type {Reason}  of the last pause */
  let reason = 'user';

  /** @param {Reason} why */
  function pause(why) {
    if (pageState.state !== 'running') return;
    reason = why;
    video.pause();
    analysis.pause();
    pageState.to('paused');
    screens.showToast(why === 'end' ? 'The video has ended' : 'Paused');
    byId('pause-text', HTMLElement).textContent = why === 'end' ? 'Play again' : 'Resume';
  }

  async function resume() {
    const attempt = attempts.current;
    const recognizer = await loader.kept?.catch(() => null);
    await video.play().catch(() => {});
    if (!attempt.isCurrent() || pageState.state !== 'paused' || !recognizer) return;
    screens.showToast('');
    pageState.to('running');
    analysis.run(recognizer, attempt);
  }

  return {
    pause,
    toggle: () => (pageState.state === 'paused' ? void resume() : pause('user')),

    /** Pause if the page is hidden; resume if it is visible again and was paused because it was hidden. */
    followVisibility() {
      if (document.hidden) pause('hidden');
      else if (pageState.state === 'paused' && reason === 'hidden') void resume();
    },
  };
}
