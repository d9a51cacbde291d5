/**
 * Keep the recording of the present session, in memory only; show its timeline and summary, and save it as files.
 *
 * @typedef {import('./preferences.js').Preferences} Preferences
 * @typedef {import('../../types.js').ModelContract} ModelContract
 * @typedef {import('../../types.js').Result} Result
 * @typedef {import('./recording/timeline.js').Span} Span
 *
 * @typedef {object} Origin  The source that is recorded.
 * @property {'camera' | 'video' | 'picture'} kind
 * @property {string} name  of the file; '' for a camera
 * @property {number} length  of the video, in seconds; Infinity if it has no known end
 */

import { SessionClock } from './recording/session-clock.js';
import { byId } from '../../ui/dom.js';
import { csvPieces, jsonPieces } from './recording/recording-export.js';
import { Recording } from './recording/recording.js';
import { fileName, joinPieces, saveFile } from '../../ui/save-file.js';
import { showSummaryTable } from './recording/summary-table.js';
import { createTimeline } from './recording/timeline-view.js';

/** Milliseconds between two updates of the timeline. */
const DRAW_MS = 100;
/** The same where the user prefers reduced motion. */
const REDUCED_MOTION_MS = 1000;
/** Milliseconds between two updates of the summary. */
const SUMMARY_MS = 1000;
/** Shortest time, in seconds, that the timeline shows. */
const SHORTEST = 60;

/**
 * @param {{preferences: Preferences, onSeek: (seconds: number) => void}} options  `onSeek`: the user selects a time in a video
 */
export function createSession({ preferences, onSeek }) {
  const panels = byId('panels', HTMLElement);
  const panel = byId('timeline-panel', HTMLDetailsElement);
  const sessionPanel = byId('session-panel', HTMLDetailsElement);
  const spanSelect = byId('span', HTMLSelectElement);
  const table = byId('summary', HTMLTableElement);
  const timeline = createTimeline(
    {
      panel,
      canvas: byId('timeline', HTMLCanvasElement),
      readout: byId('readout', HTMLElement),
      others: byId('more-faces', HTMLElement),
      segments: byId('segments', HTMLDetailsElement),
      rows: byId('segment-rows', HTMLTableSectionElement),
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
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

  panel.open = preferences.timeline;
  sessionPanel.open = preferences.session;
  panel.addEventListener('toggle', () => (preferences.timeline = panel.open));
  sessionPanel.addEventListener('toggle', () => {
    preferences.session = sessionPanel.open;
    showTable();
  });
  spanSelect.addEventListener('change', () => {
    span = Number(spanSelect.value);
    if (origin.kind === 'camera') preferences.span = span;
    show();
  });

  /** @returns {Span} */
  function shownSpan() {
    const { kind, length } = origin;
    const finite = kind === 'video' && Number.isFinite(length);
    const latest = Math.max(0, recording?.latest ?? 0);
    const end = kind === 'camera' && timer !== undefined ? clock.seconds() : latest;
    if (span === 0) return { from: 0, to: finite ? length : Math.max(SHORTEST, end) };
    const to = Math.max(end, finite ? Math.min(span, length) : span);
    return { from: Math.max(0, to - span), to };
  }

  function show() {
    if (!recording) return;
    timeline.show(recording, shownSpan());
    if (performance.now() < summaryDue) return;
    summaryDue = performance.now() + SUMMARY_MS;
    showTable();
  }

  function showTable() {
    if (!recording || !sessionPanel.open) return;
    showSummaryTable(table, recording.contract.labels, recording.summary());
    timeline.writeSegments();
  }

  /** Update the timeline and the summary at once. */
  function showNow() {
    summaryDue = 0;
    show();
  }

  function showPanels() {
    // The panels are shown while results come, so that the page does not move with the first result.
    panels.hidden = recording === null || (recording.isEmpty && timer === undefined);
    panel.hidden = origin.kind === 'picture';
    byId('summary-part', HTMLElement).hidden = origin.kind === 'picture';
  }

  /**
   * @param {typeof csvPieces} write
   * @param {string} type  MIME type
   * @param {string} extension
   */
  async function saveAs(write, type, extension) {
    if (!recording || recording.isEmpty) return;
    const started = origin.kind === 'camera' ? clock.started : null;
    const pieces = write(recording, { kind: origin.kind, name: origin.name, started });
    saveFile(await joinPieces(pieces, type), fileName(new Date(), extension));
  }

  return {
    /**
     * Begin to record a source. The recording of a camera continues after a stop, until it is cleared or another source
     * or model is recorded.
     *
     * @param {Origin} next
     * @param {ModelContract} contract
     */
    begin(next, contract) {
      const continues = recording !== null && next.kind === 'camera' && origin.kind === 'camera' && recording.contract.model === contract.model;
      origin = next;
      if (!continues) {
        recording = new Recording(contract);
        clock = new SessionClock();
        span = next.kind === 'camera' ? preferences.span : 0;
      }
      spanSelect.value = String(span);
      showPanels();
    },

    /**
     * @param {Result} result
     * @param {number} position  of a video, in seconds
     * @returns {(number | null)[]} the faces' numbers
     */
    add(result, position) {
      if (!recording) return [];
      if (origin.kind === 'picture') return recording.addStill(result);
      return recording.add(origin.kind === 'camera' ? clock.seconds(result.timestamp) : position, result);
    },

    /** Whether there is nothing to save. */
    get isEmpty() {
      return recording === null || recording.isEmpty;
    },

    /** Whether there were several faces, so that they are shown with their numbers. */
    get several() {
      return (recording?.numbers ?? 0) > 1;
    },

    /** Results come from now on. */
    run() {
      clearInterval(timer);
      timer = setInterval(show, reducedMotion.matches ? REDUCED_MOTION_MS : DRAW_MS);
      showNow();
      showPanels();
    },

    /** No results come for now. */
    rest() {
      clearInterval(timer);
      timer = undefined;
      recording?.cut();
      showPanels();
      showNow();
    },

    /** The recognizer was replaced: its ids belong to other faces from now on. */
    restart: () => recording?.restart(),

    /** Delete the recording. */
    clear() {
      if (recording) recording = new Recording(recording.contract);
      clock = new SessionClock();
      showPanels();
      showNow();
    },

    togglePanel: () => (panel.open = !panel.open),
    saveCsv: () => saveAs(csvPieces, 'text/csv', 'csv'),
    saveJson: () => saveAs(jsonPieces, 'application/json', 'json'),
  };
}
