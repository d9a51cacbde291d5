/**
 * The summary of a recording as a table: a row a face, then all together; how long, and the share of each label.
 *
 * @typedef {import('./recording.js').Summary} Summary
 * @typedef {import('./recording.js').Share} Share
 */

import { formatTime, percent } from '../../../ui/format.js';

/**
 * @param {HTMLTableElement} table
 * @param {string[]} labels
 * @param {Summary} summary
 */
export function showSummaryTable(table, labels, { faces, total }) {
  const head = ['Face', 'In view', ...labels, 'unsure'].map((text) => cell('th', text, { scope: 'col' }));
  const lines = faces.map((share) => line(String(share.face), share, labels));
  // Of one face, all together would say the same once more.
  if (faces.length !== 1) lines.push(line('All', total, labels));
  table.tHead?.replaceChildren(rowOf(head));
  table.tBodies[0]?.replaceChildren(...lines);
}

/**
 * @param {string} name
 * @param {Share} share
 * @param {string[]} labels
 */
function line(name, { seconds, shares, unsure }, labels) {
  const values = [...labels.map((label) => shares[label]), unsure];
  const most = Math.max(...values);
  const cells = values.map((value) => {
    const shown = cell('td', percent(value));
    shown.classList.toggle('most', value === most && value > 0);
    shown.classList.toggle('none', Math.round(value * 100) === 0);
    return shown;
  });
  return rowOf([cell('th', name, { scope: 'row' }), cell('td', formatTime(seconds)), ...cells]);
}

/** @param {HTMLElement[]} cells */
function rowOf(cells) {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}

/** @param {'th' | 'td'} tag @param {string} text @param {Record<string, string>} [more] */
function cell(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}
