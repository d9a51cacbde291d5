/** The queue of models: loaded one at a time, switched off and on, failed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ModelQueue } from '../../../../static/js/pages/compare/model-queue.js';

/** A loader whose loads the test settles. */
class FakeLoader {
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

function started() {
  /** @type {string[]} */
  const changes = [];
  /** @type {ModelQueue} */
  const queue = new ModelQueue(['a', 'b', 'c'], (name) => changes.push(`${name} ${queue.status(name)}`));
  const loader = new FakeLoader();
  queue.attach(loader);
  return { queue, loader, changes };
}

/** @param {ModelQueue} queue */
const statuses = (queue) => ['a', 'b', 'c'].map((name) => queue.status(name)).join(' ');

describe('the queue', () => {
  test('nothing is loaded before there is a loader', () => {
    const queue = new ModelQueue(['a', 'b', 'c'], () => {});
    queue.switchOff('b');
    queue.switchOn('c');
    assert.equal(statuses(queue), 'waiting off waiting');
  });

  test('one at a time, in their order', async () => {
    const { queue, loader, changes } = started();
    assert.equal(statuses(queue), 'loading waiting waiting');
    await loader.settle('a');
    assert.equal(statuses(queue), 'on loading waiting');
    await loader.settle('b');
    await loader.settle('c');
    assert.equal(statuses(queue), 'on on on');
    assert.deepEqual(loader.log, ['load a', 'load b', 'load c']);
    assert.deepEqual(changes, ['a loading', 'a on', 'b loading', 'b on', 'c loading', 'c on']);
  });

  test('a model that fails has a reason, the others go on, and it can be tried again', async () => {
    const { queue, loader } = started();
    await loader.settle('a', 'It is damaged.');
    await loader.settle('b');
    await loader.settle('c');
    assert.equal(statuses(queue), 'failed on on');
    assert.equal(queue.problem('a'), 'It is damaged.');
    queue.switchOn('a');
    assert.equal(queue.problem('a'), '');
    await loader.settle('a');
    assert.equal(statuses(queue), 'on on on');
  });

  test('a model that is switched off is unloaded; switched on, it is loaded again', async () => {
    const { queue, loader } = started();
    for (const name of ['a', 'b', 'c']) await loader.settle(name);
    queue.switchOff('b');
    assert.equal(statuses(queue), 'on off on');
    queue.switchOn('b');
    await loader.settle('b');
    assert.equal(statuses(queue), 'on on on');
    assert.deepEqual(loader.log.slice(3), ['unload b', 'load b']);
  });

  test('a model that is switched off while it waits is never loaded', async () => {
    const { queue, loader } = started();
    queue.switchOff('b');
    await loader.settle('a');
    assert.equal(statuses(queue), 'on off loading');
    assert.deepEqual(loader.log, ['load a', 'load c']);
  });

  test('a model that is switched off while it is being loaded is aborted, or unloaded if it has been loaded by then', async () => {
    for (const problem of ['aborted', undefined]) {
      const { queue, loader } = started();
      queue.switchOff('a');
      assert.deepEqual(loader.log, ['load a', 'unload a']);
      await loader.settle('a', problem);
      assert.equal(statuses(queue), 'off loading waiting');
      assert.deepEqual(loader.log, ['load a', 'unload a', 'unload a', 'load b']);
    }
  });

  test('a model that is switched off and on while it is being loaded is loaded again', async () => {
    const { queue, loader } = started();
    queue.switchOff('a');
    queue.switchOn('a');
    await loader.settle('a', 'aborted');
    assert.equal(statuses(queue), 'loading waiting waiting');
    await loader.settle('a');
    assert.equal(statuses(queue), 'on loading waiting');
  });

  test('a paused queue loads no more and keeps what is loaded; then it goes on', async () => {
    const { queue, loader } = started();
    await loader.settle('a');
    queue.pause();
    assert.equal(statuses(queue), 'on waiting waiting');
    await loader.settle('b', 'aborted');
    assert.equal(statuses(queue), 'on waiting waiting');
    queue.attach(loader);
    await loader.settle('b');
    await loader.settle('c');
    assert.equal(statuses(queue), 'on on on');
  });

  test('a detached loader loses all models, but failed and switched-off ones stay so', async () => {
    const { queue, loader } = started();
    await loader.settle('a');
    queue.switchOff('c');
    queue.fail('b', 'It crashed.');
    queue.detach();
    assert.equal(statuses(queue), 'waiting failed off');
    await loader.settle('b'); // too late
    assert.equal(statuses(queue), 'waiting failed off');
    const next = new FakeLoader();
    queue.attach(next);
    await next.settle('a');
    assert.equal(statuses(queue), 'on failed off');
    assert.deepEqual(next.log, ['load a']);
  });

  test('an unknown model is an error', () => {
    const { queue } = started();
    assert.throws(() => queue.switchOn('d'), /no model d/);
  });
});
