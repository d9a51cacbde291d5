/** Against tests/golden/preprocess.json, which pytest holds the Python twin to. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { cropBox, pixelsUnder, toInput } from '../../../static/js/inference/preprocess.js';
import { applyCalibration } from '../../../static/js/inference/calibration.js';
import { frameOf } from '../../support/js/runtime.mjs';

/** The twins agree to this, in grey levels. */
const TOLERANCE = 1e-3;

const golden = JSON.parse(
  readFileSync(new URL('../../golden/preprocess.json', import.meta.url), 'utf8'),
);

/** @param {{width: number, height: number, rgb: string}} stored @returns {import('../../../static/js/types.js').Pixels} */
function imageOf({ width, height, rgb }) {
  const bytes = Buffer.from(rgb, 'base64');
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) data.set(bytes.subarray(i * 3, i * 3 + 3), i * 4);
  return { data, width, height };
}

/** @param {string} base64 */
function floatsOf(base64) {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** @param {ArrayLike<number>} given @param {ArrayLike<number>} expected */
function furthest(given, expected) {
  assert.equal(given.length, expected.length);
  let worst = 0;
  for (let i = 0; i < given.length; i++) {
    assert.ok(Number.isFinite(given[i]), `value ${i} is ${given[i]}`);
    worst = Math.max(worst, Math.abs(given[i] - expected[i]));
  }
  return worst;
}

describe('preprocessing', () => {
  test('there are golden cases', () => {
    assert.ok(golden.cases.length > 0 && golden.crop_boxes.length > 0 && golden.calibration.length > 0);
  });

  for (const stored of golden.cases) {
    test(`toInput: ${stored.name}`, () => {
      const image = imageOf(golden.pictures[stored.picture]);
      const expected = floatsOf(stored.expected);
      const whole = toInput(image, stored.crop, stored.input);
      assert.ok(furthest(whole, expected) <= TOLERANCE, `off by ${furthest(whole, expected)}`);
    });

    test(`toInput on only the pixels it needs: ${stored.name}`, () => {
      const image = imageOf(golden.pictures[stored.picture]);
      const region = pixelsUnder(stored.crop, image);
      const crop = { ...stored.crop, x: stored.crop.x - region.x, y: stored.crop.y - region.y };
      const given = toInput(frameOf(image).pixels(region), crop, stored.input);
      assert.ok(furthest(given, floatsOf(stored.expected)) <= TOLERANCE);
    });
  }

  for (const { box, margin, expected } of golden.crop_boxes) {
    test(`cropBox: ${JSON.stringify(box)}, margin ${margin}`, () => {
      const given = cropBox(box, { margin });
      for (const side of /** @type {const} */ (['x', 'y', 'width', 'height'])) {
        assert.ok(Math.abs(given[side] - expected[side]) < 1e-9, `${side}: ${given[side]}`);
      }
    });
  }

  for (const { probabilities, bias, temperature, expected } of golden.calibration) {
    test(`calibration of ${probabilities}: bias ${bias}, temperature ${temperature}`, () => {
      const given = applyCalibration(Float32Array.from(probabilities), { bias, temperature, unsure_below: 0 });
      assert.ok(furthest(given, expected) < 1e-6);
    });
  }

  test('writes into the given array and returns it', () => {
    const image = imageOf(golden.pictures[golden.cases[0].picture]);
    const { height, width, channels } = golden.cases[0].input;
    const batch = new Float32Array(2 * height * width * channels);
    const half = batch.subarray(height * width * channels);
    assert.equal(toInput(image, golden.cases[0].crop, golden.cases[0].input, half), half);
    assert.ok(batch.subarray(0, half.length).every((value) => value === 0));
    assert.ok(furthest(half, toInput(image, golden.cases[0].crop, golden.cases[0].input)) <= TOLERANCE);
  });
});
