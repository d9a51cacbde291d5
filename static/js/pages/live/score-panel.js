/**
 * Show the scores of the faces as bars and the number of results per second; announce the faces to screen readers.
 *
 * @typedef {import('./video-stage.js').ShownFaces} ShownFaces
 */

import { byId } from '../../ui/dom.js';
import { createScoreBars } from '../../ui/score-bars.js';
import { facesSentence } from '../../ui/messages.js';
import { createRateMeter, createThrottle } from '../../ui/throttle.js';

/** Milliseconds between two updates of the bars: faster changes cannot be read. */
const BARS_MS = 100;
/** Milliseconds between two updates of the rate. */
const RATE_MS = 500;
/** Milliseconds between two announcements. */
const ANNOUNCEMENT_MS = 2000;

export function createScorePanel() {
  const announcement = byId('announcement', HTMLElement);
  const rateLine = byId('rate-line', HTMLElement);
  /** @type {ReturnType<typeof createScoreBars> | null} */
  let bars = null;
  /** The labels that the bars have. */
  let shownLabels = '';
  let rate = createRateMeter();
  let rateIsDue = createThrottle(RATE_MS);
  const announcementIsDue = createThrottle(ANNOUNCEMENT_MS);
  /** When the bars were updated last. */
  let updated = -Infinity;
  /** @type {ShownFaces | null}  not shown by the bars yet */
  let pending = null;

  /** @param {ShownFaces} shown @param {number} now */
  function update({ faces, numbers }, now) {
    updated = now;
    pending = null;
    bars?.show(faces, numbers);
  }

  return {
    /** @param {string[]} labels  of the model */
    begin(labels) {
      if (shownLabels !== labels.join()) bars = createScoreBars(byId('scores', HTMLElement), labels);
      shownLabels = labels.join();
    },

    /** Results come again after a pause: measure the rate anew. */
    restart() {
      rate = createRateMeter();
      rateIsDue = createThrottle(RATE_MS);
    },

    /**
     * @param {ShownFaces} shown
     * @param {boolean} moving  false for a picture, which has one result
     */
    show(shown, moving) {
      const now = performance.now();
      rateLine.hidden = !moving;
      if (!moving || now - updated >= BARS_MS) update(shown, now);
      else pending = shown;
      const perSecond = String(Math.round(rate(now)));
      if (moving && rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
      const sentence = facesSentence(shown.faces);
      if (announcementIsDue(sentence, now) || !moving) announcement.textContent = sentence;
    },

    /** No result comes for now: show the last one. */
    settle() {
      if (pending) update(pending, performance.now());
      byId('rate', HTMLOutputElement).value = '0';
    },

    clear() {
      pending = null;
      bars?.show([]);
      announcement.textContent = '';
    },
  };
}
