/**
 * The faces' scores in bars and figures, how many results a second there are, and the same spoken.
 *
 * @typedef {import('./video-stage.js').Shown} Shown
 */

import { byId } from '../../ui/dom.js';
import { createScoreBars } from '../../ui/score-bars.js';
import { facesSentence } from '../../ui/messages.js';
import { createRateMeter, createThrottle } from '../../ui/throttle.js';

/** Between two changes of the bars, in milliseconds: what changes faster cannot be read. */
const BARS_MS = 100;
const RATE_MS = 500;
/** Between two announcements. */
const SPEECH_MS = 2000;

export function createScorePanel() {
  const said = byId('said', HTMLElement);
  const rateLine = byId('rate-line', HTMLElement);
  /** @type {ReturnType<typeof createScoreBars> | null} */
  let scores = null;
  let known = '';
  let rate = createRateMeter();
  let rateIsDue = createThrottle(RATE_MS);
  const speechIsDue = createThrottle(SPEECH_MS);
  let drawn = -Infinity;
  /** @type {Shown | null}  not drawn yet */
  let late = null;

  /** @param {Shown} shown @param {number} now */
  function draw({ faces, numbers }, now) {
    drawn = now;
    late = null;
    scores?.show(faces, numbers);
  }

  return {
    /** @param {string[]} labels */
    begin(labels) {
      if (known !== labels.join()) scores = createScoreBars(byId('scores', HTMLElement), labels);
      known = labels.join();
    },

    /** Results come from now on, after none came. */
    restart() {
      rate = createRateMeter();
      rateIsDue = createThrottle(RATE_MS);
    },

    /**
     * @param {Shown} shown
     * @param {boolean} moving  whether others follow
     */
    show(shown, moving) {
      const now = performance.now();
      rateLine.hidden = !moving;
      if (!moving || now - drawn >= BARS_MS) draw(shown, now);
      else late = shown;
      const perSecond = String(Math.round(rate(now)));
      if (moving && rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
      const sentence = facesSentence(shown.faces);
      if (speechIsDue(sentence, now)) said.textContent = sentence;
    },

    /** No result comes for now: the last one is what is shown. */
    settle() {
      if (late) draw(late, performance.now());
      byId('rate', HTMLOutputElement).value = '0';
    },

    clear() {
      late = null;
      scores?.show([]);
      said.textContent = '';
    },
  };
}
