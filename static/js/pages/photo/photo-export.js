/**
 * The results of several photos as files to keep: JSON and CSV; and in a sentence. Twin of app/photos/export.py. Pure.
 *
 * @typedef {import('../../types.js').Face} Face
 *
 * @typedef {object} Answer  What POST /api/v1/recognize says of one photo.
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
 * One line a face, of a photo without faces one line without a face's values. Numbers of photos and faces count
 * from 1; boxes are pixels of the upright photo, scores 0..1.
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
 * What all photos together have, e.g. "3 faces in 2 photos. One photo could not be read."
 *
 * @param {PhotoResult[]} results
 */
export function tally(results) {
  const bad = results.filter((result) => 'problem' in result).length;
  const good = results.length - bad;
  const sentences = [];
  if (good) sentences.push(`${countFaces(results.flatMap(facesOf).length)} in ${countPhotos(good).toLowerCase()}.`);
  if (bad) sentences.push(`${countPhotos(bad)} could not be read.`);
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
