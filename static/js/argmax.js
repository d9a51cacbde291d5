/**
 * The best label of a face's scores (argmax), and whether its score is too low to rely on. Pure.
 *
 * @typedef {import('./types.js').ModelContract} ModelContract
 * @typedef {Pick<ModelContract, 'labels' | 'calibration'>} Meaning  The part of a contract that gives scores their meaning.
 */

/**
 * @param {ArrayLike<number>} scores  calibrated probabilities 0..1, in the contract's order
 * @param {Pick<Meaning, 'calibration'>} contract
 * @returns {{index: number, score: number, unsure: boolean}} index of the highest score (the first of several equal
 *   ones), that score, and whether it lies under the contract's `unsure_below`
 */
export function bestOf(scores, { calibration }) {
  let index = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[index]) index = i;
  return { index, score: scores[index], unsure: scores[index] < calibration.unsure_below };
}

/**
 * @param {ArrayLike<number>} scores  calibrated probabilities 0..1, in the contract's order
 * @param {Meaning} contract
 * @returns {{label: string, score: number, scores: Record<string, number>, unsure: boolean}} as in a `Face`
 */
export function expressionOf(scores, contract) {
  const { index, score, unsure } = bestOf(scores, contract);
  const named = Object.fromEntries(contract.labels.map((label, i) => [label, scores[i]]));
  return { label: contract.labels[index], score, scores: named, unsure };
}
