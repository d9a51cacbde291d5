/** The label with the highest score, and whether that score is too low. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bestOf, expressionOf } from '../../static/js/argmax.js';

const CONTRACT = { labels: ['angry', 'happy', 'neutral'], calibration: { bias: [0, 0, 0], temperature: 1, unsure_below: 0.5 } };

/** [scores, index, unsure] @type {[number[], number, boolean][]} */
const CASES = [
  [[0.2, 0.7, 0.1], 1, false],
  [[0.4, 0.35, 0.25], 0, true],
  [[0.1, 0.1, 0.8], 2, false],
  [[0.5, 0.5, 0], 0, false],
];

for (const [scores, index, unsure] of CASES) {
  test(`of ${scores.join(', ')}: ${CONTRACT.labels[index]}${unsure ? ', unsure' : ''}`, () => {
    assert.deepEqual(bestOf(scores, CONTRACT), { index, score: scores[index], unsure });
    assert.deepEqual(expressionOf(scores, CONTRACT), {
      label: CONTRACT.labels[index],
      score: scores[index],
      scores: { angry: scores[0], happy: scores[1], neutral: scores[2] },
      unsure,
    });
  });
}

test('the scores keep the order of the contract', () => {
  assert.deepEqual(Object.keys(expressionOf(Float32Array.of(0, 0, 1), CONTRACT).scores), CONTRACT.labels);
});
