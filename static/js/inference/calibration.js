/** Calibration of probabilities. Twin of apply_calibration in app/inference/classifier.py. Pure. */

/** The smallest normal float32: used in place of 0, which has no logarithm. */
const TINY = 2 ** -126;

/**
 * softmax((log p + bias) / temperature) of each row: logit adjustment (Menon et al. 2021) and temperature scaling
 * (Guo et al. 2017).
 *
 * @param {Float32Array} probabilities  (n, labels), the network's own, 0..1
 * @param {import('../types.js').Calibration} calibration  `bias` has a number for each label
 * @returns {Float32Array} (n, labels), each row sums to 1
 */
export function applyCalibration(probabilities, { bias, temperature }) {
  const width = bias.length;
  const scores = new Float32Array(probabilities.length);
  for (let row = 0; row < scores.length; row += width) {
    const sums = bias.map((added, i) => (Math.log(Math.max(probabilities[row + i], TINY)) + added) / temperature);
    const most = Math.max(...sums);
    const powers = sums.map((sum) => Math.exp(sum - most));
    const total = powers.reduce((before, power) => before + power, 0);
    powers.forEach((power, i) => (scores[row + i] = power / total));
  }
  return scores;
}
