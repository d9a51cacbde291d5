/**
 * What the comparing page shows of the models: their table, what most of them see, and a sentence for screen
 * readers. Bars move with every frame, numbers and order at a pace that can be read.
 *
 * @typedef {import('../../inference/comparison.js').Compared} Compared
 * @typedef {import('../../inference/comparison.js').Score} Score
 *
 * @typedef {object} Model  As app/pages/compare_page.py has it.
 * @property {string} name
 * @property {boolean} default
 * @property {number | null} year
 * @property {string[]} labels
 * @property {string} url
 * @property {number} bytes
 * @property {number | null} parameters
 * @property {{share: number} | null} accuracy
 */

import { agree, sayAgreement } from './vote.js';
import { sorted } from './model-order.js';
import { createTable } from './model-table.js';
import { createVerdict } from './vote-view.js';
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
 * @param {(name: string) => void} events.onAgain
 */
export function createBoard(models, { onSwitch, onAgain }) {
  const said = byId('said', HTMLElement);
  const verdict = createVerdict(byId('readings', HTMLElement), byId('chip', HTMLElement));
  const table = createTable(byId('models', HTMLTableElement), { onSwitch, onAgain, onSort });
  const speechIsDue = createThrottle(SPEECH_MS);
  /** What each model saw last. @type {Map<string, Score>} */
  const latest = new Map();
  /** @type {Map<string, RecentMedian>}  milliseconds a face */
  const times = new Map();
  const detecting = new RecentMedian();
  let numbersAt = -Infinity;
  let orderAt = -Infinity;

  /** @param {string} name */
  const ms = (name) => times.get(name)?.value ?? null;

  function arrange() {
    const values = models.map(({ name, default: preset, year, bytes, parameters, accuracy }) => {
      const time = ms(name);
      // As it is shown: what is shown as equal must not change places.
      return { name, default: preset, year, bytes, parameters, accuracy: accuracy?.share ?? null, ms: time && Number(time.toFixed(1)) };
    });
    table.arrange(sorted(values, table.order).map(({ name }) => name));
  }

  /** @param {import('./model-order.js').Order} order @param {string} heading */
  function onSort({ key, down }, heading) {
    arrange();
    const first = key === 'name' ? (down ? 'last of the alphabet' : 'first of the alphabet') : down ? 'largest' : 'smallest';
    said.textContent = `Sorted by ${heading}, the ${first} at the top.`;
  }

  function showNumbers() {
    for (const score of latest.values()) table.showNumbers(score, ms(score.name)?.toFixed(1) ?? null);
    const opinions = [...latest.values()].map(({ name, label, unsure }) => {
      return { label, unsure, labels: models.find((model) => model.name === name)?.labels ?? [] };
    });
    return agree(opinions);
  }

  return {
    /** @param {Compared} compared @param {boolean} live  otherwise it is the only frame, and shown at once */
    show({ box, scores, timings }, live) {
      const now = performance.now();
      detecting.add(timings.detect);
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
      } else if (live && now - numbersAt < NUMBERS_MS) return;
      numbersAt = now;
      const agreement = showNumbers();
      verdict.show(box === null ? null : agreement);
      byId('detect', HTMLOutputElement).value = `${detecting.value?.toFixed(1)} ms once for all`;
      const sentence = box === null ? 'No face in view.' : sayAgreement(agreement);
      if (speechIsDue(sentence, now)) said.textContent = sentence;
      if (table.order.key === 'ms' && now - orderAt >= ORDER_MS) {
        orderAt = now;
        arrange();
      }
    },

    /** There is nothing to look at any more. */
    clear() {
      latest.clear();
      table.clear();
      verdict.show(null);
      said.textContent = '';
    },

    /**
     * @param {string} name
     * @param {import('./model-queue.js').Part} part
     * @param {{problem: string, started: boolean}} more
     */
    showPart(name, part, more) {
      table.showPart(name, part, more);
      if (part === 'on') return;
      latest.delete(name);
      times.delete(name);
      if (part === 'failed') said.textContent = `${name}: ${more.problem}`;
    },

    showProgress: table.showProgress,

    /** How often a model has looked, 31 at most. @param {string} name */
    looks: (name) => times.get(name)?.count ?? 0,
  };
}
