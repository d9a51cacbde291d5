/**
 * From a BlazeFace detection to the box a Haar cascade would give: FER2013's pictures are Haar
 * boxes, so that is the box the models know. BlazeFace's own is 10 % smaller, reaches lower and
 * wanders to the side when a head turns. Pure.
 *
 * @typedef {import('./types.js').Box} Box
 * @typedef {import('./detections.js').Detection} Detection
 *
 * @typedef {object} Measures  A detection seen from its own box: the origin is the box's centre, the
 *   unit its longer side, the x axis the line of the eyes.
 * @property {[number, number]} centre  of the box, in the detection's pixels
 * @property {number} side  of the box, its longer one
 * @property {number} tilt  of the line of the eyes, in radians
 * @property {[number]} across  x of: between the eyes
 * @property {[number, number]} down  1, y of: between the eyes
 * @property {[number, number]} size  1, how far the nose lies under the eyes
 */

/**
 * What each of the `Measures` weighs in the Haar box's centre and side. Fitted by
 * tests/benchmarks/fit_face_box.mjs --fit 800 --check 500 (least absolute differences) on FER2013's
 * training faces set into larger frames. On the 486 of 500 other faces that were found the
 * centre is off by 5 % of the side (median; 90 % of them: under 13 %) and the side by 10 % (32 %);
 * with BlazeFace's own box that is 11 % (16 %) and 13 % (34 %).
 */
export const WEIGHTS = {
  across: [0.572],
  down: [0.093, 0.865],
  size: [1.399, -1.264],
};

/** @param {Detection} detection @returns {Measures} */
export function measure({ values }) {
  const [x, y, width, height] = values;
  const side = Math.max(width, height);
  const tilt = Math.atan2(values[7] - values[5], values[6] - values[4]);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  /** @param {number} px @param {number} py @returns {[number, number]} */
  const seen = (px, py) => [
    ((px - x) * cos + (py - y) * sin) / side,
    ((py - y) * cos - (px - x) * sin) / side,
  ];
  const eyes = seen((values[4] + values[6]) / 2, (values[5] + values[7]) / 2);
  const nose = seen(values[8], values[9]);
  return {
    centre: [x, y],
    side,
    tilt,
    across: [eyes[0]],
    down: [1, eyes[1]],
    size: [1, nose[1] - eyes[1]],
  };
}

/**
 * @param {Detection} detection
 * @param {{across: number[], down: number[], size: number[]}} [weights]
 * @returns {Box} a square with level sides, in the detection's pixels
 */
export function haarBox(detection, weights = WEIGHTS) {
  const { centre, side, tilt, across, down, size } = measure(detection);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const right = side * weigh(across, weights.across);
  const under = side * weigh(down, weights.down);
  // Badly placed keypoints must not make a box vanish or swallow the frame.
  const length = side * Math.min(Math.max(weigh(size, weights.size), 0.8), 1.5);
  return {
    x: centre[0] + right * cos - under * sin - length / 2,
    y: centre[1] + right * sin + under * cos - length / 2,
    width: length,
    height: length,
  };
}

/** @param {number[]} values @param {number[]} weights */
function weigh(values, weights) {
  return values.reduce((sum, value, i) => sum + value * weights[i], 0);
}
