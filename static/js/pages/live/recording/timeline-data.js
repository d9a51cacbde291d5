/**
 * Read a recording for the timeline: the faces in a time span, mean scores over columns, samples and segments. Pure.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./recording.js').Sample} Sample
 * @typedef {import('./timeline.js').Span} Span
 *
 * @typedef {object} Column  Mean scores of a face in a short time.
 * @property {number} index  number of columns since second 0
 * @property {Float32Array} scores  means, in the contract's order
 * @property {number} best  index of the highest score
 * @property {boolean} unsure
 */

import { SCORES } from './sample-table.js';
import { RATE } from './recording.js';
import { bestOf } from '../../../argmax.js';

/** Most faces that have a lane at the same time. */
export const LANES = 4;

/**
 * Find the faces that were in view longest in a time span, in the order of their numbers.
 *
 * @param {Recording} recording
 * @param {Span} span
 * @returns {{shown: number[], more: number}} `more`: number of other faces
 */
export function facesIn(recording, span) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  recording.each(span, (_, __, face) => counts.set(face, (counts.get(face) ?? 0) + 1));
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([face]) => face);
  return { shown: ranked.slice(0, LANES).sort((a, b) => a - b), more: Math.max(0, ranked.length - LANES) };
}

/**
 * Compute the length of a column, in seconds: whole samples, and at least one pixel wide.
 *
 * @param {Span} span
 * @param {number} width  in pixels
 */
export function columnLength({ from, to }, width) {
  return Math.max(1, Math.ceil(((to - from) * RATE) / Math.max(1, width) - 1e-6)) / RATE;
}

/**
 * Average the scores over columns. Columns begin at the same times for every span, so that nothing flickers as the span
 * moves.
 *
 * @param {Recording} recording
 * @param {Span} span
 * @param {number} length  of a column, in seconds
 * @returns {Map<number, Column[]>} by the face's number
 */
export function columnsOf(recording, { from, to }, length) {
  const count = recording.contract.labels.length;
  /** @type {Map<number, (Column & {samples: number})[]>} */
  const found = new Map();
  recording.each({ from: Math.floor(from / length) * length, to }, (table, at, face, seconds) => {
    const index = Math.floor(seconds / length + 1e-6);
    let columns = found.get(face);
    if (!columns) found.set(face, (columns = []));
    let column = columns[columns.length - 1];
    if (column?.index !== index) {
      column = { index, scores: new Float32Array(count), best: 0, unsure: false, samples: 0 };
      columns.push(column);
    }
    for (let i = 0; i < count; i += 1) column.scores[i] += table[at + SCORES + i];
    column.samples += 1;
  });
  for (const columns of found.values()) {
    for (const column of columns) {
      for (let i = 0; i < count; i += 1) column.scores[i] /= column.samples;
      const { index, unsure } = bestOf(column.scores, recording.contract);
      Object.assign(column, { best: index, unsure });
    }
  }
  return found;
}

/**
 * Find the samples at a time: for each face the nearest one within half a second.
 *
 * @param {Recording} recording
 * @param {number} seconds
 * @returns {Sample[]} by the faces' numbers
 */
export function samplesAt(recording, seconds) {
  /** @type {Map<number, {away: number, sample: Sample}>} */
  const nearest = new Map();
  recording.each({ from: seconds - 0.5, to: seconds + 0.5 }, (table, at, face, when) => {
    const away = Math.abs(when + 0.5 / RATE - seconds);
    if (away > 0.5 || away >= (nearest.get(face)?.away ?? Infinity)) return;
    nearest.set(face, { away, sample: recording.sampleAt(table, at, face, when) });
  });
  return [...nearest.values()].map(({ sample }) => sample).sort((a, b) => a.face - b.face);
}

/**
 * Find the segments of time in which a face kept the same label, in whole seconds.
 *
 * @param {Recording} recording
 * @param {Span} span
 * @returns {{face: number, from: number, to: number, label: string}[]} in order of time; `label` may be "unsure"
 */
export function segmentsOf(recording, span) {
  const { labels } = recording.contract;
  const segments = [];
  for (const [face, columns] of columnsOf(recording, span, 1)) {
    let segment = { face, from: 0, to: -1, label: '' };
    for (const { index, best, unsure } of columns) {
      const label = unsure ? 'unsure' : labels[best];
      if (segment.label === label && segment.to === index) segment.to = index + 1;
      else segments.push((segment = { face, from: index, to: index + 1, label }));
    }
  }
  return segments.sort((a, b) => a.from - b.from || a.face - b.face);
}
