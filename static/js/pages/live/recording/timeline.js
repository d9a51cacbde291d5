/**
 * Draw a recording over time: a lane for each face, a row for each label, bars as high as the score; in the accent
 * colour where the label has the highest score and the face is not unsure. Pure: needs a canvas context, no document.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./timeline-data.js').Column} Column
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
 */

import { formatTime } from '../../../ui/format.js';
import { columnLength, columnsOf } from './timeline-data.js';

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
