/**
 * Write a recording as CSV and JSON, in pieces, so that a long recording does not block the page. Pure.
 *
 * The CSV file has the columns of the tables that `python -m app.batch` writes (app/batch/schema.py).
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./recording.js').Sample} Sample
 *
 * @typedef {object} RecordedSource  Where a recording comes from.
 * @property {'camera' | 'video' | 'picture'} kind
 * @property {string} name  of the file; '' for a camera
 * @property {Date | null} started  time of second 0; null for files, whose seconds are positions in the video
 */

import { csvLine, mapValues, plainText, writeLength, writeScore } from '../../../ui/csv.js';
import { RATE } from './recording.js';

/** Columns of the CSV file; score_<label> for each label of the model follows. */
export const COLUMNS = [
  'file', 'frame', 'time', 'seconds', 'face', 'results', 'image_width', 'image_height', 'model', 'contract_version',
  'x', 'y', 'width', 'height', 'label', 'score', 'unsure', 'resting_face',
];
/** Identification of the JSON file. */
const KIND = 'mien-recording';
const VERSION = 1;
/** Samples in one piece. */
const PIECE = 200;

/**
 * Write one line for each sample: one face in one tenth of a second.
 *
 * @param {Recording} recording
 * @param {RecordedSource} source
 * @returns {Generator<string, void>} pieces of the file, in order
 */
export function* csvPieces(recording, source) {
  const { model, labels, contract_version } = recording.contract;
  yield csvLine([...COLUMNS, ...labels.map((label) => `score_${label}`)]);
  // A browser does not tell the numbers of frames.
  const [file, frame] = [plainText(source.name), ''];
  yield* pieces(recording, ({ seconds, face, results, image, box, label, score, scores, unsure, resting_face }) =>
    csvLine([
      file, frame, timeOf(source, seconds) ?? '', seconds.toFixed(1), face, results, image.width, image.height, model, contract_version,
      ...Object.values(mapValues(box, writeLength)), label, writeScore(score), String(unsure), String(resting_face),
      ...Object.values(mapValues(scores, writeScore)),
    ]),
  );
}

/**
 * @param {Recording} recording
 * @param {RecordedSource} source
 * @returns {Generator<string, void>} pieces of the file, in order
 */
export function* jsonPieces(recording, source) {
  const { model, labels, contract_version, calibration } = recording.contract;
  const head = {
    kind: KIND,
    version: VERSION,
    source: { kind: source.kind, name: source.name },
    started: source.started?.toISOString() ?? null,
    model,
    contract_version,
    labels,
    unsure_below: calibration.unsure_below,
    samples_per_second: RATE,
    dropped_before: recording.droppedBefore,
    summary: rounded(recording.summary()),
  };
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "samples": [`;
  let first = true;
  for (const piece of pieces(recording, (sample) => `,\n    ${JSON.stringify(jsonSample(sample, source))}`)) {
    yield first ? piece.slice(1) : piece;
    first = false;
  }
  yield first ? ']\n}\n' : '\n  ]\n}\n';
}

/**
 * @param {Recording} recording
 * @param {(sample: Sample) => string} write
 */
function* pieces(recording, write) {
  const { end } = recording;
  for (let first = recording.dropped; first < end; first += PIECE) {
    let text = '';
    recording.eachRow(first, Math.min(first + PIECE, end), (...row) => (text += write(recording.sampleAt(...row))));
    if (text) yield text;
  }
}

/** @param {RecordedSource} source @param {number} seconds @returns {string | null} ISO 8601, UTC */
function timeOf({ started }, seconds) {
  return started ? new Date(started.getTime() + Math.round(seconds * 1000)).toISOString() : null;
}

/** @param {Sample} sample @param {RecordedSource} source */
function jsonSample({ seconds, face, results, image, box, label, score, scores, unsure, resting_face }, source) {
  /** @param {Record<string, number>} values @param {(value: number) => string} change */
  const rewritten = (values, change) => Object.fromEntries(Object.entries(mapValues(values, change)).map(([key, text]) => [key, Number(text)]));
  return {
    time: timeOf(source, seconds),
    seconds,
    face,
    results,
    image,
    box: rewritten({ ...box }, writeLength),
    label,
    score: Number(writeScore(score)),
    scores: rewritten(scores, writeScore),
    unsure,
    resting_face,
  };
}

/**
 * Copy a value with all its numbers rounded to thousandths.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function rounded(value) {
  if (typeof value === 'number') return Number(value.toFixed(3));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}
