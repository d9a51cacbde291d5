/** Something that came all the time has stopped coming, or comes again. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { watchSilence } from '../../../static/js/media/stall-watchdog.js';

let now = 0;
/** @type {boolean[]} */
let told = [];

/** @param {number} ms  in steps, as timers are due */
function pass(ms) {
  for (let left = ms; left > 0; left -= 10) {
    now += 10;
    mock.timers.tick(10);
  }
}

beforeEach(() => {
  now = 0;
  told = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const watch = () => watchSilence(3000, (silent) => told.push(silent));

test('nothing is said before the first, nor while it comes', () => {
  const { heard } = watch();
  pass(5000);
  assert.deepEqual(told, []);
  for (let i = 0; i < 100; i++) {
    heard();
    pass(100);
  }
  assert.deepEqual(told, []);
});

test('silence is said once, its end at once, and then the next', () => {
  const { heard } = watch();
  heard();
  pass(2000);
  heard();
  pass(2990);
  assert.deepEqual(told, []);
  pass(10_000);
  assert.deepEqual(told, [true]);
  heard();
  assert.deepEqual(told, [true, false]);
  pass(3000);
  assert.deepEqual(told, [true, false, true]);
});

test('after a stop nothing is said, until it comes again', () => {
  const { heard, stop } = watch();
  heard();
  stop();
  pass(10_000);
  assert.deepEqual(told, []);
  heard();
  pass(3000);
  stop();
  heard();
  assert.deepEqual(told, [true]);
});
