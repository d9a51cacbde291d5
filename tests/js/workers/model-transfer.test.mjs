/** The worker's end of the files that the page sends. */

import assert from 'node:assert/strict';
import { afterEach, describe, mock, test } from 'node:test';

import { Files } from '../../../static/js/workers/model-transfer.js';

const bytes = (/** @type {number} */ length) => new ArrayBuffer(length);

describe('files on their way', () => {
  afterEach(() => mock.restoreAll());

  test('are waited for, also those that another one names', async () => {
    const files = new Files();
    files.expect(['m.json']);
    const json = files.read('m.json');
    files.take({ url: 'm.json', bytes: bytes(5), coming: ['w.bin'] });
    assert.equal((await json).byteLength, 5);
    const weights = files.read('w.bin');
    files.take({ url: 'w.bin', bytes: bytes(7), coming: [] });
    assert.equal((await weights).byteLength, 7);
  });

  test('that come before they are asked for are kept', async () => {
    const files = new Files();
    files.expect(['a']);
    files.take({ url: 'a', bytes: bytes(3), coming: [] });
    assert.equal((await files.read('a')).byteLength, 3);
    assert.equal(files.files.size, 0, 'and no longer than that');
  });

  test('that could not be had fail whoever reads them, and nobody else', async () => {
    const files = new Files();
    files.expect(['a']);
    files.take({ url: 'a', error: 'the server answered 404 for a', coming: [] });
    await new Promise(setImmediate);
    await assert.rejects(files.read('a'), /answered 404 for a/);
  });

  test('that nobody sends are fetched', async () => {
    mock.method(globalThis, 'fetch', async () => new Response('1234'));
    assert.equal((await new Files().read('https://mien.test/x')).byteLength, 4);
  });
});
