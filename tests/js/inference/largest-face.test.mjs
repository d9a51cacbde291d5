/** Which of several faces is looked at. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { largestFace } from '../../../static/js/inference/largest-face.js';

/** @param {number} x @param {number} side @returns {import('../../../static/js/types.js').Box} */
const face = (x, side) => ({ x, y: 50, width: side, height: side });

describe('the largest face', () => {
  test('none where there is none', () => assert.equal(largestFace([], face(0, 9)), null));

  test('without one before: the largest', () => {
    assert.deepEqual(largestFace([face(0, 90), face(300, 100), face(500, 80)], null), { box: face(300, 100), same: false });
  });

  test('the one it was stays while it is nearly as large', () => {
    const before = face(0, 100);
    assert.deepEqual(largestFace([face(300, 110), face(10, 95)], before), { box: face(10, 95), same: true });
    assert.deepEqual(largestFace([face(300, 160), face(10, 95)], before), { box: face(300, 160), same: false });
  });

  test('one elsewhere, or of another size, is another face', () => {
    assert.equal(largestFace([face(90, 100)], face(0, 100))?.same, false);
    assert.equal(largestFace([face(30, 100)], face(0, 100))?.same, true);
    assert.equal(largestFace([face(0, 40)], face(0, 100))?.same, false);
  });

  test('of two near the one before the nearer is it', () => {
    assert.deepEqual(largestFace([face(40, 100), face(5, 98)], face(0, 100))?.box, face(5, 98));
  });
});
