/** Which backend to start on: the faster one, once measured; WebAssembly until then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BackendBenchmark } from '../../../static/js/workers/backend-benchmark.js';

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
    const benchmark = () => new BackendBenchmark('/m.json', { storage: () => storage, gpu: () => true, browser: 'B 1' });
    assert.equal(benchmark().fastest, null);
    const found = await benchmark().run(takes(wasm), takes(webgl));
    assert.deepEqual([found.backend, found.wasm, found.webgl], [faster, wasm, webgl]);
    assert.equal(benchmark().fastest, faster);
    await benchmark().run(never, never);
  });
}

test('without a graphics processor nothing is measured', async () => {
  const storage = memory();
  const benchmark = new BackendBenchmark('/m.json', { storage: () => storage, gpu: () => false, browser: 'B 1' });
  assert.equal((await benchmark.run(never, never)).backend, 'wasm');
  assert.equal(benchmark.fastest, 'wasm');
});

test('WebGL that does not start is not chosen', async () => {
  const storage = memory();
  const benchmark = new BackendBenchmark('/m.json', { storage: () => storage, gpu: () => true, browser: 'B 1' });
  await benchmark.run(takes(20), () => Promise.reject(new Error('no')));
  assert.equal(benchmark.fastest, 'wasm');
});

test('another browser or model is measured anew; what cannot be read is ignored', async () => {
  const storage = memory();
  const of = (/** @type {string} */ browser, /** @type {string} */ model) =>
    new BackendBenchmark(model, { storage: () => storage, gpu: () => true, browser });
  of('B 1', '/m.json').store({ backend: 'webgl' });
  assert.equal(of('B 1', '/m.json').fastest, 'webgl');
  assert.equal(of('B 2', '/m.json').fastest, null);
  assert.equal(of('B 1', '/n.json').fastest, null);
  storage.setItem('mien:backend', '{"backend": "abacus"');
  assert.equal(of('B 1', '/m.json').fastest, null);
});

test('where storage is forbidden nothing is stored', async () => {
  const storage = () => {
    throw new Error('SecurityError');
  };
  const benchmark = new BackendBenchmark('/m.json', { storage, gpu: () => true, browser: 'B 1' });
  assert.equal(benchmark.fastest, null);
  assert.equal((await benchmark.run(takes(20), takes(5))).backend, 'webgl');
  assert.equal(benchmark.fastest, null);
});
