/**
 * Show the summary of a recording as a table: one row for each face and one for all, with the time in view and the share
 * of each label.
 *
 * @typedef {import('./recording-summary.js').Summary} Summary
 * @typedef {import('./recording-summary.js').Share} Share
 */

import { formatTime, percent } from '../../../ui/format.js';

/**
 * @param {HTMLTableElement} table
 * @param {string[]} labels
 * @param {Summary} summary
 */
export function showSummaryTable(table, labels, { faces, total }) {
  const head = ['Face', 'In view', ...labels, 'unsure'].map((text) => cell('th', text, { scope: 'col' }));
  const rows = faces.map((share) => faceRow(String(share.face), share, labels));
  // With a single face, the row of all faces would repeat its row.
  if (faces.length !== 1) rows.push(faceRow('All', total, labels));
  table.tHead?.replaceChildren(rowOf(head));
  table.tBodies[0]?.replaceChildren(...rows);
}

/**
 * @param {string} name
 * @param {Share} share
 * @param {string[]} labels
 */
function faceRow(name, { seconds, shares, unsure }, labels) {
  const values = [...labels.map((label) => shares[label]), unsure];
  const most = Math.max(...values);
  const cells = values.map((value) => {
    const td = cell('td', percent(value));
    td.classList.toggle('most', value === most && value > 0);
    td.classList.toggle('none', Math.round(value * 100) === 0);
    return td;
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
