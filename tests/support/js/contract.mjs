/** A contract for tests that need labels and a threshold, and no model. */

/** @typedef {import('../../../static/js/types.js').ModelContract} ModelContract */

/**
 * A valid contract without biases, whose temperature is 1.
 *
 * @param {string[]} labels
 * @param {number} unsureBelow  0..1, the score under which a face is "unsure"
 * @returns {ModelContract}
 */
export const contractOf = (labels, unsureBelow) => ({
  contract_version: 2,
  model: 'net.data',
  labels,
  input: { height: 48, width: 48, channels: 1 },
  crop: { margin: 0.02 },
  calibration: { bias: labels.map(() => 0), temperature: 1, unsure_below: unsureBelow },
});
