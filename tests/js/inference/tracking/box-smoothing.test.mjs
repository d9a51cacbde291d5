import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BoxSmoother } from '../../../../static/js/inference/tracking/box-smoothing.js';
import { at } from '../../../support/js/crowd.mjs';
import { random } from '../../../support/js/runtime.mjs';

/** @typedef {import('../../../../static/js/types.js').Box} Box */

/** @param {Box} box */
const centre = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/** The boxes shown. @param {(seconds: number) => Box} path @param {number} seconds @param {number} [rate] */
function shown(path, seconds, rate = 30) {
  const smoother = new BoxSmoother();
  return Array.from({ length: Math.round(seconds * rate) + 1 }, (_, i) => smoother.update(0, path(i / rate), (i * 1000) / rate));
}

/** Asserts that two boxes agree to a millionth of a pixel. @param {Box} given @param {Box} expected */
function near(given, expected) {
  for (const key of /** @type {const} */ (['x', 'y', 'width', 'height'])) {
    assert.ok(Math.abs(given[key] - expected[key]) < 1e-6, `${key}: ${given[key]}, not ${expected[key]}`);
  }
}

/** How much boxes jitter: mean square of the steps. @param {Box[]} boxes */
function jitter(boxes) {
  const steps = boxes.slice(1).map((box, i) => Math.hypot(...centre(box).map((value, k) => value - centre(boxes[i])[k]), box.width - boxes[i].width));
  return steps.reduce((sum, step) => sum + step * step, 0) / steps.length;
}

describe('boxes', () => {
  test('a new face is shown where it is', () => {
    near(new BoxSmoother().update(3, at(200, 100, 80), 5000), at(200, 100, 80));
  });

  test('a still head is held steady', () => {
    const next = random(3);
    const off = () => 2 * (next() - 0.5);
    /** @type {Box[]} */
    const raw = [];
    const boxes = shown(() => {
      raw.push(at(200 + off(), 200 + off(), 100 + off()));
      return raw[raw.length - 1];
    }, 6);
    assert.ok(jitter(boxes) < jitter(raw) / 20, `${jitter(boxes)} of ${jitter(raw)}`);
  });

  for (const rate of [15, 30, 60, 120]) {
    test(`a moving head is followed within 3 % of its side, at ${rate} frames a second`, () => {
      const path = (/** @type {number} */ t) => at(100 + 300 * t, 200); // three sides a second
      shown(path, 1.5, rate).forEach((box, i) => {
        if (i < rate / 2) return;
        const behind = centre(path(i / rate))[0] - centre(box)[0];
        assert.ok(behind >= -1e-9 && behind < 3, `${behind} pixels behind`);
      });
    });
  }

  test('near and far faces are smoothed alike', () => {
    const path = (/** @type {number} */ t) => at(100 + 90 * Math.sin(5 * t), 200 + 20 * t, 60 + 30 * Math.sin(3 * t));
    const near = shown((t) => { const { x, y, width } = path(t); return { x: 4 * x, y: 4 * y, width: 4 * width, height: 4 * width }; }, 2);
    shown(path, 2).forEach((box, i) => {
      for (const key of /** @type {const} */ (['x', 'y', 'width', 'height'])) {
        assert.ok(Math.abs(4 * box[key] - near[i][key]) < 1e-6);
      }
    });
  });

  test('frame rates make little difference', () => {
    const path = (/** @type {number} */ t) => at(200 + 80 * Math.sin(4 * t), 200);
    const [slow, fast] = [30, 120].map((rate) => shown(path, 2, rate).filter((_, i) => i % (rate / 30) === 0));
    slow.forEach((box, i) => assert.ok(Math.abs(centre(box)[0] - centre(fast[i])[0]) < 2.5));
  });

  test('boxes do not change at the same time; each face is smoothed by itself, and a forgotten one starts anew', () => {
    const smoother = new BoxSmoother();
    smoother.update(0, at(100, 100, 64), 0);
    near(smoother.update(0, at(200, 100, 64), 0), at(100, 100, 64));
    near(smoother.update(1, at(300, 300), 10), at(300, 300));
    smoother.keep(new Set([1]));
    near(smoother.update(0, at(250, 100), 20), at(250, 100));
  });
});
