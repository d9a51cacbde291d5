/**
 * Write the results of several photos as JSON, as CSV and as a sentence. Twin of app/photos/export.py. Pure.
 *
 * @typedef {import('../../types.js').Face} Face
 *
 * @typedef {object} Answer  The answer of POST /api/v1/recognize for one photo.
 * @property {Face[]} faces
 * @property {{width: number, height: number}} image
 * @property {string} model
 * @property {Record<string, number>} timings_ms
 *
 * @typedef {object} Problem  Problem details (RFC 9457).
 * @property {string} detail
 *
 * @typedef {{name: string} & (Answer | {problem: Problem})} PhotoResult
 */

import { csvLine, mapValues, plainText, writeLength, writeScore } from '../../ui/csv.js';

export const COLUMNS = [
  'photo', 'name', 'image_width', 'image_height', 'model', 'face',
  'x', 'y', 'width', 'height', 'label', 'score', 'unsure',
];

/** @param {PhotoResult[]} results */
export function toJson(results) {
  return `${JSON.stringify({ photos: results }, null, 2)}\n`;
}

/**
 * Write one line for each face, and one line without a face's values for a photo without faces. Photos and faces are
 * numbered from 1; boxes are in pixels of the upright photo, scores 0..1.
 *
 * @param {PhotoResult[]} results
 */
export function toCsv(results) {
  const labels = [...new Set(results.flatMap(facesOf).flatMap((face) => Object.keys(face.scores)))];
  const columns = [...COLUMNS, ...labels.map((label) => `score_${label}`), 'problem'];
  const lines = results.flatMap((result, index) => linesOf(index + 1, result));
  const rows = [columns, ...lines.map((line) => columns.map((column) => line[column] ?? ''))];
  return rows.map(csvLine).join('');
}

/**
 * Describe the results of all photos, e.g. "3 faces in 2 photos. One photo could not be read."
 *
 * @param {PhotoResult[]} results
 */
export function tally(results) {
  const failed = results.filter((result) => 'problem' in result).length;
  const read = results.length - failed;
  const sentences = [];
  if (read) sentences.push(`${countFaces(results.flatMap(facesOf).length)} in ${countPhotos(read).toLowerCase()}.`);
  if (failed) sentences.push(`${countPhotos(failed)} could not be read.`);
  return sentences.join(' ');
}

/** @param {number} n */
export const countFaces = (n) => ['No face', 'One face'][n] ?? `${n} faces`;

/** @param {number} n */
export const countPhotos = (n) => (n === 1 ? 'One photo' : `${n} photos`);

/** @param {PhotoResult} result */
const facesOf = (result) => ('problem' in result ? [] : result.faces);

/**
 * @param {number} photo
 * @param {PhotoResult} result
 * @returns {Record<string, string | number>[]}
 */
function linesOf(photo, result) {
  const name = plainText(result.name);
  if ('problem' in result) return [{ photo, name, problem: plainText(result.problem.detail) }];
  const { width, height } = result.image;
  const whole = { photo, name, image_width: width, image_height: height, model: result.model };
  if (result.faces.length === 0) return [whole];
  return result.faces.map(({ id, box, label, score, scores, unsure }) => ({
    ...whole,
    face: id + 1,
    ...mapValues(box, writeLength),
    label,
    score: writeScore(score),
    unsure: String(unsure),
    ...Object.fromEntries(Object.entries(scores).map(([key, value]) => [`score_${key}`, writeScore(value)])),
  }));
}
