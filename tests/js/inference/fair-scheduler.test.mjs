/** Whose turn it is: heavy models do not starve light ones. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RecentMedian, median } from '../../../static/js/median.js';
import { LEAST_SHARE_MS, Turns } from '../../../static/js/inference/fair-scheduler.js';

/**
 * Plays frames.
 *
 * @param {Turns} turns
 * @param {Record<string, number>} costs  what each model takes, in milliseconds
 * @param {number} frames
 * @returns {string[][]} who looked at each
 */
function play(turns, costs, frames) {
  return Array.from({ length: frames }, () => {
    const due = turns.next();
    for (const name of due) turns.took(name, costs[name]);
    return due;
  });
}

/** @param {Record<string, number>} costs @param {number} frames */
function played(costs, frames) {
  const turns = new Turns();
  for (const name of Object.keys(costs)) turns.add(name);
  return play(turns, costs, frames);
}

/** @param {string[][]} frames @param {string} name */
const share = (frames, name) => frames.filter((due) => due.includes(name)).length / frames.length;

describe('turns', () => {
  test('light models all look at every frame, the lightest first', () => {
    const frames = played({ a: 9, b: 3, c: 6 }, 20);
    assert.deepEqual([...frames[0]].sort(), ['a', 'b', 'c']);
    for (const due of frames.slice(1)) assert.deepEqual(due, ['b', 'c', 'a']);
  });

  test('a heavy model takes no more than its share of time, and the light ones still look at every frame', () => {
    const costs = { light: 2, middle: 8, heavy: 240 };
    const frames = played(costs, 400).slice(40);
    assert.equal(share(frames, 'light'), 1);
    assert.equal(share(frames, 'middle'), 1);
    const often = share(frames, 'heavy');
    assert.ok(often > 0, 'the heavy one is not starved either');
    assert.ok(often * costs.heavy <= 2 * costs.middle * 1.1, `${often * costs.heavy} ms a frame`);
  });

  test('where the heavy one looks, the others look at the same frame', () => {
    for (const due of played({ a: 2, b: 4, heavy: 100 }, 100)) {
      if (due.includes('heavy')) assert.deepEqual([...due].sort(), ['a', 'b', 'heavy']);
    }
  });

  test('on a slow machine models that are much alike all look at every frame', () => {
    const frames = played({ a: 60, b: 80, c: 140, d: 400 }, 100).slice(10);
    for (const name of ['a', 'b', 'c']) assert.equal(share(frames, name), 1);
    assert.ok(share(frames, 'd') > 0.3 && share(frames, 'd') < 0.6);
  });

  test('where all are light, none waits', () => {
    const frames = played({ a: 0.3, b: 0.4, c: LEAST_SHARE_MS - 1 }, 20);
    for (const due of frames) assert.equal(due.length, 3);
  });

  test('one slow time, which the machine is to blame for, changes nothing', () => {
    const turns = new Turns();
    for (const name of ['a', 'b']) turns.add(name);
    play(turns, { a: 5, b: 6 }, 5);
    play(turns, { a: 5, b: 300 }, 1);
    assert.deepEqual(play(turns, { a: 5, b: 6 }, 3), [['a', 'b'], ['a', 'b'], ['a', 'b']]);
  });

  test('one that is new looks at the next frame, one that is gone at none', () => {
    const turns = new Turns();
    turns.add('a');
    play(turns, { a: 500 }, 3);
    turns.add('b');
    assert.ok(turns.next().includes('b'));
    turns.remove('a');
    assert.deepEqual(turns.next(), ['b']);
    turns.took('a', 3); // what was under way when it went
    assert.deepEqual(turns.all(), ['b']);
  });

  test('for a picture: all of them, the lightest first', () => {
    const turns = new Turns();
    for (const name of ['heavy', 'light']) turns.add(name);
    play(turns, { heavy: 900, light: 1 }, 2);
    assert.deepEqual(turns.all(), ['light', 'heavy']);
  });
});

describe('medians', () => {
  test('of an odd and an even number of values, and of none', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([]), null);
  });

  test('of the newest values', () => {
    const recent = new RecentMedian(3);
    assert.deepEqual([recent.value, recent.count], [null, 0]);
    for (const value of [100, 100, 1, 2, 3]) recent.add(value);
    assert.deepEqual([recent.value, recent.count], [2, 3]);
  });
});
