/**
 * A person's resting face: what the scores are when the face shows nothing. Faces differ at rest: one looks sad, another
 * faintly happy. Scores are compared with the person's own rest, so that a faint smile is seen. Twin of
 * app/inference/resting_face.py, which says where the constants come from. Pure.
 *
 * @typedef {object} RestingFace  The log-odds of each label at rest, in the contract's order.
 * @property {number[]} rest  their medians
 * @property {number[]} spread  their robust standard deviations (1.4826 times the median absolute deviation), at least
 *   `LEAST_SPREAD`
 */

import { median } from '../median.js';

/** The label of a face at rest. */
export const NEUTRAL = 'neutral';
/** From this change on, in spreads, a label counts as shown rather than as rest. */
export const THRESHOLD = 3;
/** The least spread, in log-odds: a face that was held still varies more later. */
export const LEAST_SPREAD = 0.25;
/** How fast the probability that a label is shown rises with its change, for each spread. */
const SLOPE = 1.5;
/** Probabilities are kept this far from 0 and 1, where log-odds mean little. */
const LEAST = 1e-5;
/** Median absolute deviation to standard deviation, for a normal distribution. */
const MAD_TO_SD = 1.4826;

/**
 * log(p / (1 - p)) of each probability.
 *
 * @param {ArrayLike<number>} scores  calibrated probabilities, 0..1
 * @returns {number[]}
 */
export function logOdds(scores) {
  return Array.from(scores, (score) => {
    const kept = Math.min(Math.max(score, LEAST), 1 - LEAST);
    return Math.log(kept) - Math.log1p(-kept);
  });
}

/**
 * The resting face that was observed.
 *
 * @param {number[][]} rows  log-odds of each label; at least one row
 * @returns {RestingFace}
 */
export function restingFaceOf(rows) {
  const rest = rows[0].map((_, i) => /** @type {number} */ (median(rows.map((row) => row[i]))));
  const spread = rest.map((middle, i) => {
    const deviation = /** @type {number} */ (median(rows.map((row) => Math.abs(row[i] - middle))));
    return Math.max(MAD_TO_SD * deviation, LEAST_SPREAD);
  });
  return { rest, spread };
}

/**
 * How far each label is above the person's rest, in spreads; below it is negative.
 *
 * @param {RestingFace} face
 * @param {number[]} odds  log-odds of each label
 * @returns {number[]}
 */
export function changeFrom({ rest, spread }, odds) {
  return odds.map((value, i) => (value - rest[i]) / spread[i]);
}

/**
 * Scores that take the person's rest into account. A label other than neutral is shown with the probability
 * 1 / (1 + exp(-SLOPE * (change - THRESHOLD))). Neutral gets the probability that none is shown. The rest is divided
 * among the others in proportion to their scores and these probabilities.
 *
 * @param {ArrayLike<number>} scores  calibrated probabilities, 0..1
 * @param {number[]} change  from `changeFrom`
 * @param {number} neutral  index of the label neutral
 * @returns {number[]} probabilities, they sum to 1
 */
export function adjustedScores(scores, change, neutral) {
  const shown = change.map((value, i) => (i === neutral ? 0 : 1 / (1 + Math.exp(-SLOPE * (value - THRESHOLD)))));
  const atRest = shown.reduce((product, value) => product * (1 - value), 1);
  const parts = shown.map((value, i) => Math.min(Math.max(scores[i], LEAST), 1) * value);
  const sum = parts.reduce((total, value) => total + value, 0);
  return parts.map((part, i) => (i === neutral ? atRest : ((1 - atRest) * part) / sum));
}
