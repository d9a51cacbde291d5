/** The watchdog reports that signals have stopped, and that they come again. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { createStallWatchdog } from '../../../static/js/media/stall-watchdog.js';

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

const watch = () => createStallWatchdog(3000, (stalled) => told.push(stalled));

test('reports nothing before the first signal, nor while signals come', () => {
  const { signal } = watch();
  pass(5000);
  assert.deepEqual(told, []);
  for (let i = 0; i < 100; i++) {
    signal();
    pass(100);
  }
  assert.deepEqual(told, []);
});

test('reports a stall once, its end at once, and then the next stall', () => {
  const { signal } = watch();
  signal();
  pass(2000);
  signal();
  pass(2990);
  assert.deepEqual(told, []);
  pass(10_000);
  assert.deepEqual(told, [true]);
  signal();
  assert.deepEqual(told, [true, false]);
  pass(3000);
  assert.deepEqual(told, [true, false, true]);
});

test('after a stop reports nothing, until a signal comes again', () => {
  const { signal, stop } = watch();
  signal();
  stop();
  pass(10_000);
  assert.deepEqual(told, []);
  signal();
  pass(3000);
  stop();
  signal();
  assert.deepEqual(told, [true]);
});
