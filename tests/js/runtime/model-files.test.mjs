/** Fetching files, with the bytes that have arrived. */

import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';

import { countingRead, fetchBytes } from '../../../static/js/runtime/model-files.js';

afterEach(() => mock.restoreAll());

test('reports the bytes of all files together, as they arrive', async () => {
  const parts = ['abc', 'de'].map((text) => new TextEncoder().encode(text));
  mock.method(globalThis, 'fetch', async () => new Response(new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  })));
  /** @type {number[]} */
  const counts = [];
  const read = countingRead({ onBytes: (bytes) => counts.push(bytes) });
  assert.equal(new TextDecoder().decode(await read('/a')), 'abcde');
  await read('/b');
  assert.deepEqual(counts, [3, 5, 8, 10]);
});

test('an answer that is no success is an error with the status and the address', async () => {
  mock.method(globalThis, 'fetch', async () => new Response('', { status: 404 }));
  await assert.rejects(fetchBytes('/a'), /^Error: the server answered 404 for \/a$/);
  await assert.rejects(countingRead({ onBytes() {} })('/b'), /answered 404 for \/b/);
});
