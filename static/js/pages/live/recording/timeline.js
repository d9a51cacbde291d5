/**
 * Draw a recording over time: a lane for each face, a row for each label, bars as high as the score; in the accent
 * colour where the label has the highest score and the face is not unsure. Pure: needs a canvas context, no document.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./recording.js').Sample} Sample
 * @typedef {import('../../../ui/overlay.js').Size} Size
 *
 * @typedef {object} Span  A time span, in seconds since the start.
 * @property {number} from
 * @property {number} to
 *
 * @typedef {object} TimelineColors  CSS colours and a font family.
 * @property {string} text
 * @property {string} muted
 * @property {string} line
 * @property {string} bar
 * @property {string} accent
 * @property {string} font
 *
 * @typedef {object} Lane
 * @property {number} face  its number
 * @property {number} top  y of its first row
 *
 * @typedef {object} Layout  In CSS pixels.
 * @property {Lane[]} lanes
 * @property {number} row  height of a row
 * @property {number} left  x where the time span begins
 * @property {number} right  x where it ends
 * @property {number} height  of the whole drawing
 *
 * @typedef {object} Column  Mean scores of a face in a short time.
 * @property {number} index  number of columns since second 0
 * @property {Float32Array} scores  means, in the contract's order
 * @property {number} best  index of the highest score
 * @property {boolean} unsure
 */

import { formatTime } from '../../../ui/format.js';
import { SCORES } from './sample-table.js';
import { RATE } from './recording.js';
import { bestOf } from '../../../argmax.js';

/** Most faces that have a lane at the same time. */
export const LANES = 4;
/** A bar extends to the next one if that is at most this far away, in seconds. */
const HOLD = 0.5;
/** Height of the time axis, in pixels. */
const AXIS = 26;
/** Height of a lane's title, in pixels. */
const TITLE = 32;

/**
 * Compute the layout.
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
 * Clear the canvas and draw.
 *
 * @param {CanvasRenderingContext2D} context  scaled so that its units are CSS pixels
 * @param {Recording} recording
 * @param {{layout: Layout, span: Span, colors: TimelineColors, ratio: number, cursor: number | null}} options  `ratio`: device pixels
 *   per unit; `cursor`: a time to mark, in seconds
 */
export function drawTimeline(context, recording, { layout, span, colors, ratio, cursor }) {
  const { lanes, row, left, right, height } = layout;
  const { labels } = recording.contract;
  const length = columnLength(span, right - left);
  const columns = columnsOf(recording, span, length);
  /** @param {number} seconds  @returns {number} on a whole device pixel */
  const x = (seconds) => Math.round(xOf(seconds, layout, span) * ratio) / ratio;
  context.clearRect(0, 0, right + 1, height);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  drawAxis(context, layout, span, colors);
  for (const { face, top } of lanes) {
    if (lanes.length > 1) {
      context.fillStyle = colors.text;
      context.font = `600 14px ${colors.font}`;
      context.fillText(`Face ${face}`, 0, top - 10);
    }
    context.font = `${fontSize(row)}px ${colors.font}`;
    context.fillStyle = colors.muted;
    labels.forEach((label, i) => context.fillText(label, 0, top + (i + 0.5) * row + 1));
    context.fillStyle = colors.line;
    for (let i = 0; i < labels.length; i += 1) context.fillRect(left, top + (i + 1) * row - 1, right - left, 1);
    drawBars(context, columns.get(face) ?? [], { top, row, left, right, length, x, colors });
  }
  if (cursor !== null && cursor >= span.from && cursor <= span.to) {
    context.fillStyle = colors.text;
    context.fillRect(x(cursor) - 0.5, 0, 1.5, height - AXIS + 6);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Column[]} columns
 * @param {{top: number, row: number, left: number, right: number, length: number, x: (seconds: number) => number, colors: TimelineColors}} place
 */
function drawBars(context, columns, { top, row, left, right, length, x, colors }) {
  const edges = columns.map(({ index }, i) => {
    const next = columns[i + 1]?.index ?? Infinity;
    // On a slow device, a result is shown until the next one.
    const end = (next - index) * length <= HOLD ? next : index + 1;
    const begin = Math.max(left, x(index * length));
    return [begin, Math.min(right, x(end * length)) - begin];
  });
  for (const strong of [false, true]) {
    context.fillStyle = strong ? colors.accent : colors.bar;
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
 * @param {TimelineColors} colors
 */
function drawAxis(context, layout, span, colors) {
  const y = layout.height - AXIS + 6;
  context.font = `13px ${colors.font}`;
  for (const seconds of ticksOf(span, layout.right - layout.left)) {
    const at = xOf(seconds, layout, span);
    const text = formatTime(seconds);
    const width = context.measureText(text).width;
    context.fillStyle = colors.line;
    context.fillRect(Math.round(at), 4, 1, y - 4);
    context.fillStyle = colors.muted;
    context.fillText(text, Math.max(layout.left, Math.min(at - width / 2, layout.right - width)), y + 11);
  }
}

/** @param {number} row */
const fontSize = (row) => Math.max(12, row * 0.7);

/** The x of a time. @param {number} seconds @param {Layout} layout @param {Span} span */
export function xOf(seconds, { left, right }, { from, to }) {
  return left + ((seconds - from) / (to - from)) * (right - left);
}

/** The time at an x, limited to the span. @param {number} x @param {Layout} layout @param {Span} span */
export function timeAt(x, { left, right }, { from, to }) {
  return from + Math.max(0, Math.min(1, (x - left) / (right - left))) * (to - from);
}

/** Round times for the labels of the axis, at most one in 80 pixels. @param {Span} span @param {number} width @returns {number[]} */
export function ticksOf({ from, to }, width) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const step = steps.find((one) => ((to - from) / one) * 80 <= width) ?? 14400;
  const ticks = [];
  for (let seconds = Math.ceil(from / step) * step; seconds <= to; seconds += step) ticks.push(seconds);
  return ticks;
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
