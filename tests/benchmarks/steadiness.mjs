/**
 * Measure the jitter of boxes while a head is still and their lag while it moves, for parameters of the one-euro filter:
 *
 *   node tests/benchmarks/steadiness.mjs [--rate 30] [--noise 4]
 *
 * Frames of a real face with a camera's noise and flicker are detected and tracked as on the live page.
 * Jitter: root mean square of the box's steps from frame to frame, in thousandths of its side, while it is
 * still. Lag: median and 95th percentile of the distance from the true centre, in percent of the side, while it
 * sways by one side, once in two seconds and once a second (3 and 6 sides a second at most).
 */

import { parseArgs } from 'node:util';

import { FaceDetector } from '../../static/js/inference/face-detector.js';
import { VideoSearch } from '../../static/js/inference/face-search.js';
import { FaceTracker } from '../../static/js/inference/tracking/face-tracking.js';
import { BoxSmoother, PARAMETERS } from '../../static/js/inference/tracking/box-smoothing.js';
import { FACE, astronaut } from '../support/js/astronaut.mjs';
import { faceAt, filmed } from '../support/js/filmed.mjs';
import { DETECTOR, frameOf, random, readDisk, startWasm } from '../support/js/runtime.mjs';
import { quantile } from './regression.mjs';

/** @typedef {import('../../static/js/types.js').Box} Box */
/** @typedef {{time: number, box: Box, truth: Box}[]} Track  box: of the tracker, unfiltered */

const { values: given } = parseArgs({
  options: { rate: { type: 'string', default: '30' }, noise: { type: 'string', default: '4' } },
});
const rate = Number(given.rate);
const picture = astronaut();
const next = random(5);

await startWasm();
const detector = await FaceDetector.load(DETECTOR, readDisk);
const search = new VideoSearch(detector);

/** @param {import('../../static/js/inference/face-finder.js').Frame} frame */
function detect(frame) {
  return search.search(frame);
}

/**
 * @param {(seconds: number) => import('../support/js/filmed.mjs').Place} path
 * @param {number} seconds
 * @param {boolean} [followed]  false: detected in every frame
 * @returns {Track}
 */
function record(path, seconds, followed = true) {
  const tracker = new FaceTracker(detect);
  /** @type {Track} */
  const track = [];
  for (let i = 0; i < seconds * rate; i++) {
    const time = (i * 1000) / rate;
    const place = path(time / 1000);
    const light = 1 + 0.03 * Math.sin(31 * time);
    const image = filmed([{ picture, place }], { noise: Number(given.noise), light, random: next });
    const box = followed ? tracker.update(frameOf(image), time).faces[0]?.box : detect(frameOf(image))[0];
    if (box) track.push({ time, box, truth: faceAt(FACE, picture, place) });
  }
  return track;
}

/** @param {Track} track @param {typeof PARAMETERS | null} parameters @returns {{box: Box, truth: Box}[]} */
function filtered(track, parameters) {
  const smoother = new BoxSmoother(parameters ?? undefined);
  return track.map(({ time, box, truth }) => ({ box: parameters ? smoother.update(0, box, time) : box, truth }));
}

/** @param {Box} box */
const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/** @param {{box: Box, truth: Box}[]} shown  of a still head */
function jitter(shown) {
  const squares = shown.slice(1).map(({ box, truth }, i) => {
    const [[x, y], [fromX, fromY]] = [middle(box), middle(shown[i].box)];
    return ((x - fromX) ** 2 + (y - fromY) ** 2 + (box.width - shown[i].box.width) ** 2) / truth.width ** 2;
  });
  return 1000 * Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length);
}

/** @param {{box: Box, truth: Box}[]} shown  @param {number[]} bias  the detector's own offset */
function lags(shown, bias) {
  return shown.map(({ box, truth }) => {
    const [[x, y], [trueX, trueY]] = [middle(box), middle(truth)];
    return (100 * Math.hypot(x - trueX - bias[0] * truth.width, y - trueY - bias[1] * truth.width)) / truth.width;
  });
}

const seat = () => ({ x: 160, y: 100, scale: 1.4 });
const still = record(seat, 6);
const sway = (/** @type {number} */ hertz) =>
  record((t) => ({ x: 160 + 138 * Math.sin(2 * Math.PI * hertz * t), y: 100, scale: 1.4 }), 4);
const [slow, fast] = [sway(0.5), sway(1)];
const bias = [0, 1].map((axis) => {
  const off = still.map(({ box, truth }) => (middle(box)[axis] - middle(truth)[axis]) / truth.width);
  return off.reduce((sum, one) => sum + one, 0) / off.length;
});

console.log('cut-off      beta  derivative jitter   lag at 3 sides/s    at 6 sides/s');
/** @param {typeof PARAMETERS | null} parameters */
function report(parameters) {
  const [slowLags, fastLags] = [slow, fast].map((track) => lags(filtered(track, parameters), bias));
  const told = (/** @type {number[]} */ list) =>
    `${quantile(list, 0.5).toFixed(1).padStart(7)} %, ${quantile(list, 0.95).toFixed(1).padStart(4)} %`;
  const name = parameters
    ? `${parameters.minCutoff.toFixed(1).padStart(5)}${String(parameters.beta).padStart(11)}${String(parameters.derivativeCutoff).padStart(10)}`
    : 'followed, unfiltered'.padEnd(26);
  console.log(`${name} ${jitter(filtered(still, parameters)).toFixed(2).padStart(8)} ${told(slowLags)}  ${told(fastLags)}`);
}
console.log(`detected in every frame    ${jitter(record(seat, 3, false)).toFixed(2).padStart(8)}`);
report(null);
for (const minCutoff of [0.5, 1, 2]) {
  for (const beta of [3, 6, 12, 24]) for (const derivativeCutoff of [1, 3]) report({ minCutoff, beta, derivativeCutoff });
}
console.log('as the page has it:');
report(PARAMETERS);
detector.model.dispose();
