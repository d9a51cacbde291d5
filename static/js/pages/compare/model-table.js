/**
 * Fill and sort the table of the models. Its rows are those of templates/compare.html.
 *
 * @typedef {import('../../inference/comparison.js').Score} Score
 * @typedef {import('./model-order.js').Order} Order
 * @typedef {import('./model-order.js').SortKey} SortKey
 * @typedef {import('./model-queue.js').Status} Status
 *
 * @typedef {object} ModelRow  The elements of one model's row.
 * @property {HTMLElement} root
 * @property {HTMLInputElement} checkbox  on or off
 * @property {HTMLElement} status
 * @property {HTMLProgressElement} progress
 * @property {HTMLElement} retry
 * @property {HTMLElement} sees
 * @property {HTMLElement} ms
 * @property {Map<string, {cell: HTMLElement, fill: HTMLElement, value: HTMLElement}>} scores
 */

import { FIRST_ORDER, nextOrder } from './model-order.js';
import { percent } from '../../ui/format.js';

/**
 * @param {HTMLTableElement} table
 * @param {{onSwitch: (name: string, on: boolean) => void, onRetry: (name: string) => void,
 *   onSort: (order: Order, heading: string) => void}} events
 */
export function createModelTable(table, { onSwitch, onRetry, onSort }) {
  /** @type {Map<string, ModelRow>} */
  const rows = new Map();
  /** @type {Order} */
  let order = FIRST_ORDER;

  for (const root of table.querySelectorAll('tr[data-model]')) {
    const name = /** @type {HTMLElement} */ (root).dataset.model ?? '';
    const row = readRow(/** @type {HTMLElement} */ (root));
    rows.set(name, row);
    row.checkbox.addEventListener('change', () => onSwitch(name, row.checkbox.checked));
    row.retry.querySelector('button')?.addEventListener('click', () => {
      row.checkbox.focus(); // the button is about to be hidden
      onRetry(name);
    });
  }
  for (const heading of headings()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener('click', () => {
      order = nextOrder(order, /** @type {SortKey} */ (heading.dataset.sort));
      for (const one of headings()) {
        if (one === heading) one.ariaSort = order.down ? 'descending' : 'ascending';
        else one.ariaSort = null;
      }
      onSort(order, button.textContent ?? '');
    });
  }
  table.classList.remove('still');

  /** @returns {HTMLElement[]} */
  function headings() {
    return [...table.querySelectorAll('th[data-sort]')].map((one) => /** @type {HTMLElement} */ (one));
  }

  /** @param {string} name */
  const rowOf = (name) => /** @type {ModelRow} */ (rows.get(name));

  return {
    /** The present order. */
    get order() {
      return order;
    },

    /** Sorts the rows. @param {string[]} names  all of them, in their new order */
    arrange(names) {
      const [body] = table.tBodies;
      const wanted = names.map((name) => rowOf(name).root);
      if (wanted.every((root, index) => body.children[index] === root)) return;
      // Moving a row takes the focus away from it.
      const focused = body.contains(document.activeElement) ? document.activeElement : null;
      body.append(...wanted);
      if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    },

    /**
     * @param {string} name
     * @param {Status} status
     * @param {{problem: string, started: boolean}} more  started: models are being loaded and run
     */
    showStatus(name, status, { problem, started }) {
      const row = rowOf(name);
      row.root.dataset.status = status;
      row.checkbox.checked = status !== 'off' && status !== 'failed';
      const words = status === 'failed' ? problem : status === 'waiting' && started ? 'waits for the others' : '';
      setText(row.status, words);
      row.status.hidden = words === '';
      row.progress.hidden = status !== 'loading';
      if (status !== 'loading') row.progress.value = 0;
      row.retry.hidden = status !== 'failed';
      if (status !== 'on') clear(row);
    },

    /** @param {string} name @param {number} fraction  0..1 */
    showProgress(name, fraction) {
      rowOf(name).progress.value = fraction;
    },

    /** @param {Score} score */
    showBars({ name, label, scores, unsure }) {
      const row = rowOf(name);
      row.root.classList.toggle('unsure', unsure);
      for (const [key, { cell, fill }] of row.scores) {
        fill.style.setProperty('--score', (scores[key] ?? 0).toFixed(3));
        cell.classList.toggle('best', key === label);
      }
    },

    /**
     * Shows the numbers, which could not be read if they changed with every frame.
     *
     * @param {Score} score
     * @param {string | null} ms
     */
    showNumbers({ name, label, score, scores, unsure }, ms) {
      const row = rowOf(name);
      const [word, value] = [...row.sees.children];
      setText(word, unsure ? 'unsure' : label);
      setText(value, unsure ? `perhaps ${label}` : percent(score));
      for (const [key, one] of row.scores) setText(one.value, percent(scores[key] ?? 0));
      if (ms !== null) setText(row.ms, ms);
    },

    /** Removes all scores: there is no face. */
    clear() {
      for (const row of rows.values()) clear(row);
    },
  };
}

/** @param {ModelRow} row */
function clear({ root, sees, scores }) {
  root.classList.remove('unsure');
  for (const one of sees.children) setText(one, '');
  for (const { cell, fill, value } of scores.values()) {
    cell.classList.remove('best');
    fill.style.removeProperty('--score');
    setText(value, '');
  }
}

/** @param {HTMLElement} root @returns {ModelRow} */
function readRow(root) {
  /** @template {HTMLElement} T @param {string} selector @param {new () => T} kind @param {HTMLElement} [within] @returns {T} */
  const part = (selector, kind, within = root) => {
    const found = within.querySelector(selector);
    if (!(found instanceof kind)) throw new Error(`a row has no ${selector}`);
    return found;
  };
  const cells = [...root.querySelectorAll('td.score[data-label]')].map((one) => /** @type {HTMLElement} */ (one));
  return {
    root,
    checkbox: part('input', HTMLInputElement),
    status: part('.status', HTMLElement),
    progress: part('progress', HTMLProgressElement),
    retry: part('.retry', HTMLElement),
    sees: part('.sees', HTMLElement),
    ms: part('.ms .figure', HTMLElement),
    scores: new Map(
      cells.map((cell) => [
        cell.dataset.label ?? '',
        { cell, fill: part('.level span', HTMLElement, cell), value: part('.value', HTMLElement, cell) },
      ]),
    ),
  };
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
