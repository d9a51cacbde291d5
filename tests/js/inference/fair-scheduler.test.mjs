/** Which models receive a frame: heavy models do not slow down light ones. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { MIN_CREDIT_MS, FairScheduler } from '../../../static/js/inference/fair-scheduler.js';

/**
 * Plays frames.
 *
 * @param {FairScheduler} scheduler
 * @param {Record<string, number>} costs  what each model takes, in milliseconds
 * @param {number} frames
 * @returns {string[][]} the models that received each
 */
function play(scheduler, costs, frames) {
  return Array.from({ length: frames }, () => {
    const due = scheduler.due();
    for (const name of due) scheduler.report(name, costs[name]);
    return due;
  });
}

/** @param {Record<string, number>} costs @param {number} frames */
function played(costs, frames) {
  const scheduler = new FairScheduler();
  for (const name of Object.keys(costs)) scheduler.add(name);
  return play(scheduler, costs, frames);
}

/** @param {string[][]} frames @param {string} name */
const share = (frames, name) => frames.filter((due) => due.includes(name)).length / frames.length;

describe('the scheduler', () => {
  test('light models all receive every frame, the fastest first', () => {
    const frames = played({ a: 9, b: 3, c: 6 }, 20);
    assert.deepEqual([...frames[0]].sort(), ['a', 'b', 'c']);
    for (const due of frames.slice(1)) assert.deepEqual(due, ['b', 'c', 'a']);
  });

  test('a heavy model takes no more than its share of time, and the light ones still receive every frame', () => {
    const costs = { light: 2, middle: 8, heavy: 240 };
    const frames = played(costs, 400).slice(40);
    assert.equal(share(frames, 'light'), 1);
    assert.equal(share(frames, 'middle'), 1);
    const often = share(frames, 'heavy');
    assert.ok(often > 0, 'the heavy one receives frames, too');
    assert.ok(often * costs.heavy <= 2 * costs.middle * 1.1, `${often * costs.heavy} ms a frame`);
  });

  test('where the heavy one receives a frame, the others receive the same', () => {
    for (const due of played({ a: 2, b: 4, heavy: 100 }, 100)) {
      if (due.includes('heavy')) assert.deepEqual([...due].sort(), ['a', 'b', 'heavy']);
    }
  });

  test('on a slow machine models that cost much the same all receive every frame', () => {
    const frames = played({ a: 60, b: 80, c: 140, d: 400 }, 100).slice(10);
    for (const name of ['a', 'b', 'c']) assert.equal(share(frames, name), 1);
    assert.ok(share(frames, 'd') > 0.3 && share(frames, 'd') < 0.6);
  });

  test('where all models are light, none waits', () => {
    const frames = played({ a: 0.3, b: 0.4, c: MIN_CREDIT_MS - 1 }, 20);
    for (const due of frames) assert.equal(due.length, 3);
  });

  test('one slow run, caused by the machine, changes nothing', () => {
    const scheduler = new FairScheduler();
    for (const name of ['a', 'b']) scheduler.add(name);
    play(scheduler, { a: 5, b: 6 }, 5);
    play(scheduler, { a: 5, b: 300 }, 1);
    assert.deepEqual(play(scheduler, { a: 5, b: 6 }, 3), [['a', 'b'], ['a', 'b'], ['a', 'b']]);
  });

  test('a new model receives the next frame, a removed one none', () => {
    const scheduler = new FairScheduler();
    scheduler.add('a');
    play(scheduler, { a: 500 }, 3);
    scheduler.add('b');
    assert.ok(scheduler.due().includes('b'));
    scheduler.remove('a');
    assert.deepEqual(scheduler.due(), ['b']);
    scheduler.report('a', 3); // a run that ended after it was removed
    assert.deepEqual(scheduler.all(), ['b']);
  });

  test('for a picture: all of them, the fastest first', () => {
    const scheduler = new FairScheduler();
    for (const name of ['heavy', 'light']) scheduler.add(name);
    play(scheduler, { heavy: 900, light: 1 }, 2);
    assert.deepEqual(scheduler.all(), ['light', 'heavy']);
  });
});
