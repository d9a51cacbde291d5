/** Seconds since the start, also when the device sleeps or its clock is set. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SessionClock } from '../../../../../static/js/pages/live/recording/session-clock.js';

const DAY = Date.UTC(2026, 10, 21);

/** A clock, and what it reads. */
function clocks() {
  const at = { now: 5000, day: DAY };
  const clock = new SessionClock(() => at.now, () => at.day);
  /** @param {number} ms @param {number} [day]  of the time of day */
  const pass = (ms, day = ms) => {
    at.now += ms;
    at.day += day;
  };
  return { at, clock, pass };
}

test('time passes', () => {
  const { clock, pass } = clocks();
  assert.equal(clock.seconds(), 0);
  assert.equal(clock.started.getTime(), DAY);
  pass(2500);
  assert.equal(clock.seconds(), 2.5);
});

test('an earlier timestamp gives an earlier time, but not before the start', () => {
  const { clock, pass } = clocks();
  pass(2000);
  assert.equal(clock.seconds(6500), 1.5);
  assert.equal(clock.seconds(4000), 0);
});

test('sleep that performance.now() does not count', () => {
  const { clock, pass } = clocks();
  pass(1000);
  pass(0, 600_000);
  assert.equal(clock.seconds(), 601);
  pass(1000);
  assert.equal(clock.seconds(), 602);
});

test('sleep that performance.now() counts', () => {
  const { clock, pass } = clocks();
  pass(600_000);
  assert.equal(clock.seconds(), 600);
});

test('a drift of less than a second is not sleep', () => {
  const { clock, pass } = clocks();
  pass(10_000, 10_900);
  assert.equal(clock.seconds(), 10);
});

test('the time does not decrease when the clock is set back, nor jump when it is set right', () => {
  const { clock, pass } = clocks();
  pass(1000);
  pass(1000, -3_600_000);
  assert.equal(clock.seconds(), 2);
  pass(1000, 3_600_000);
  assert.equal(clock.seconds(), 3);
});
