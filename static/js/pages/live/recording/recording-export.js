/**
 * What was recorded as files to keep: CSV and JSON. Written in pieces, so that hours of it do not hold up the page. Pure.
 *
 * @typedef {import('./recording.js').Recording} Recording
 * @typedef {import('./recording.js').Sample} Sample
 * @typedef {import('./recording.js').Share} Share
 *
 * @typedef {object} About  Where a recording comes from.
 * @property {'camera' | 'video' | 'picture'} kind
 * @property {string} name  of the file; '' for a camera
 * @property {Date | null} started  when second 0 was; null for files, whose seconds are those of the film
 */

import { csvLine, mapValues, writeLength, writeScore } from '../../../ui/csv.js';
import { RATE } from './recording.js';

/** Of the CSV file; then score_<label> for each label of the model. */
export const COLUMNS = [
  'time', 'seconds', 'face', 'results', 'image_width', 'image_height', 'model', 'contract_version',
  'x', 'y', 'width', 'height', 'label', 'score', 'unsure',
];
/** Of the JSON file. */
const KIND = 'mien-recording';
const VERSION = 1;
/** Samples a piece. */
const PIECE = 200;

/**
 * One line a sample: a face in a tenth of a second.
 *
 * @param {Recording} recording
 * @param {About} about
 * @returns {Generator<string, void>} pieces of the file, in order
 */
export function* csvPieces(recording, about) {
  const { model, labels, contract_version } = recording.contract;
  yield csvLine([...COLUMNS, ...labels.map((label) => `score_${label}`)]);
  yield* pieces(recording, ({ seconds, face, results, image, box, label, score, scores, unsure }) =>
    csvLine([
      timeOf(about, seconds) ?? '', seconds.toFixed(1), face, results, image.width, image.height, model, contract_version,
      ...Object.values(mapValues(box, writeLength)), label, writeScore(score), String(unsure),
      ...Object.values(mapValues(scores, writeScore)),
    ]),
  );
}

/**
 * @param {Recording} recording
 * @param {About} about
 * @returns {Generator<string, void>} pieces of the file, in order
 */
export function* jsonPieces(recording, about) {
  const { model, labels, contract_version, calibration } = recording.contract;
  const head = {
    kind: KIND,
    version: VERSION,
    source: { kind: about.kind, name: about.name },
    started: about.started?.toISOString() ?? null,
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
  for (const piece of pieces(recording, (sample) => `,\n    ${JSON.stringify(jsonSample(sample, about))}`)) {
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
  for (let row = recording.dropped; row < end; row += PIECE) {
    let text = '';
    recording.eachRow(row, Math.min(row + PIECE, end), (...place) => (text += write(recording.sampleAt(...place))));
    if (text) yield text;
  }
}

/** @param {About} about @param {number} seconds @returns {string | null} ISO 8601, UTC */
function timeOf({ started }, seconds) {
  return started ? new Date(started.getTime() + Math.round(seconds * 1000)).toISOString() : null;
}

/** @param {Sample} sample @param {About} about */
function jsonSample({ seconds, face, results, image, box, label, score, scores, unsure }, about) {
  /** @param {Record<string, number>} values @param {(value: number) => string} change */
  const rewritten = (values, change) => Object.fromEntries(Object.entries(mapValues(values, change)).map(([key, text]) => [key, Number(text)]));
  return {
    time: timeOf(about, seconds),
    seconds,
    face,
    results,
    image,
    box: rewritten({ ...box }, writeLength),
    label,
    score: Number(writeScore(score)),
    scores: rewritten(scores, writeScore),
    unsure,
  };
}

/**
 * The same with all its numbers rounded to thousandths.
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
