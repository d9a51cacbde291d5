import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { makeTracks } from '../../../golden/make_tracks.mjs';

const GOLDEN = JSON.parse(readFileSync(new URL('../../../golden/tracks.json', import.meta.url), 'utf8'));

/** Asserts that two values agree, numbers to 0.02. @param {any} given @param {any} expected @param {string} where */
function near(given, expected, where) {
  if (typeof expected === 'number') assert.ok(Math.abs(given - expected) < 0.02, `${where}: ${given}, not ${expected}`);
  else if (typeof expected !== 'object') assert.equal(given, expected, where);
  else {
    assert.deepEqual(Object.keys(given).sort(), Object.keys(expected).sort(), where);
    for (const key of Object.keys(expected)) near(given[key], expected[key], `${where}.${key}`);
  }
}

test('tracking gives what tests/golden/tracks.json says; Python is compared with the same file', () => {
  near(makeTracks(), GOLDEN, 'tracks');
});
