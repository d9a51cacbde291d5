/**
 * Analyse the frame that a paused video shows after a seek, so that boxes and scores never belong to another frame. What
 * is found is shown, not recorded: the user looks around in the video.
 */

import { describeError } from '../../ui/messages.js';

/**
 * @param {import('./analysis.js').Parts} parts
 * @param {ReturnType<typeof import('./analysis.js').createAnalysis>} analysis
 */
export function followSeeks({ video, pageState, loader, attempts, screens }, analysis) {
  let busy = false;
  let missed = false;

  const isPaused = () => pageState.state === 'paused' && video.srcObject === null;

  video.addEventListener('seeking', () => isPaused() && analysis.hideFaces());
  video.addEventListener('seeked', () => void analyse());

  async function analyse() {
    missed = busy;
    if (busy || !isPaused()) return;
    busy = true;
    const attempt = attempts.current;
    /** Whether the video still shows the frame that is analysed, on a page that is still paused. */
    const isShown = () => attempt.isCurrent() && isPaused() && !missed && !video.seeking;
    try {
      const recognizer = await loader.kept;
      const result = await recognizer?.recognize(video);
      if (result && isShown()) analysis.showFrame(result);
    } catch (error) {
      if (isShown()) screens.showMessage(describeError(error).title);
    } finally {
      busy = false;
      if (missed) void analyse();
    }
  }
}
