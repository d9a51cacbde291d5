/**
 * Draws what was recorded over time: a lane a face, a row a label, bars as high as the score; the accent colour where
 * that label is the face's highest and the network is sure of it. Pure: needs a canvas context, no document.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./recording.js').Sample} Sample
 * @typedef {import('../../../ui/overlay.js').Size} Size
 *
 * @typedef {object} Span  The time that is shown, in seconds since the start.
 * @property {number} from
 * @property {number} to
 *
 * @typedef {object} TimelineColors  CSS colours and a font family.
 * @property {string} ink
 * @property {string} quiet
 * @property {string} line
 * @property {string} bar
 * @property {string} accent
 * @property {string} font
 *
 * @typedef {object} Lane
 * @property {number} face  its number
 * @property {number} top  where its rows begin
 *
 * @typedef {object} Layout  In CSS pixels.
 * @property {Lane[]} lanes
 * @property {number} row  height of a row
 * @property {number} left  where time begins
 * @property {number} right
 * @property {number} height  of all of it
 *
 * @typedef {object} Column  What a face showed in a short time.
 * @property {number} place  columns since second 0
 * @property {Float32Array} scores  means, in the contract's order
 * @property {number} best  the place of the highest
 * @property {boolean} unsure
 */

import { formatTime } from '../../../ui/format.js';
import { SCORES } from './sample-table.js';
import { RATE } from './recording.js';
import { bestOf } from '../../../argmax.js';

/** Faces that have a lane at a time. */
export const LANES = 4;
/** A bar reaches to the next where that is no further away, in seconds. */
const HOLD = 0.5;
const AXIS = 26;
const TITLE = 32;

/**
 * Where everything stands.
 *
 * @param {number} width
 * @param {number[]} faces  their numbers
 * @param {string[]} labels
 * @returns {Layout}
 */
export function layoutTimeline(width, faces, labels) {
  const alone = faces.length < 2;
  const row = alone ? 20 : 16;
  const lane = row * labels.length + (alone ? 0 : TITLE);
  const lanes = (faces.length ? faces : [1]).map((face, index) => ({ face, top: index * lane + (alone ? 4 : TITLE) }));
  const longest = Math.max(...labels.map((label) => label.length));
  return { lanes, row, left: Math.round(longest * fontSize(row) * 0.6 + 12), right: width - 1, height: lane * lanes.length + 4 + AXIS };
}

/**
 * The faces that were in view longest in a span of time, in the order of their numbers.
 *
 * @param {Recording} recording
 * @param {Span} span
 * @returns {{shown: number[], more: number}} `more`: how many others there were
 */
export function facesIn(recording, span) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  recording.each(span, (_, __, face) => counts.set(face, (counts.get(face) ?? 0) + 1));
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([face]) => face);
  return { shown: ranked.slice(0, LANES).sort((a, b) => a - b), more: Math.max(0, ranked.length - LANES) };
}

/**
 * How long a column is, in seconds: whole samples, and at least a pixel wide.
 *
 * @param {Span} span
 * @param {number} width  in pixels
 */
export function columnLength({ from, to }, width) {
  return Math.max(1, Math.ceil(((to - from) * RATE) / Math.max(1, width) - 1e-6)) / RATE;
}

/**
 * Means over columns, which stand at the same times whatever span is shown, so that nothing flickers as it moves on.
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
    const place = Math.floor(seconds / length + 1e-6);
    let columns = found.get(face);
    if (!columns) found.set(face, (columns = []));
    let column = columns[columns.length - 1];
    if (column?.place !== place) {
      column = { place, scores: new Float32Array(count), best: 0, unsure: false, samples: 0 };
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
 * Clear the context and draw.
 *
 * @param {CanvasRenderingContext2D} context  scaled so that its units are CSS pixels
 * @param {Recording} recording
 * @param {{layout: Layout, span: Span, ink: TimelineColors, ratio: number, cursor: number | null}} options  `ratio`: device pixels
 *   a unit; `cursor`: a time that is marked, in seconds
 */
export function drawTimeline(context, recording, { layout, span, ink, ratio, cursor }) {
  const { lanes, row, left, right, height } = layout;
  const { labels } = recording.contract;
  const length = columnLength(span, right - left);
  const columns = columnsOf(recording, span, length);
  /** @param {number} seconds  @returns {number} on a whole device pixel */
  const x = (seconds) => Math.round(xOf(seconds, layout, span) * ratio) / ratio;
  context.clearRect(0, 0, right + 1, height);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  drawAxis(context, layout, span, ink);
  for (const { face, top } of lanes) {
    if (lanes.length > 1) {
      context.fillStyle = ink.ink;
      context.font = `600 14px ${ink.font}`;
      context.fillText(`Face ${face}`, 0, top - 10);
    }
    context.font = `${fontSize(row)}px ${ink.font}`;
    context.fillStyle = ink.quiet;
    labels.forEach((label, i) => context.fillText(label, 0, top + (i + 0.5) * row + 1));
    context.fillStyle = ink.line;
    for (let i = 0; i < labels.length; i += 1) context.fillRect(left, top + (i + 1) * row - 1, right - left, 1);
    drawBars(context, columns.get(face) ?? [], { top, row, left, right, length, x, ink });
  }
  if (cursor !== null && cursor >= span.from && cursor <= span.to) {
    context.fillStyle = ink.ink;
    context.fillRect(x(cursor) - 0.5, 0, 1.5, height - AXIS + 6);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Column[]} columns
 * @param {{top: number, row: number, left: number, right: number, length: number, x: (seconds: number) => number, ink: TimelineColors}} place
 */
function drawBars(context, columns, { top, row, left, right, length, x, ink }) {
  const edges = columns.map(({ place }, index) => {
    const next = columns[index + 1]?.place ?? Infinity;
    // On a slow device a result has to do until the next.
    const end = (next - place) * length <= HOLD ? next : place + 1;
    const begin = Math.max(left, x(place * length));
    return [begin, Math.min(right, x(end * length)) - begin];
  });
  for (const strong of [false, true]) {
    context.fillStyle = strong ? ink.accent : ink.bar;
    columns.forEach(({ scores, best, unsure }, index) => {
      const [begin, width] = edges[index];
      if (width <= 0) return;
      for (let i = 0; i < scores.length; i += 1) {
        const high = scores[i] * (row - 3);
        if ((i === best && !unsure) === strong && high >= 0.3) context.fillRect(begin, top + (i + 1) * row - 1 - high, width, high);
      }
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Span} span
 * @param {TimelineColors} ink
 */
function drawAxis(context, layout, span, ink) {
  const y = layout.height - AXIS + 6;
  context.font = `13px ${ink.font}`;
  for (const seconds of ticksOf(span, layout.right - layout.left)) {
    const at = xOf(seconds, layout, span);
    const words = formatTime(seconds);
    const wide = context.measureText(words).width;
    context.fillStyle = ink.line;
    context.fillRect(Math.round(at), 4, 1, y - 4);
    context.fillStyle = ink.quiet;
    context.fillText(words, Math.max(layout.left, Math.min(at - wide / 2, layout.right - wide)), y + 11);
  }
}

/** @param {number} row */
const fontSize = (row) => Math.max(12, row * 0.7);

/** Where a time stands. @param {number} seconds @param {Layout} layout @param {Span} span */
export function xOf(seconds, { left, right }, { from, to }) {
  return left + ((seconds - from) / (to - from)) * (right - left);
}

/** The time at a place, within the span. @param {number} x @param {Layout} layout @param {Span} span */
export function timeAt(x, { left, right }, { from, to }) {
  return from + Math.max(0, Math.min(1, (x - left) / (right - left))) * (to - from);
}

/** Whole times to write at the axis, at most one in 80 pixels. @param {Span} span @param {number} width @returns {number[]} */
export function ticksOf({ from, to }, width) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const step = steps.find((one) => ((to - from) / one) * 80 <= width) ?? 14400;
  const ticks = [];
  for (let seconds = Math.ceil(from / step) * step; seconds <= to; seconds += step) ticks.push(seconds);
  return ticks;
}

/**
 * What was seen at a time, of each face the nearest sample within half a second.
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
 * The same in words: what each face showed from when to when, second by second.
 *
 * @param {Recording} recording
 * @param {Span} span
 * @returns {{face: number, from: number, to: number, label: string}[]} in the order of time; `label` may be "unsure"
 */
export function segmentsOf(recording, span) {
  const { labels } = recording.contract;
  const spells = [];
  for (const [face, columns] of columnsOf(recording, span, 1)) {
    let spell = { face, from: 0, to: -1, label: '' };
    for (const { place, best, unsure } of columns) {
      const label = unsure ? 'unsure' : labels[best];
      if (spell.label === label && spell.to === place) spell.to = place + 1;
      else spells.push((spell = { face, from: place, to: place + 1, label }));
    }
  }
  return spells.sort((a, b) => a.from - b.from || a.face - b.face);
}
