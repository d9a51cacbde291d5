/** Which of several faces the comparison classifies. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { largestFace } from '../../../static/js/inference/largest-face.js';

/** @param {number} id @param {number} side */
const face = (id, side) => ({ id, box: { x: 100 * id, y: 50, width: side, height: side } });

describe('the largest face', () => {
  test('none where there is none', () => assert.equal(largestFace([], 0), null));

  test('without one before: the largest', () => {
    assert.equal(largestFace([face(0, 90), face(1, 100), face(2, 80)], null)?.id, 1);
  });

  test('the face of the frame before stays while it is nearly as large', () => {
    assert.equal(largestFace([face(1, 110), face(0, 95)], 0)?.id, 0);
    assert.equal(largestFace([face(1, 160), face(0, 95)], 0)?.id, 1);
  });

  test('one that is gone is replaced by the largest', () => {
    assert.equal(largestFace([face(1, 60), face(2, 95)], 0)?.id, 2);
  });
});
