/** Temperature scaling of probabilities; pure. Twin of apply_temperature in classifier.py. */

/** The smallest normal float32: stands in for 0, which has no logarithm. */
const TINY = 2 ** -126;

/**
 * p ** (1 / temperature), each row normalised to sum to 1.
 *
 * @param {Float32Array} probabilities  (n, width)
 * @param {number} width
 * @param {number} temperature  above 0; under 1 sharpens, above 1 flattens
 * @returns {Float32Array} (n, width)
 */
export function applyTemperature(probabilities, width, temperature) {
  const scaled = new Float32Array(probabilities.length);
  for (let row = 0; row < scaled.length; row += width) {
    let best = TINY;
    for (let i = row; i < row + width; i++) best = Math.max(best, probabilities[i]);
    const powers = [];
    for (let i = row; i < row + width; i++) {
      powers.push((Math.max(probabilities[i], TINY) / best) ** (1 / temperature));
    }
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, i) => (scaled[row + i] = power / sum));
  }
  return scaled;
}
