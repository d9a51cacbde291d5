import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ScoreSmoother, TIME_CONSTANT_MS } from '../../../../static/js/inference/tracking/score-smoothing.js';

const BEFORE = [0.9, 0.1];
const AFTER = [0.2, 0.8];

/** The scores `elapsed` ms after a change, with a frame every `step` ms. @param {number} step @param {number} elapsed */
function changed(step, elapsed) {
  const smoother = new ScoreSmoother();
  let scores = smoother.update(0, BEFORE, 0);
  for (let time = step; time <= elapsed; time += step) scores = smoother.update(0, AFTER, time);
  return scores;
}

/** @param {ArrayLike<number>} given @param {number[]} expected */
function near(given, expected) {
  assert.equal(given.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(given[i] - value) < 1e-9, `${given[i]}, not ${value}`));
}

describe('smoothing', () => {
  test('a new face shows its scores at once', () => {
    near(new ScoreSmoother().update(3, AFTER, 5000), AFTER);
  });

  for (const step of [10, 50, 100, 200]) {
    test(`a change shows to 63 % after one time constant, with a frame every ${step} ms`, () => {
      const part = 1 - Math.exp(-1);
      near(changed(step, TIME_CONSTANT_MS), BEFORE.map((value, i) => value + part * (AFTER[i] - value)));
    });
  }

  test('the sum of the scores stays 1', () => {
    const scores = changed(17, 1700);
    assert.ok(Math.abs(scores[0] + scores[1] - 1) < 1e-12);
    assert.ok(Math.abs(scores[0] - AFTER[0]) < 1e-3);
  });

  test('scores do not change at the same or an earlier time', () => {
    const smoother = new ScoreSmoother();
    smoother.update(0, BEFORE, 100);
    near(smoother.update(0, AFTER, 100), BEFORE);
    near(smoother.update(0, AFTER, 50), BEFORE);
  });

  test('each face is smoothed by itself, and a forgotten one starts anew', () => {
    const smoother = new ScoreSmoother();
    smoother.update(0, BEFORE, 0);
    near(smoother.update(1, AFTER, 10), AFTER);
    smoother.keep(new Set([1]));
    near(smoother.update(0, AFTER, 20), AFTER);
  });

  test('returned scores are not changed later', () => {
    const smoother = new ScoreSmoother();
    const first = smoother.update(0, BEFORE, 0);
    const second = smoother.update(0, AFTER, 100);
    smoother.update(0, AFTER, 200);
    near(first, BEFORE);
    assert.ok(second[0] > 0.4);
  });
});
