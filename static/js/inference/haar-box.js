/**
 * Map a BlazeFace detection to the box that a Haar cascade would give, by linear regression: the pictures of FER2013
 * were cut out along Haar boxes, so models are trained on such boxes. BlazeFace's own box is 10 % smaller, reaches
 * lower and moves to the side when a head turns. Twin of app/inference/detection/haar_box.py. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('./blazeface-decoder.js').Detection} Detection
 *
 * @typedef {object} Features  A detection in the coordinates of its own box: the origin is the box's centre, the unit
 *   its longer side, the x axis the line of the eyes.
 * @property {[number, number]} centre  of the box, in the detection's pixels
 * @property {number} side  of the box, its longer one
 * @property {number} tilt  of the line of the eyes, in radians
 * @property {number[]} across  what changes its sign in a mirror image: x of: between the eyes, nose, mouth, between the ears;
 *   how far the left ear lies below the right one
 * @property {number[]} along  what does not change: 1, y of: between the eyes, nose, mouth, between the ears; distance of the
 *   eyes, of the ears; the score; square of how far the nose is beside the eyes, and the tilt
 */

import WEIGHTS from './haar-box-weights.json' with { type: 'json' };

/**
 * Weights of the `Features` for the centre and side of the Haar box. Fitted by
 * tests/benchmarks/fit_face_box.mjs --fit 2400 --check 800 (least absolute differences, with a ridge) on FER2013's
 * training faces set into larger frames. On the 770 of 800 other faces that were found the centre is off by 5 % of
 * the side (median; 90 % of them: under 13 %) and the side by 8 % (27 %); with BlazeFace's own box that is 11 % (17 %)
 * and 14 % (32 %).
 */
export { WEIGHTS };

/** @param {Detection} detection @returns {Features} */
export function featuresOf({ values, score }) {
  const [x, y, width, height] = values;
  const side = Math.max(width, height);
  const tilt = Math.atan2(values[7] - values[5], values[6] - values[4]);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const [right, left, nose, mouth, rightEar, leftEar] = Array.from({ length: 6 }, (_, i) => {
    const [px, py] = [values[4 + 2 * i] - x, values[5 + 2 * i] - y];
    return [(px * cos + py * sin) / side, (py * cos - px * sin) / side];
  });
  const eyes = midpoint(right, left);
  const ears = midpoint(rightEar, leftEar);
  return {
    centre: [x, y],
    side,
    tilt,
    across: [eyes[0], nose[0], mouth[0], ears[0], leftEar[1] - rightEar[1]],
    along: [
      1, eyes[1], nose[1], mouth[1], ears[1], left[0] - right[0], leftEar[0] - rightEar[0], score,
      (nose[0] - eyes[0]) ** 2, Math.abs(tilt),
    ],
  };
}

/** The point half-way between two points. @param {number[]} a @param {number[]} b */
function midpoint(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/**
 * @param {Detection} detection
 * @param {{across: number[], down: number[], size: number[]}} [weights]
 * @returns {Box} a square with level sides, in the detection's pixels
 */
export function haarBox(detection, weights = WEIGHTS) {
  const { centre, side, tilt, across, along } = featuresOf(detection);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const right = side * dot(across, weights.across);
  const under = side * dot(along, weights.down);
  // Badly placed keypoints must not make the box vanishingly small or as large as the frame.
  const length = side * Math.min(Math.max(dot(along, weights.size), 0.8), 1.5);
  return {
    x: centre[0] + right * cos - under * sin - length / 2,
    y: centre[1] + right * sin + under * cos - length / 2,
    width: length,
    height: length,
  };
}

/** @param {number[]} values @param {number[]} weights */
function dot(values, weights) {
  return weights.reduce((sum, weight, i) => sum + weight * values[i], 0);
}
