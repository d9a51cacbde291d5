/** Test-time augmentation: what is cut out, and that the scores are averaged. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ExpressionRecognizer } from '../../../static/js/inference/recognizer.js';
import { AUGMENTATIONS, augmentedCrop, meanScores, flipHorizontally } from '../../../static/js/inference/test-time-augmentation.js';
import { frameWith } from '../../support/js/astronaut.mjs';
import { frameOf } from '../../support/js/runtime.mjs';

test('an augmentation is the contract\'s crop, larger or smaller about the same centre', () => {
  const box = { x: 10, y: 20, width: 100, height: 80 };
  const crop = augmentedCrop(box, { margin: 0.1 }, { scale: 0.5, mirrored: true });
  assert.deepEqual(crop, { x: 30, y: 30, width: 60, height: 60 });
});

test('flipping exchanges left and right, pixel by pixel; twice, it changes nothing', () => {
  const spec = { height: 2, width: 3, channels: 2 };
  const values = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  flipHorizontally(values, spec);
  assert.deepEqual([...values], [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7]);
  flipHorizontally(values, spec);
  assert.deepEqual([...values], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('the mean counts only the augmentations that have been classified', () => {
  /** @type {Float32Array[]} */
  const rows = [];
  rows[1] = Float32Array.from([0.25, 0.75]);
  assert.deepEqual([...meanScores(rows)], [0.25, 0.75]);
  rows[0] = Float32Array.from([0.75, 0.25]);
  assert.deepEqual([...meanScores(rows)], [0.5, 0.5]);
});

/** A recognizer that finds one face, and whose network gives the grey of the left and right half of the crop. */
function halves() {
  const contract = {
    labels: ['left', 'right'],
    input: { height: 4, width: 4, channels: 1 },
    crop: { margin: 0 },
    calibration: { bias: [0, 0], temperature: 1, unsure_below: 0 },
  };
  /** @type {number[]} */
  const batches = [];
  const predict = (/** @type {Float32Array} */ batch, /** @type {number} */ count) => {
    batches.push(count);
    return Float32Array.from({ length: 2 * count }, (_, i) => {
      const first = 16 * (i >> 1) + (i % 2 === 0 ? 0 : 3);
      return batch[first] / (batch[16 * (i >> 1)] + batch[16 * (i >> 1) + 3]);
    });
  };
  const detect = () => [{ x: 40, y: 40, width: 100, height: 100 }];
  const recognizer = new ExpressionRecognizer(/** @type {any} */ ({ detect }), /** @type {any} */ ({ contract, predict }));
  // Brighter to the right, with some structure that can be tracked.
  const image = frameWith(200, 200, []);
  for (let y = 0, at = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++, at += 4) image.data.fill(x + 20 * Math.sin(x / 6) * Math.sin(y / 6) + 25, at, at + 3);
  }
  return { recognizer, batches, frame: frameOf(image) };
}

test('a picture\'s face is classified in all augmentations at once, and its scores are their mean', () => {
  const { recognizer, batches, frame } = halves();
  const [face] = recognizer.recognize(frame, { timestamp: 0, track: false }).faces;
  assert.deepEqual(batches, [AUGMENTATIONS.length]);
  // In the mirrored crop the dark side is on the right, so that the mean is near to a half.
  assert.ok(Math.abs(face.scores.left - 0.5) < 0.05, `left ${face.scores.left}`);
});

test('in a video the augmentations alternate, at the cost of one, and the scores do not oscillate', () => {
  const { recognizer, batches, frame } = halves();
  const shown = [];
  for (let i = 0; i < 120; i++) {
    const [face] = recognizer.recognize(frame, { timestamp: 33 * i, track: true }).faces;
    shown.push(face.scores.left);
  }
  assert.deepEqual(new Set(batches), new Set([1]));
  assert.ok(shown[0] < 0.4, `the first frame has one augmentation, ${shown[0]}`);
  const settled = shown.slice(-10);
  assert.ok(Math.max(...settled) - Math.min(...settled) < 1e-3, `oscillates: ${settled}`);
  assert.ok(Math.abs(settled[0] - 0.5) < 0.05, `left ${settled[0]}`);
});
