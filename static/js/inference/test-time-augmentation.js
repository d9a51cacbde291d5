/**
 * Test-time augmentation: a face is classified in two versions of its crop, one a little larger and one smaller and
 * mirrored, and the scores are averaged. The detector's box is sometimes too large and sometimes too small (by 8 % of
 * its side in the median), which can change the answer of a network. The mean of both versions is right about as often
 * as the answer for the true crop (tests/benchmarks/crop.py). In a video the versions alternate, so that a frame costs
 * no more. Twin of app/inference/test_time_augmentation.py. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').InputSpec} InputSpec
 *
 * @typedef {object} Augmentation
 * @property {number} scale  side of its crop, in sides of the contract's
 * @property {boolean} mirrored
 */

import VERSIONS from './augmentations.json' with { type: 'json' };
import { cropBox } from './preprocess.js';

/** On training faces all pairs nearby are as good; see tests/benchmarks/fit_face_box.mjs. @type {Augmentation[]} */
export const AUGMENTATIONS = VERSIONS;

/**
 * The square that is cut out for one augmentation of a face.
 *
 * @param {Box} box
 * @param {{margin: number}} crop  the contract's
 * @param {Augmentation} augmentation
 * @returns {Box}
 */
export function augmentedCrop(box, crop, { scale }) {
  const { x, y, width, height } = cropBox(box, crop);
  const [right, down] = [(width * (scale - 1)) / 2, (height * (scale - 1)) / 2];
  return { x: x - right, y: y - down, width: width * scale, height: height * scale };
}

/**
 * Flips a model's input horizontally, in place.
 *
 * @param {Float32Array} values  (height, width, channels)
 * @param {InputSpec} spec
 */
export function flipHorizontally(values, { height, width, channels }) {
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
 * The mean of the scores of a face's augmentations, of those that have been classified.
 *
 * @param {(ArrayLike<number> | undefined)[]} rows  probabilities, one row for each augmentation
 * @returns {Float64Array}
 */
export function meanScores(rows) {
  const known = rows.filter((row) => row !== undefined);
  return Float64Array.from({ length: known[0].length }, (_, i) => known.reduce((sum, row) => sum + row[i], 0) / known.length);
}
