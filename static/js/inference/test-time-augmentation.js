/**
 * Two views of a face instead of one: its crop a little larger, and a smaller one mirrored. The box that the detector
 * leads to is now too large and now too small (8 % of its side off in the median), which can change what a network
 * says; the mean of what it says of both views is about as often right as what it says of the true crop
 * (tests/benchmarks/crop.py). In a video a frame costs no more: the views take turns. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').InputSpec} InputSpec
 *
 * @typedef {object} View
 * @property {number} scale  side of its crop, in sides of the contract's
 * @property {boolean} mirrored
 */

import { cropBox } from './preprocess.js';

/** On training faces all pairs nearby are as good; see tests/benchmarks/fit_face_box.mjs. @type {View[]} */
export const VIEWS = [
  { scale: 1.04, mirrored: false },
  { scale: 0.89, mirrored: true },
];

/**
 * The square that is cut out for one view of a face.
 *
 * @param {Box} box
 * @param {{margin: number}} crop  the contract's
 * @param {View} view
 * @returns {Box}
 */
export function cropView(box, crop, { scale }) {
  const { x, y, width, height } = cropBox(box, crop);
  const [right, down] = [(width * (scale - 1)) / 2, (height * (scale - 1)) / 2];
  return { x: x - right, y: y - down, width: width * scale, height: height * scale };
}

/**
 * Turns left and right of a model's input round, in place.
 *
 * @param {Float32Array} values  (height, width, channels)
 * @param {InputSpec} spec
 */
export function mirror(values, { height, width, channels }) {
  for (let row = 0; row < height; row++) {
    const start = row * width * channels;
    for (let left = 0, right = width - 1; left < right; left++, right--) {
      for (let channel = 0; channel < channels; channel++) {
        const [a, b] = [start + left * channels + channel, start + right * channels + channel];
        [values[a], values[b]] = [values[b], values[a]];
      }
    }
  }
}

/**
 * The mean of what was said of a face's views, as far as it was.
 *
 * @param {(ArrayLike<number> | undefined)[]} rows  probabilities, one a view
 * @returns {Float64Array}
 */
export function meanOf(rows) {
  const told = rows.filter((row) => row !== undefined);
  return Float64Array.from({ length: told[0].length }, (_, i) => told.reduce((sum, row) => sum + row[i], 0) / told.length);
}
