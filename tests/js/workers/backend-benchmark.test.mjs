/** Which backend to start on: what was measured here before, WebAssembly until then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BackendChoice } from '../../../static/js/workers/backend-benchmark.js';

/** A browser's storage. */
function memory() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
}

const takes = (/** @type {number} */ ms) => () => Promise.resolve(ms);
const never = () => assert.fail('nothing was to be measured');

for (const [wasm, webgl, faster] of /** @type {const} */ ([
  [20, 5, 'webgl'],
  [20, 15, 'webgl'],
  [20, 17, 'wasm'], // faster, but not by enough
  [20, 600, 'wasm'],
])) {
  test(`${wasm} ms on WebAssembly, ${webgl} on WebGL: ${faster}, from the next start on`, async () => {
    const storage = memory();
    const choice = () => new BackendChoice('/m.json', { storage: () => storage, gpu: () => true, browser: 'B 1' });
    assert.equal(choice().start, null);
    const found = await choice().settle(takes(wasm), takes(webgl));
    assert.deepEqual([found.backend, found.wasm, found.webgl], [faster, wasm, webgl]);
    assert.equal(choice().start, faster);
    await choice().settle(never, never);
  });
}

test('without a graphics processor nothing is measured', async () => {
  const storage = memory();
  const choice = new BackendChoice('/m.json', { storage: () => storage, gpu: () => false, browser: 'B 1' });
  assert.equal((await choice.settle(never, never)).backend, 'wasm');
  assert.equal(choice.start, 'wasm');
});

test('WebGL that does not start is not chosen', async () => {
  const storage = memory();
  const choice = new BackendChoice('/m.json', { storage: () => storage, gpu: () => true, browser: 'B 1' });
  await choice.settle(takes(20), () => Promise.reject(new Error('no')));
  assert.equal(choice.start, 'wasm');
});

test('another browser, or model, is measured anew; what cannot be read counts as nothing', async () => {
  const storage = memory();
  const of = (/** @type {string} */ browser, /** @type {string} */ model) =>
    new BackendChoice(model, { storage: () => storage, gpu: () => true, browser });
  of('B 1', '/m.json').remember({ backend: 'webgl' });
  assert.equal(of('B 1', '/m.json').start, 'webgl');
  assert.equal(of('B 2', '/m.json').start, null);
  assert.equal(of('B 1', '/n.json').start, null);
  storage.setItem('mien:backend', '{"backend": "abacus"');
  assert.equal(of('B 1', '/m.json').start, null);
});

test('where storage is forbidden it starts on what starts first, every time', async () => {
  const storage = () => {
    throw new Error('SecurityError');
  };
  const choice = new BackendChoice('/m.json', { storage, gpu: () => true, browser: 'B 1' });
  assert.equal(choice.start, null);
  assert.equal((await choice.settle(takes(20), takes(5))).backend, 'webgl');
  assert.equal(choice.start, null);
});
