/**
 * The timeline on the page: the drawing, the reading at a time by pointer or keys, and the same in words.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./timeline.js').Span} Span
 * @typedef {import('./timeline.js').TimelineColors} TimelineColors
 * @typedef {import('./timeline.js').Layout} Layout
 *
 * @typedef {object} Elements
 * @property {HTMLDetailsElement} panel
 * @property {HTMLCanvasElement} canvas  a slider to the keyboard and to screen readers
 * @property {HTMLElement} reading  what was seen at the cursor
 * @property {HTMLElement} others  of faces that have no lane
 * @property {HTMLDetailsElement} words
 * @property {HTMLTableSectionElement} rows  of the table of words
 */

import { fitCanvas } from '../../../ui/canvas.js';
import { formatTime, percent } from '../../../ui/format.js';
import { drawTimeline, facesIn, layoutTimeline, samplesAt, segmentsOf, timeAt } from './timeline.js';

/** The table of words has this many rows, the last ones. */
const ROWS = 200;
const HINT = 'Point at it, or use its arrow keys, to read a moment.';

/**
 * @param {Elements} elements
 * @param {{onSeek?: (seconds: number) => void}} [options]  the visitor picks a time to go to
 */
export function createTimeline({ panel, canvas, reading, others, words, rows }, { onSeek } = {}) {
  /** @type {Recording | null} */
  let recording = null;
  /** @type {Span} */
  let span = { from: 0, to: 60 };
  /** @type {number | null}  a time */
  let cursor = null;
  /** @type {Layout | null} */
  let layout = null;
  /** @type {TimelineColors | null} */
  let ink = null;
  let width = 0;
  let styled = '';

  new ResizeObserver(([entry]) => {
    width = Math.floor(entry.contentRect.width);
    ink = null;
    draw();
  }).observe(/** @type {HTMLElement} */ (canvas.parentElement));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    ink = null;
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
    const words = more ? `The ${shown.length} faces in view longest; ${more} more in the summary and the files.` : '';
    if (others.textContent !== words) others.textContent = words;
    ink ??= readColors(canvas);
    const ratio = globalThis.devicePixelRatio || 1;
    const { context } = fitCanvas(canvas, { width, height: next.height });
    drawTimeline(context, recording, { layout, span, ink, ratio, cursor });
  }

  /** What was seen at the cursor, for eyes and for screen readers. */
  function read() {
    reading.classList.toggle('at', cursor !== null);
    if (!recording || cursor === null) {
      reading.textContent = HINT;
      return;
    }
    const samples = samplesAt(recording, cursor);
    const alone = samples.length < 2 && recording.numbers < 2;
    const said = samples.map(({ face, label, score, unsure }) =>
      `${alone ? '' : `face ${face}: `}${unsure ? 'unsure, perhaps ' : ''}${label} ${percent(score)}`,
    );
    reading.textContent = `${formatTime(cursor, true)}  ${said.join(', ') || 'no face'}`;
    canvas.setAttribute('aria-valuenow', cursor.toFixed(1));
    canvas.setAttribute('aria-valuetext', reading.textContent);
  }

  /** @param {number | null} seconds */
  function point(seconds) {
    cursor = seconds === null ? null : Math.max(span.from, Math.min(span.to, seconds));
    read();
    draw();
  }

  /** @param {PointerEvent | MouseEvent} event */
  const under = (event) => timeAt(event.offsetX, /** @type {Layout} */ (layout), span);
  canvas.addEventListener('pointermove', (event) => layout && point(under(event)));
  canvas.addEventListener('pointerdown', (event) => layout && point(under(event)));
  canvas.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && document.activeElement !== canvas && point(null));
  canvas.addEventListener('blur', () => point(null));
  canvas.addEventListener('click', (event) => layout && onSeek?.(under(event)));
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
    point(Math.min(end, to[event.key]));
  });

  function writeWords() {
    if (!recording || !words.open || !panel.open) return;
    const spells = segmentsOf(recording, { from: 0, to: recording.latest }).slice(-ROWS);
    rows.replaceChildren(
      ...spells.map(({ face, from, to, label }) => {
        const row = document.createElement('tr');
        row.append(...[formatTime(from), formatTime(to), String(face), label].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
        return row;
      }),
    );
  }
  words.addEventListener('toggle', writeWords);
  panel.addEventListener('toggle', () => {
    draw();
    writeWords();
  });
  read();

  return {
    /**
     * @param {Recording} of
     * @param {Span} shown
     */
    show(of, shown) {
      if (of !== recording) [recording, cursor] = [of, null];
      span = shown;
      canvas.setAttribute('aria-valuemin', span.from.toFixed(1));
      canvas.setAttribute('aria-valuemax', span.to.toFixed(1));
      if (cursor === null) canvas.setAttribute('aria-valuenow', Math.min(span.to, Math.max(span.from, of.latest)).toFixed(1));
      else if (cursor < span.from) point(span.from);
      draw();
    },
    writeWords,
  };
}

/** @param {HTMLElement} element @returns {TimelineColors} from the custom properties that hold for the element */
function readColors(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'), quiet: read('--quiet'), line: read('--line'), bar: read('--bar'), accent: read('--accent'),
    font: style.fontFamily,
  };
}
