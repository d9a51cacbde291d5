/**
 * What most models see, in large words and a table of votes. Fills what templates/compare.html wrote.
 */

import { showAgreement } from './vote.js';

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} chip  says the same over the picture, where the rest may be out of sight
 * @returns {{show: (agreement: import('./vote.js').Agreement | null) => void}} null: there is no face in view
 */
export function createVerdict(root, chip) {
  /** @param {string} selector @param {Element} [within] @returns {HTMLElement} */
  const part = (selector, within = root) => {
    const found = within.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`the verdict has no ${selector}`);
    return found;
  };
  const [label, count, rest] = ['.verdict .label', '.verdict .count', '.rest'].map((one) => part(one));
  const rows = [...root.querySelectorAll('tr[data-label]')].map((row) => ({
    row,
    name: /** @type {HTMLElement} */ (row).dataset.label ?? '',
    fill: part('.vote span', row),
    value: part('.value', row),
  }));
  return {
    show(agreement) {
      const words = agreement ? showAgreement(agreement) : { label: 'No face in view', count: '', rest: '' };
      root.classList.toggle('empty', words.count === '');
      setText(label, words.label);
      setText(count, words.count);
      setText(rest, words.rest);
      setText(chip, `${words.label}${words.count && `, ${words.count}`}`);
      for (const { row, name, fill, value } of rows) {
        const votes = agreement?.tally.get(name) ?? 0;
        row.classList.toggle('best', agreement?.leading.includes(name) ?? false);
        fill.style.setProperty('--score', (agreement?.models ? votes / agreement.models : 0).toFixed(3));
        setText(value, agreement ? String(votes) : '–');
      }
    },
  };
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
