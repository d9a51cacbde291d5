/**
 * Show the timeline: the drawing, the readout of the scores at a time (by pointer or keyboard), and a table of segments.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./timeline.js').Span} Span
 * @typedef {import('./timeline.js').TimelineColors} TimelineColors
 * @typedef {import('./timeline.js').Layout} Layout
 *
 * @typedef {object} Elements
 * @property {HTMLDetailsElement} panel
 * @property {HTMLCanvasElement} canvas  a slider for the keyboard and for screen readers
 * @property {HTMLElement} readout  the scores at the cursor
 * @property {HTMLElement} others  says how many faces have no lane
 * @property {HTMLDetailsElement} segments  holds the table of segments
 * @property {HTMLTableSectionElement} rows  of that table
 */

import { fitCanvas } from '../../../ui/canvas.js';
import { formatTime, percent } from '../../../ui/format.js';
import { drawTimeline, layoutTimeline, timeAt } from './timeline.js';
import { facesIn, samplesAt, segmentsOf } from './timeline-data.js';

/** Most rows of the table of segments; the last segments are shown. */
const ROWS = 200;
const HINT = 'To read the scores at a time, point at the timeline or use the arrow keys.';

/**
 * @param {Elements} elements
 * @param {{onSeek?: (seconds: number) => void}} [options]  the user selects a time to seek to
 */
export function createTimeline({ panel, canvas, readout, others, segments, rows }, { onSeek } = {}) {
  /** @type {Recording | null} */
  let recording = null;
  /** @type {Span} */
  let span = { from: 0, to: 60 };
  /** @type {number | null}  a time */
  let cursor = null;
  /** @type {Layout | null} */
  let layout = null;
  /** @type {TimelineColors | null} */
  let colors = null;
  let width = 0;
  let styled = '';

  new ResizeObserver(([entry]) => {
    width = Math.floor(entry.contentRect.width);
    colors = null;
    draw();
  }).observe(/** @type {HTMLElement} */ (canvas.parentElement));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    colors = null;
    draw();
  });

  function draw() {
    if (!recording || !panel.open || width < 50) return;
    const { shown, more } = facesIn(recording, span);
    const next = layoutTimeline(width, shown, recording.contract.labels);
    if (styled !== `${width} ${next.height}`) {
      styled = `${width} ${next.height}`;
      Object.assign(canvas.style, { width: `${width}px`, height: `${next.height}px` });
    }
    layout = next;
    const text = more ? `Shown are the ${shown.length} faces that were in view longest; ${more} more are in the summary and in the files.` : '';
    if (others.textContent !== text) others.textContent = text;
    colors ??= readColors(canvas);
    const ratio = globalThis.devicePixelRatio || 1;
    const { context } = fitCanvas(canvas, { width, height: next.height });
    drawTimeline(context, recording, { layout, span, colors, ratio, cursor });
  }

  /** Write the scores at the cursor, for eyes and for screen readers. */
  function writeReadout() {
    readout.classList.toggle('at', cursor !== null);
    if (!recording || cursor === null) {
      readout.textContent = HINT;
      return;
    }
    const samples = samplesAt(recording, cursor);
    const alone = samples.length < 2 && recording.numbers < 2;
    const texts = samples.map(({ face, label, score, unsure }) =>
      `${alone ? '' : `face ${face}: `}${unsure ? 'unsure, perhaps ' : ''}${label} ${percent(score)}`,
    );
    readout.textContent = `${formatTime(cursor, true)}  ${texts.join(', ') || 'no face'}`;
    canvas.setAttribute('aria-valuenow', cursor.toFixed(1));
    canvas.setAttribute('aria-valuetext', readout.textContent);
  }

  /** @param {number | null} seconds */
  function setCursor(seconds) {
    cursor = seconds === null ? null : Math.max(span.from, Math.min(span.to, seconds));
    writeReadout();
    draw();
  }

  /** @param {PointerEvent | MouseEvent} event */
  const timeUnder = (event) => timeAt(event.offsetX, /** @type {Layout} */ (layout), span);
  canvas.addEventListener('pointermove', (event) => layout && setCursor(timeUnder(event)));
  canvas.addEventListener('pointerdown', (event) => layout && setCursor(timeUnder(event)));
  canvas.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && document.activeElement !== canvas && setCursor(null));
  canvas.addEventListener('blur', () => setCursor(null));
  canvas.addEventListener('click', (event) => layout && onSeek?.(timeUnder(event)));
  canvas.addEventListener('keydown', (event) => {
    const end = Math.min(span.to, recording?.latest ?? 0);
    const now = cursor ?? end;
    /** @type {Record<string, number>} */
    const to = {
      ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
      PageDown: now - 10, PageUp: now + 10, Home: span.from, End: end,
    };
    if (event.key === 'Enter' && cursor !== null) onSeek?.(cursor);
    if (!(event.key in to) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setCursor(Math.min(end, to[event.key]));
  });

  function writeSegments() {
    if (!recording || !segments.open || !panel.open) return;
    const found = segmentsOf(recording, { from: 0, to: recording.latest }).slice(-ROWS);
    rows.replaceChildren(
      ...found.map(({ face, from, to, label }) => {
        const row = document.createElement('tr');
        row.append(...[formatTime(from), formatTime(to), String(face), label].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
        return row;
      }),
    );
  }
  segments.addEventListener('toggle', writeSegments);
  panel.addEventListener('toggle', () => {
    draw();
    writeSegments();
  });
  writeReadout();

  return {
    /**
     * @param {Recording} next
     * @param {Span} shown
     */
    show(next, shown) {
      if (next !== recording) [recording, cursor] = [next, null];
      span = shown;
      canvas.setAttribute('aria-valuemin', span.from.toFixed(1));
      canvas.setAttribute('aria-valuemax', span.to.toFixed(1));
      if (cursor === null) canvas.setAttribute('aria-valuenow', Math.min(span.to, Math.max(span.from, next.latest)).toFixed(1));
      else if (cursor < span.from) setCursor(span.from);
      draw();
    },
    writeSegments,
  };
}

/** @param {HTMLElement} element @returns {TimelineColors} from the custom properties that apply to the element */
function readColors(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read('--text'), muted: read('--text-muted'), line: read('--line'), bar: read('--bar'), accent: read('--accent'),
    font: style.fontFamily,
  };
}
