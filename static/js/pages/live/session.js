/**
 * What the page keeps of what was seen, in memory alone: the recording with its timeline and summary, and the files
 * that the visitor may save. Gone with the page.
 *
 * @typedef {import('./preferences.js').Preferences} Preferences
 * @typedef {import('../../types.js').ModelContract} ModelContract
 * @typedef {import('../../types.js').Result} Result
 * @typedef {import('./recording/timeline.js').Span} Span
 *
 * @typedef {object} Origin  What is recorded.
 * @property {'camera' | 'video' | 'picture'} kind
 * @property {string} name  of the file
 * @property {number} length  of the film, in seconds; Infinity where it has no known end
 */

import { SessionClock } from './recording/session-clock.js';
import { byId } from '../../ui/dom.js';
import { csvPieces, jsonPieces } from './recording/recording-export.js';
import { Recording } from './recording/recording.js';
import { fileName, joinPieces, saveFile } from '../../ui/save-file.js';
import { showSummaryTable } from './recording/summary-table.js';
import { createTimeline } from './recording/timeline-view.js';

/** Between two drawings of the timeline, in milliseconds; and where less motion is asked for. */
const DRAW_MS = 100;
const CALM_MS = 1000;
const SUMMARY_MS = 1000;
/** The timeline shows this many seconds at least. */
const SHORTEST = 60;

/**
 * @param {{preferences: Preferences, onSeek: (seconds: number) => void}} options  `onSeek`: the visitor picks a time of a film
 */
export function createSession({ preferences, onSeek }) {
  const panels = byId('panels', HTMLElement);
  const panel = byId('timeline-panel', HTMLDetailsElement);
  const sessionPanel = byId('session-panel', HTMLDetailsElement);
  const spans = byId('span', HTMLSelectElement);
  const table = byId('summary', HTMLTableElement);
  const timeline = createTimeline(
    {
      panel,
      canvas: byId('timeline', HTMLCanvasElement),
      reading: byId('reading', HTMLElement),
      others: byId('others', HTMLElement),
      words: byId('words', HTMLDetailsElement),
      rows: byId('spells', HTMLTableSectionElement),
    },
    { onSeek: (seconds) => origin.kind === 'video' && onSeek(seconds) },
  );
  /** @type {Recording | null} */
  let recording = null;
  /** @type {Origin} */
  let origin = { kind: 'camera', name: '', length: Infinity };
  let clock = new SessionClock();
  let span = preferences.span;
  let summaryDue = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  panel.open = preferences.timeline;
  sessionPanel.open = preferences.session;
  panel.addEventListener('toggle', () => (preferences.timeline = panel.open));
  sessionPanel.addEventListener('toggle', () => {
    preferences.session = sessionPanel.open;
    showTable();
  });
  spans.addEventListener('change', () => {
    span = Number(spans.value);
    if (origin.kind === 'camera') preferences.span = span;
    show();
  });

  /** @returns {Span} */
  function shown() {
    const { kind, length } = origin;
    const film = kind === 'video' && Number.isFinite(length);
    const latest = Math.max(0, recording?.latest ?? 0);
    const end = kind === 'camera' && timer !== undefined ? clock.seconds() : latest;
    if (span === 0) return { from: 0, to: film ? length : Math.max(SHORTEST, end) };
    const to = Math.max(end, film ? Math.min(span, length) : span);
    return { from: Math.max(0, to - span), to };
  }

  function show() {
    if (!recording) return;
    timeline.show(recording, shown());
    if (performance.now() < summaryDue) return;
    summaryDue = performance.now() + SUMMARY_MS;
    showTable();
  }

  function showTable() {
    if (!recording || !sessionPanel.open) return;
    showSummaryTable(table, recording.contract.labels, recording.summary());
    timeline.writeWords();
  }

  /** Everything as it is now, whatever was shown a moment ago. */
  function settle() {
    summaryDue = 0;
    show();
  }

  function showPanels() {
    // While results come the panels stand, so that the page does not jump with the first of them.
    panels.hidden = recording === null || (recording.isEmpty && timer === undefined);
    panel.hidden = origin.kind === 'picture';
    byId('summary-part', HTMLElement).hidden = origin.kind === 'picture';
  }

  /**
   * @param {typeof csvPieces} write
   * @param {string} type
   * @param {string} ending
   */
  async function saveAs(write, type, ending) {
    if (!recording || recording.isEmpty) return;
    const started = origin.kind === 'camera' ? clock.started : null;
    const pieces = write(recording, { kind: origin.kind, name: origin.name, started });
    saveFile(await joinPieces(pieces, type), fileName(new Date(), ending));
  }

  return {
    /**
     * Before the first result of a source. A camera's recording goes on after a stop, until it is cleared or something
     * else is recorded.
     *
     * @param {Origin} next
     * @param {ModelContract} contract
     */
    begin(next, contract) {
      const goesOn = recording !== null && next.kind === 'camera' && origin.kind === 'camera' && recording.contract.model === contract.model;
      origin = next;
      if (!goesOn) {
        recording = new Recording(contract);
        clock = new SessionClock();
        span = next.kind === 'camera' ? preferences.span : 0;
      }
      spans.value = String(span);
      showPanels();
    },

    /**
     * @param {Result} result
     * @param {number} position  of a film, in seconds
     * @returns {(number | null)[]} the faces' numbers
     */
    add(result, position) {
      if (!recording) return [];
      if (origin.kind === 'picture') return recording.addStill(result);
      return recording.add(origin.kind === 'camera' ? clock.seconds(result.timestamp) : position, result);
    },

    /** Whether there is nothing that could be saved. */
    get isEmpty() {
      return recording === null || recording.isEmpty;
    },

    /** Whether faces are told apart by number: there were several. */
    get several() {
      return (recording?.numbers ?? 0) > 1;
    },

    /** Results come from now on. */
    run() {
      clearInterval(timer);
      timer = setInterval(show, calm.matches ? CALM_MS : DRAW_MS);
      settle();
      showPanels();
    },

    /** No results come for now. */
    rest() {
      clearInterval(timer);
      timer = undefined;
      recording?.cut();
      showPanels();
      settle();
    },

    /** The recognizer gives its ids anew. */
    restart: () => recording?.restart(),

    /** Forget all of it. */
    clear() {
      if (recording) recording = new Recording(recording.contract);
      clock = new SessionClock();
      showPanels();
      settle();
    },

    togglePanel: () => (panel.open = !panel.open),
    saveCsv: () => saveAs(csvPieces, 'text/csv', 'csv'),
    saveJson: () => saveAs(jsonPieces, 'application/json', 'json'),
  };
}
