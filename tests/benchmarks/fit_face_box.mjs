/**
 * Fit static/js/inference/haar-box.js: the position and size of a Haar box relative to BlazeFace's box.
 *
 *   node tests/benchmarks/fit_face_box.mjs --data fer2013.csv.gz [--model model.json] [--seed 1]
 *     [--fit 600] [--check 400]
 *
 * Without --data it reads fer2013.csv.gz, or fer2013.csv, from the folder MIEN_DATA. It is fitted on
 * Training faces and checked on PublicTest faces, each in a larger frame where its box is known. Errors
 * are fractions of the true side. With --model (a bundle) it also prints the accuracy on the original
 * images, on the crops of this detector, and on the mean of two views of them, by the AUGMENTATIONS of static/js/inference/test-time-augmentation.js and, for the fitted faces, by other pairs.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ExpressionClassifier } from '../../static/js/inference/classifier.js';
import { INPUT_SIZE, SIZE_STEP } from '../../static/js/inference/blazeface-decoder.js';
import { FaceDetector } from '../../static/js/inference/face-detector.js';
import { VIDEO_FRAME } from '../../static/js/inference/face-search.js';
import { WEIGHTS, featuresOf, haarBox } from '../../static/js/inference/haar-box.js';
import { letterbox } from '../../static/js/inference/letterbox.js';
import { toInput } from '../../static/js/inference/preprocess.js';
import { AUGMENTATIONS, augmentedCrop, flipHorizontally, meanScores } from '../../static/js/inference/test-time-augmentation.js';
import { DETECTOR, frameOf, random, readDisk, startWasm } from '../support/js/runtime.mjs';
import { faceInFrame, sampleFaces } from './fer_frames.mjs';
import { leastAbsolute, quantile } from './regression.mjs';

/** @typedef {import('../../static/js/inference/blazeface-decoder.js').Detection} Detection */
/** @typedef {{across: number[], down: number[], size: number[]}} Weights */
/** @typedef {{sample: import('./fer_frames.mjs').Sample, place: import('../../static/js/inference/letterbox.js').Letterbox,
 *   image: import('../../static/js/types.js').Pixels, x: number, y: number, side: number,
 *   found: Detection | undefined, others: number}} Trial  x, y: centre of the Haar box, in the square */

const { values: given } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string' },
    seed: { type: 'string', default: '1' },
    fit: { type: 'string', default: '600' },
    check: { type: 'string', default: '400' },
  },
});
const folder = process.env.MIEN_DATA ?? '';
const data =
  given.data ?? ['fer2013.csv.gz', 'fer2013.csv'].map((name) => path.join(folder, name)).find(existsSync);
if (data === undefined || !existsSync(data)) {
  console.error('fit_face_box: give --data fer2013.csv.gz, or MIEN_DATA as its folder');
  process.exit(1);
}

/**
 * @param {FaceDetector} detector
 * @param {import('./fer_frames.mjs').Sample} sample
 * @param {() => number} next
 * @returns {Trial}
 */
function attempt(detector, sample, next) {
  const { image, box } = faceInFrame(sample.pixels, next);
  const place = letterbox(image.width, image.height, INPUT_SIZE, SIZE_STEP);
  const x = (box.x + box.width / 2) / place.scaleX + place.x;
  const y = (box.y + box.height / 2) / place.scaleY + place.y;
  const side = box.width / place.scaleX;
  const all = detector.find(frameOf(image).letterboxed(place), VIDEO_FRAME.minScore);
  const found = all.find(
    ({ values }) =>
      Math.hypot(values[0] - x, values[1] - y) < side / 2 && values[2] > 0.4 * side && values[2] < 2 * side,
  );
  return { sample, place, image, x, y, side, found, others: all.length - (found ? 1 : 0) };
}

/** Ridge penalty: keeps the weights of correlated features small, so that noise does not move the box. */
const RIDGE = 0.5;

/** @param {Trial[]} trials @returns {Weights} */
function fit(trials) {
  /** @type {Record<keyof Weights, {features: number[], target: number, unit: number}[]>} */
  const rows = { across: [], down: [], size: [] };
  for (const { found, x, y, side } of trials) {
    if (found === undefined) continue;
    const seen = featuresOf(found);
    const [right, under] = [(x - seen.centre[0]) / seen.side, (y - seen.centre[1]) / seen.side];
    const [cos, sin] = [Math.cos(seen.tilt), Math.sin(seen.tilt)];
    const unit = side / seen.side; // errors are fractions of the true side
    rows.across.push({ features: seen.across, target: right * cos + under * sin, unit });
    rows.down.push({ features: seen.along, target: under * cos - right * sin, unit });
    rows.size.push({ features: seen.along, target: unit, unit });
  }
  return {
    across: leastAbsolute(rows.across, RIDGE),
    down: leastAbsolute(rows.down, RIDGE),
    size: leastAbsolute(rows.size, RIDGE),
  };
}

/** @param {string} name @param {Trial[]} trials @param {Weights} weights */
function report(name, trials, weights) {
  const offsets = [];
  const scales = [];
  /** @type {Record<string, number[]>} */
  const signed = { right: [], down: [], 'log size': [] };
  for (const { found, x, y, side } of trials) {
    if (found === undefined) continue;
    const box = haarBox(found, weights);
    offsets.push(Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y) / side);
    scales.push(Math.abs(box.width / side - 1));
    signed.right.push((box.x + box.width / 2 - x) / side);
    signed.down.push((box.y + box.height / 2 - y) / side);
    signed['log size'].push(Math.log(box.width / side));
  }
  const shown = (/** @type {number[]} */ list) =>
    `median ${quantile(list, 0.5).toFixed(3)}, 90 % under ${quantile(list, 0.9).toFixed(3)}`;
  console.log(`${name}: centre off by ${shown(offsets)}; side off by ${shown(scales)}`);
  for (const [what, list] of Object.entries(signed)) {
    const parts = [0.05, 0.25, 0.5, 0.75, 0.95].map((part) => quantile(list, part).toFixed(3).padStart(6));
    console.log(`    ${what.padEnd(8)} 5, 25, 50, 75, 95 %: ${parts.join('  ')}`);
  }
}

/** Candidate pairs of views: the scales of the plain view and of the mirrored one. */
const PAIRS = [[1, 1], [1.04, 0.96], [1.04, 0.92], [1.04, 0.89], [1, 0.92], [1, 0.89], [1.08, 0.92], [1.08, 0.89]];

/**
 * @param {ExpressionClassifier} classifier
 * @param {string} name
 * @param {Trial[]} trials
 * @param {Weights} weights
 */
function reportAccuracy(classifier, name, trials, weights) {
  const { input, crop } = classifier.contract;
  const found = trials.filter((trial) => trial.found !== undefined);
  /** @param {(trial: Trial) => Float64Array} scores */
  const right = (scores) => {
    const hits = found.filter((trial) => {
      const row = scores(trial);
      return row.indexOf(Math.max(...row)) === trial.sample.emotion;
    });
    return `${((100 * hits.length) / found.length).toFixed(1)} %`;
  };
  /** @param {import('../../static/js/types.js').Pixels} image @param {import('../../static/js/types.js').Box} cut @param {boolean} mirrored */
  const told = (image, cut, mirrored) => {
    const values = toInput(image, cut, input);
    if (mirrored) flipHorizontally(values, input);
    return classifier.predict(values, 1);
  };
  /** @type {Map<Trial, Map<string, Float32Array>>} */
  const known = new Map(found.map((trial) => [trial, new Map()]));
  /** @param {Trial} trial @param {import('../../static/js/inference/test-time-augmentation.js').Augmentation} view */
  const seen = (trial, view) => {
    const { image, place, found: detection } = trial;
    const rows = /** @type {Map<string, Float32Array>} */ (known.get(trial));
    const key = `${view.scale} ${view.mirrored}`;
    const box = haarBox(/** @type {Detection} */ (detection), weights);
    const inFrame = {
      x: (box.x - place.x) * place.scaleX,
      y: (box.y - place.y) * place.scaleY,
      width: box.width * place.scaleX,
      height: box.height * place.scaleY,
    };
    const row = rows.get(key) ?? told(image, augmentedCrop(inFrame, crop, view), view.mirrored);
    rows.set(key, row);
    return row;
  };
  const asIs = right(({ sample }) => {
    const rgba = Uint8Array.from({ length: 48 * 48 * 4 }, (_, i) => sample.pixels[i >> 2]);
    return meanScores([told({ data: rgba, width: 48, height: 48 }, { x: 0, y: 0, width: 48, height: 48 }, false)]);
  });
  const plain = right((trial) => meanScores([seen(trial, { scale: 1, mirrored: false })]));
  console.log(`accuracy on the ${found.length} ${name} that were detected: ${asIs} on the original images, ${plain} on the crops`);
  const views = right((trial) => meanScores(AUGMENTATIONS.map((view) => seen(trial, view))));
  console.log(`    ${views} on the mean of the page's views`);
  if (name !== 'fitted faces') return;
  for (const [first, second] of PAIRS) {
    const both = [{ scale: first, mirrored: false }, { scale: second, mirrored: true }];
    console.log(`    ${right((trial) => meanScores(both.map((view) => seen(trial, view))))} on ${first} and, mirrored, ${second}`);
  }
}

const next = random(Number(given.seed));
const faces = await sampleFaces(data, { Training: Number(given.fit), PublicTest: Number(given.check) }, next);
await startWasm();
const detector = await FaceDetector.load(DETECTOR, readDisk);
const fitted = faces.Training.map((sample) => attempt(detector, sample, next));
const checked = faces.PublicTest.map((sample) => attempt(detector, sample, next));
for (const [name, trials] of Object.entries({ Training: fitted, PublicTest: checked })) {
  const found = trials.filter((trial) => trial.found !== undefined).length;
  const others = trials.reduce((sum, trial) => sum + trial.others, 0);
  console.log(`${name}: ${found} of ${trials.length} faces detected, ${others} false boxes`);
}
const weights = fit(fitted);
for (const [name, list] of Object.entries(weights)) {
  console.log(`  ${name}: [${list.map((value) => value.toFixed(3)).join(', ')}],`);
}
report('fitted faces', fitted, weights);
report('checked faces', checked, weights);
report('checked faces, with the committed weights', checked, WEIGHTS);
report("checked faces, with BlazeFace's own box", checked, { across: [0], down: [0], size: [1] });
if (given.model !== undefined) {
  const classifier = await ExpressionClassifier.load(path.resolve(given.model), readDisk);
  reportAccuracy(classifier, 'fitted faces', fitted, weights);
  reportAccuracy(classifier, 'checked faces', checked, weights);
}
detector.model.dispose();
