/**
 * Show the results of the models: their table, their vote, and a sentence for screen readers. Bars change with every
 * frame, numbers and order slowly enough to be read.
 *
 * @typedef {import('../../inference/comparison.js').Compared} Compared
 * @typedef {import('../../inference/comparison.js').Score} Score
 *
 * @typedef {object} Model  One model of the page, as app/pages/compare_page.py gives it.
 * @property {string} name
 * @property {boolean} default
 * @property {number | null} year
 * @property {string[]} labels
 * @property {string} url
 * @property {number} bytes
 * @property {number | null} parameters
 * @property {{share: number} | null} accuracy
 */

import { countVotes, outcomeSentence } from './vote.js';
import { sorted } from './model-order.js';
import { createModelTable } from './model-table.js';
import { createVoteView } from './vote-view.js';
import { byId } from '../../ui/dom.js';
import { RecentMedian } from '../../median.js';
import { createThrottle } from '../../ui/throttle.js';

const NUMBERS_MS = 250;
const SPEECH_MS = 2000;
const ORDER_MS = 2000;

/**
 * @param {Model[]} models  in the order of the page
 * @param {object} events
 * @param {(name: string, on: boolean) => void} events.onSwitch
 * @param {(name: string) => void} events.onRetry
 */
export function createModelBoard(models, { onSwitch, onRetry }) {
  const announcement = byId('announcement', HTMLElement);
  const vote = createVoteView(byId('score-panel', HTMLElement), byId('chip', HTMLElement));
  const table = createModelTable(byId('models', HTMLTableElement), { onSwitch, onRetry, onSort });
  const speechIsDue = createThrottle(SPEECH_MS);
  /** The latest result of each model. @type {Map<string, Score>} */
  const latest = new Map();
  /** Milliseconds for one crop, of each model. @type {Map<string, RecentMedian>} */
  const times = new Map();
  const detectionTime = new RecentMedian();
  let numbersAt = -Infinity;
  let orderAt = -Infinity;

  /** @param {string} name */
  const ms = (name) => times.get(name)?.value ?? null;

  function arrange() {
    const values = models.map(({ name, default: preset, year, bytes, parameters, accuracy }) => {
      const time = ms(name);
      // Rounded as it is shown: models that are shown as equal must not change places.
      return { name, default: preset, year, bytes, parameters, accuracy: accuracy?.share ?? null, ms: time && Number(time.toFixed(1)) };
    });
    table.arrange(sorted(values, table.order).map(({ name }) => name));
  }

  /** @param {import('./model-order.js').Order} order @param {string} heading */
  function onSort({ key, down }, heading) {
    arrange();
    const first = key === 'name' ? (down ? 'last of the alphabet' : 'first of the alphabet') : down ? 'largest' : 'smallest';
    announcement.textContent = `Sorted by ${heading}, the ${first} at the top.`;
  }

  function showNumbers() {
    for (const score of latest.values()) table.showNumbers(score, ms(score.name)?.toFixed(1) ?? null);
    const ballots = [...latest.values()].map(({ name, label, unsure }) => {
      return { label, unsure, labels: models.find((model) => model.name === name)?.labels ?? [] };
    });
    return countVotes(ballots);
  }

  return {
    /** @param {Compared} compared @param {boolean} video  whether other frames follow; otherwise all is shown at once */
    show({ box, scores, timings }, video) {
      const now = performance.now();
      detectionTime.add(timings.detect);
      for (const score of scores) {
        latest.set(score.name, score);
        const time = times.get(score.name) ?? new RecentMedian();
        times.set(score.name, time);
        time.add(score.ms);
        table.showBars(score);
      }
      if (box === null) {
        latest.clear();
        table.clear();
      } else if (video && now - numbersAt < NUMBERS_MS) return;
      numbersAt = now;
      const outcome = showNumbers();
      vote.show(box === null ? null : outcome);
      byId('detect', HTMLOutputElement).value = `${detectionTime.value?.toFixed(1)} ms, once for all models`;
      const sentence = box === null ? 'No face in view.' : outcomeSentence(outcome);
      if (speechIsDue(sentence, now)) announcement.textContent = sentence;
      if (table.order.key === 'ms' && now - orderAt >= ORDER_MS) {
        orderAt = now;
        arrange();
      }
    },

    /** There is no source any more. */
    clear() {
      latest.clear();
      table.clear();
      vote.show(null);
      announcement.textContent = '';
    },

    /**
     * @param {string} name
     * @param {import('./model-queue.js').Status} status
     * @param {{problem: string, started: boolean}} more
     */
    showStatus(name, status, more) {
      table.showStatus(name, status, more);
      if (status === 'on') return;
      latest.delete(name);
      times.delete(name);
      if (status === 'failed') announcement.textContent = `${name}: ${more.problem}`;
    },

    showProgress: table.showProgress,

    /** How often a model has run, 31 at most. @param {string} name */
    runs: (name) => times.get(name)?.count ?? 0,
  };
}
