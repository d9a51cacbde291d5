import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decode, merge } from '../../../static/js/inference/blazeface-decoder.js';
import { haarBox } from '../../../static/js/inference/haar-box.js';
import { letterbox } from '../../../static/js/inference/letterbox.js';

/** Outputs of one grid with one certain anchor. @param {number} anchors @param {number} anchor @param {number} logit */
function outputs(anchors, anchor, logit) {
  const logits = new Float32Array(anchors).fill(-20);
  const values = new Float32Array(anchors * 16);
  logits[anchor] = logit;
  values.set([3, -4, 50, 60, ...Array.from({ length: 12 }, (_, i) => i)], anchor * 16);
  return { logits, values };
}

/** A detection whose keypoints sit as in an upright face. @param {number} x @param {number} y @param {number} side @param {number} score */
function face(x, y, side, score) {
  const points = [[-0.2, -0.15], [0.2, -0.15], [0, 0.05], [0, 0.25], [-0.45, -0.1], [0.45, -0.1]];
  return {
    score,
    values: [x, y, side, side, ...points.flatMap(([px, py]) => [x + px * side, y + py * side])],
  };
}

describe('decoding', () => {
  /** grid, anchors on it, anchor, the anchor's place */
  for (const [grid, anchors, anchor, x, y] of [
    [0, 512, 0, 8, 8],
    [0, 512, 1, 8, 8],
    [0, 512, 2 * (16 * 3 + 5) + 1, 5 * 16 + 8, 3 * 16 + 8],
    [0, 512, 511, 248, 248],
    [1, 384, 0, 16, 16],
    [1, 384, 6 * (8 * 2 + 7) + 4, 7 * 32 + 16, 2 * 32 + 16],
    [1, 384, 383, 240, 240],
  ]) {
    test(`anchor ${anchor} of grid ${grid} lies at ${x}, ${y}`, () => {
      const { logits, values } = outputs(anchors, anchor, 2);
      const [found, ...others] = decode(grid, logits, values, 0.5);
      assert.equal(others.length, 0);
      assert.deepEqual(found.values.slice(0, 4), [x + 3, y - 4, 50, 60]);
      assert.deepEqual(found.values.slice(4, 8), [x + 0, y + 1, x + 2, y + 3]);
      assert.ok(Math.abs(found.score - 1 / (1 + Math.exp(-2))) < 1e-6);
    });
  }

  test('the threshold is a score; NaN is no face', () => {
    const { logits, values } = outputs(512, 7, 1);
    assert.equal(decode(0, logits, values, 0.73).length, 1);
    assert.equal(decode(0, logits, values, 0.74).length, 0);
    logits[7] = NaN;
    assert.equal(decode(0, logits, values, 0.1).length, 0);
  });

  test('overlapping detections become one, weighted by score; others stay, the most certain first', () => {
    const merged = merge([face(200, 50, 30, 0.7), face(100, 100, 40, 0.6), face(106, 100, 40, 0.9)], 0.3);
    assert.deepEqual(merged.map(({ score }) => score), [0.9, 0.7]);
    assert.ok(Math.abs(merged[0].values[0] - (100 * 0.6 + 106 * 0.9) / 1.5) < 1e-9);
    face(200, 50, 30, 1).values.forEach((value, i) => {
      assert.ok(Math.abs(merged[1].values[i] - value) < 1e-9);
    });
    assert.deepEqual(merge([], 0.3), []);
  });
});

describe('the box of a face', () => {
  test('moves and grows with the detection', () => {
    const near = haarBox(face(100, 120, 50, 1));
    const far = haarBox(face(10, 20, 100, 1));
    assert.ok(Math.abs(near.width - near.height) < 1e-9);
    assert.ok(Math.abs(far.width - 2 * near.width) < 1e-9);
    assert.ok(Math.abs(near.x + near.width / 2 - 100) < 1e-9);
    assert.ok(Math.abs((far.y + far.height / 2 - 20) - 2 * (near.y + near.height / 2 - 120)) < 1e-9);
  });

  test('turns with the head: its centre keeps its place among the keypoints, its sides stay level', () => {
    const upright = face(0, 0, 60, 1);
    const [cos, sin] = [Math.cos(0.6), Math.sin(0.6)];
    const values = [...upright.values];
    for (let i = 4; i < 16; i += 2) {
      values[i] = upright.values[i] * cos - upright.values[i + 1] * sin;
      values[i + 1] = upright.values[i] * sin + upright.values[i + 1] * cos;
    }
    const [before, after] = [haarBox(upright), haarBox({ score: 1, values })];
    const down = before.y + before.height / 2;
    assert.ok(Math.abs(down) > 0.5, 'the box is not just centred');
    // A tilted head's box is a little larger, since its sides stay level.
    assert.ok(Math.abs(after.x + after.width / 2 - -down * sin) < 0.02 * before.width);
    assert.ok(Math.abs(after.y + after.height / 2 - down * cos) < 0.02 * before.width);
    assert.ok(after.width > before.width && after.width < 1.2 * before.width, `${after.width}`);
  });
});

describe('letterbox', () => {
  for (const [width, height, expected] of /** @type {const} */ ([
    [640, 480, { x: 0, y: 32, width: 256, height: 192, scaleX: 2.5, scaleY: 2.5 }],
    [480, 640, { x: 32, y: 0, width: 192, height: 256, scaleX: 2.5, scaleY: 2.5 }],
    [128, 128, { x: 0, y: 0, width: 256, height: 256, scaleX: 0.5, scaleY: 0.5 }],
    [10000, 10, { x: 0, y: 127, width: 256, height: 1, scaleX: 10000 / 256, scaleY: 10 }],
  ])) {
    const picture = { width: 256, height: 256 };
    test(`${width} x ${height}`, () => assert.deepEqual(letterbox(width, height, 256), { ...expected, picture, grey: 0 }));
  }

  for (const [width, height, y, x, picture] of /** @type {const} */ ([
    [640, 480, 0, 0, { width: 256, height: 192 }],
    [480, 640, 0, 0, { width: 192, height: 256 }],
    [1280, 720, 8, 0, { width: 256, height: 160 }],
    [10, 10000, 0, 15, { width: 32, height: 256 }],
  ])) {
    test(`${width} x ${height}, no larger than steps of 32 allow`, () => {
      const place = letterbox(width, height, 256, 32);
      assert.deepEqual({ x: place.x, y: place.y, picture: place.picture }, { x, y, picture });
    });
  }
});
