import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { adjustedScores, changeFrom, logOdds, restingFaceOf } from '../../../static/js/inference/resting-face.js';

const golden = JSON.parse(readFileSync(new URL('../../golden/resting_face.json', import.meta.url), 'utf8'));
const neutral = golden.labels.indexOf('neutral');

/** @param {number[]} found @param {number[]} expected */
function assertClose(found, expected) {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${value}, expected ${expected[i]}`));
}

for (const [name, one] of Object.entries(golden.cases)) {
  test(`the numbers of the server: ${name}`, () => {
    const face = restingFaceOf(one.observed.map(logOdds));
    assertClose(face.rest, one.rest);
    assertClose(face.spread, one.spread);
    one.scores.forEach((/** @type {number[]} */ scores, /** @type {number} */ i) => {
      const change = changeFrom(face, logOdds(scores));
      assertClose(change, one.change[i]);
      assertClose(adjustedScores(scores, change, neutral), one.adjusted[i]);
    });
  });
}
