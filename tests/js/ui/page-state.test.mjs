import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRate, createStatus, createThrottle, describe, sayFaces } from '../../../static/js/ui/page-state.js';

test('the state moves only where it makes sense, and says so', () => {
  /** @type {string[]} */
  const seen = [];
  const status = createStatus((state) => seen.push(state));
  for (const next of /** @type {const} */ (['loading', 'running', 'paused', 'running', 'error', 'loading', 'idle'])) {
    status.to(next);
  }
  status.to('idle');
  assert.deepEqual(seen, ['loading', 'running', 'paused', 'running', 'error', 'loading', 'idle']);
  assert.throws(() => status.to('running'), /cannot go from idle to running/);
  assert.equal(status.state, 'idle');
});

test('an error keeps its sentence and gets a title; an unknown one is told as well', () => {
  const known = describe(Object.assign(new Error('No such model.'), { code: 'model-missing' }));
  assert.equal(known.sentence, 'No such model.');
  assert.equal(known.title, 'The model could not be loaded');
  const unknown = describe(new TypeError('x is not a function'));
  assert.equal(unknown.code, 'unknown');
  assert.equal(unknown.sentence, 'x is not a function');
  assert.notEqual(unknown.advice, '');
});

test('faces are said in a sentence', () => {
  const face = { id: 0, box: { x: 0, y: 0, width: 1, height: 1 }, label: 'happy', score: 0.5, scores: { happy: 0.5, sad: 0.5 }, unsure: false };
  assert.equal(sayFaces([]), 'No face in view.');
  assert.equal(sayFaces([face]), 'One face: happy, 50%.');
  assert.equal(sayFaces([face, { ...face, unsure: true }]), '2 faces: happy, 50%; unsure.');
});

test('a throttle lets through what is new, and not too often', () => {
  const due = createThrottle(2000);
  assert.deepEqual(
    [due('a', 0), due('b', 1999), due('a', 2000), due('b', 2001), due('b', 5000)],
    [true, false, false, true, false],
  );
});

test('the rate counts the results of the last two seconds', () => {
  const rate = createRate();
  assert.equal(rate(1000), 0);
  for (let now = 1050; now < 6000; now += 50) rate(now);
  assert.equal(Math.round(rate(6000)), 20);
  assert.equal(rate(60000), 0);
});
