/** Which models take part: loaded one at a time, switched off and on, failed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Roster } from '../../../../static/js/pages/compare/model-queue.js';

/** A loader whose loads the test settles. */
class Bench {
  constructor() {
    /** @type {string[]} */
    this.log = [];
    /** @type {Map<string, {resolve: () => void, reject: (error: Error) => void}>} */
    this.open = new Map();
  }

  /** @param {string} name */
  load(name) {
    this.log.push(`load ${name}`);
    return new Promise((resolve, reject) => {
      this.open.set(name, { resolve: () => resolve(undefined), reject });
    });
  }

  /** @param {string} name */
  async unload(name) {
    this.log.push(`unload ${name}`);
  }

  /** @param {string} name @param {string} [problem] */
  async settle(name, problem) {
    const call = this.open.get(name);
    this.open.delete(name);
    if (problem === undefined) call?.resolve();
    else call?.reject(new Error(problem));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function begun() {
  /** @type {string[]} */
  const changes = [];
  /** @type {Roster} */
  const roster = new Roster(['a', 'b', 'c'], (name) => changes.push(`${name} ${roster.part(name)}`));
  const bench = new Bench();
  roster.attach(bench);
  return { roster, bench, changes };
}

/** @param {Roster} roster */
const parts = (roster) => ['a', 'b', 'c'].map((name) => roster.part(name)).join(' ');

describe('the roster', () => {
  test('nothing is loaded before there is a loader', () => {
    const roster = new Roster(['a', 'b', 'c'], () => {});
    roster.off('b');
    roster.on('c');
    assert.equal(parts(roster), 'waiting off waiting');
  });

  test('one at a time, in their order', async () => {
    const { roster, bench, changes } = begun();
    assert.equal(parts(roster), 'loading waiting waiting');
    await bench.settle('a');
    assert.equal(parts(roster), 'on loading waiting');
    await bench.settle('b');
    await bench.settle('c');
    assert.equal(parts(roster), 'on on on');
    assert.deepEqual(bench.log, ['load a', 'load b', 'load c']);
    assert.deepEqual(changes, ['a loading', 'a on', 'b loading', 'b on', 'c loading', 'c on']);
  });

  test('one that fails says why, the others go on, and it can be tried again', async () => {
    const { roster, bench } = begun();
    await bench.settle('a', 'It is damaged.');
    await bench.settle('b');
    await bench.settle('c');
    assert.equal(parts(roster), 'failed on on');
    assert.equal(roster.problem('a'), 'It is damaged.');
    roster.on('a');
    assert.equal(roster.problem('a'), '');
    await bench.settle('a');
    assert.equal(parts(roster), 'on on on');
  });

  test('switched off, its memory is given back; on again, it is loaded again', async () => {
    const { roster, bench } = begun();
    for (const name of ['a', 'b', 'c']) await bench.settle(name);
    roster.off('b');
    assert.equal(parts(roster), 'on off on');
    roster.on('b');
    await bench.settle('b');
    assert.equal(parts(roster), 'on on on');
    assert.deepEqual(bench.log.slice(3), ['unload b', 'load b']);
  });

  test('switched off while it waits, it is never loaded', async () => {
    const { roster, bench } = begun();
    roster.off('b');
    await bench.settle('a');
    assert.equal(parts(roster), 'on off loading');
    assert.deepEqual(bench.log, ['load a', 'load c']);
  });

  test('switched off while it is loaded: given up, or given back where that comes too late', async () => {
    for (const problem of ['aborted', undefined]) {
      const { roster, bench } = begun();
      roster.off('a');
      assert.deepEqual(bench.log, ['load a', 'unload a']);
      await bench.settle('a', problem);
      assert.equal(parts(roster), 'off loading waiting');
      assert.deepEqual(bench.log, ['load a', 'unload a', 'unload a', 'load b']);
    }
  });

  test('switched off and on while it is loaded, it is loaded anew', async () => {
    const { roster, bench } = begun();
    roster.off('a');
    roster.on('a');
    await bench.settle('a', 'aborted');
    assert.equal(parts(roster), 'loading waiting waiting');
    await bench.settle('a');
    assert.equal(parts(roster), 'on loading waiting');
  });

  test('paused, it loads no more and keeps what it has; then it goes on', async () => {
    const { roster, bench } = begun();
    await bench.settle('a');
    roster.pause();
    assert.equal(parts(roster), 'on waiting waiting');
    await bench.settle('b', 'aborted');
    assert.equal(parts(roster), 'on waiting waiting');
    roster.attach(bench);
    await bench.settle('b');
    await bench.settle('c');
    assert.equal(parts(roster), 'on on on');
  });

  test('a loader that goes takes all with it, but not what failed or is off', async () => {
    const { roster, bench } = begun();
    await bench.settle('a');
    roster.off('c');
    roster.fail('b', 'It crashed.');
    roster.detach();
    assert.equal(parts(roster), 'waiting failed off');
    await bench.settle('b'); // too late
    assert.equal(parts(roster), 'waiting failed off');
    const next = new Bench();
    roster.attach(next);
    await next.settle('a');
    assert.equal(parts(roster), 'on failed off');
    assert.deepEqual(next.log, ['load a']);
  });

  test('a model that there is not is a mistake of the page', () => {
    const { roster } = begun();
    assert.throws(() => roster.on('d'), /no model d/);
  });
});
