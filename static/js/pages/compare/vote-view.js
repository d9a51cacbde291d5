/**
 * Show the outcome of the models' vote: in large words, and as a table of votes. The elements are those of
 * templates/compare.html.
 */

import { outcomeHeadline } from './vote.js';

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} chip  repeats the words over the picture, where the rest may be out of view
 * @returns {{show: (outcome: import('./vote.js').Outcome | null) => void}} null: there is no face in view
 */
export function createVoteView(root, chip) {
  /** @param {string} selector @param {Element} [within] @returns {HTMLElement} */
  const part = (selector, within = root) => {
    const found = within.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`the vote has no ${selector}`);
    return found;
  };
  const [label, count, rest] = ['.outcome .label', '.outcome .count', '.rest'].map((one) => part(one));
  const rows = [...root.querySelectorAll('tr[data-label]')].map((row) => ({
    row,
    name: /** @type {HTMLElement} */ (row).dataset.label ?? '',
    fill: part('.vote span', row),
    value: part('.value', row),
  }));
  return {
    show(outcome) {
      const words = outcome ? outcomeHeadline(outcome) : { label: 'No face in view', count: '', rest: '' };
      root.classList.toggle('empty', words.count === '');
      setText(label, words.label);
      setText(count, words.count);
      setText(rest, words.rest);
      setText(chip, `${words.label}${words.count && `, ${words.count}`}`);
      for (const { row, name, fill, value } of rows) {
        const votes = outcome?.tally.get(name) ?? 0;
        row.classList.toggle('best', outcome?.leading.includes(name) ?? false);
        fill.style.setProperty('--score', (outcome?.models ? votes / outcome.models : 0).toFixed(3));
        setText(value, outcome ? String(votes) : '–');
      }
    },
  };
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
