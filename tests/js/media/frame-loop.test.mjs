/** The frame loop: one frame at a time, the newest next; repeated, paused, ended by an error. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { createFrameLoop } from '../../../static/js/media/frame-loop.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A loop whose frames and results the test gives. @param {{goesOn?: boolean}} [options] */
function started({ goesOn = false } = {}) {
  const state = {
    active: true,
    ended: false,
    /** @type {number[]} */
    processed: [],
    /** @type {unknown[]} */
    results: [],
    /** @type {unknown[]} */
    errors: [],
    /** @type {(now: number) => void} */
    show: () => {},
    /** @type {{resolve: (result: unknown) => void, reject: (error: Error) => void}} */
    call: { resolve() {}, reject() {} },
  };
  const loop = createFrameLoop(
    (onFrame) => {
      state.show = onFrame;
      onFrame(0);
      return () => (state.ended = true);
    },
    {
      process: (timestamp) => {
        state.processed.push(timestamp);
        return new Promise((resolve, reject) => (state.call = { resolve, reject }));
      },
      isActive: () => state.active,
      onResult: (result) => state.results.push(result),
      onError: (error) => (state.errors.push(error), goesOn),
    },
  );
  return { state, loop };
}

test('frames that come while one is processed are dropped, the present one is processed next', async () => {
  const { state } = started();
  state.show(20);
  state.show(40);
  assert.deepEqual(state.processed, [0]);
  mock.method(performance, 'now', () => 50);
  state.call.resolve('first');
  await settled();
  assert.deepEqual([state.processed, state.results], [[0, 50], ['first']]);
  state.call.resolve('second');
  await settled();
  assert.deepEqual(state.processed, [0, 50], 'no frame is processed twice');
  mock.restoreAll();
});

test('repeated, the present frame is processed once more, after the one under way', async () => {
  const { state, loop } = started();
  loop.repeat();
  assert.equal(state.processed.length, 1);
  state.call.resolve(1);
  await settled();
  assert.equal(state.processed.length, 2);
});

test('while it is not active, frames are dropped and results ignored', async () => {
  const { state } = started();
  state.active = false;
  state.call.resolve('too late');
  await settled();
  state.show(20);
  assert.deepEqual([state.processed, state.results], [[0], []]);
  state.active = true;
  state.show(40);
  assert.deepEqual(state.processed, [0, 40]);
});

test('stopped, it asks for no frames and delivers no result', async () => {
  const { state, loop } = started();
  loop.stop();
  state.call.resolve('too late');
  await settled();
  state.show(20);
  assert.deepEqual([state.ended, state.processed, state.results], [true, [0], []]);
});

test('an error ends it', async () => {
  const { state } = started();
  state.call.reject(new Error('broken'));
  await settled();
  state.show(20);
  assert.equal(state.errors.length, 1);
  assert.deepEqual([state.ended, state.processed], [true, [0]]);
});

test('an error that can be overcome does not end it: the present frame is next', async () => {
  const { state } = started({ goesOn: true });
  state.call.reject(new Error('lost'));
  await settled();
  assert.equal(state.processed.length, 2);
  state.call.resolve('again');
  await settled();
  assert.deepEqual([state.ended, state.results], [false, ['again']]);
});
