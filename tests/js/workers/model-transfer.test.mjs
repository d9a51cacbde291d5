/** The files that the page sends, in the worker. */

import assert from 'node:assert/strict';
import { afterEach, describe, mock, test } from 'node:test';

import { IncomingFiles } from '../../../static/js/workers/model-transfer.js';

const bytes = (/** @type {number} */ length) => new ArrayBuffer(length);

describe('files that the page sends', () => {
  afterEach(() => mock.restoreAll());

  test('are waited for, also those that another one names', async () => {
    const files = new IncomingFiles();
    files.expect(['m.json']);
    const json = files.read('m.json');
    files.receive({ url: 'm.json', bytes: bytes(5), expected: ['w.bin'] });
    assert.equal((await json).byteLength, 5);
    const weights = files.read('w.bin');
    files.receive({ url: 'w.bin', bytes: bytes(7), expected: [] });
    assert.equal((await weights).byteLength, 7);
  });

  test('that arrive before they are read are kept', async () => {
    const files = new IncomingFiles();
    files.expect(['a']);
    files.receive({ url: 'a', bytes: bytes(3), expected: [] });
    assert.equal((await files.read('a')).byteLength, 3);
    assert.equal(files.files.size, 0, 'and no longer than that');
  });

  test('that could not be fetched reject their readers, and no others', async () => {
    const files = new IncomingFiles();
    files.expect(['a']);
    files.receive({ url: 'a', error: 'the server answered 404 for a', expected: [] });
    await new Promise(setImmediate);
    await assert.rejects(files.read('a'), /answered 404 for a/);
  });

  test('that are not expected are fetched', async () => {
    mock.method(globalThis, 'fetch', async () => new Response('1234'));
    assert.equal((await new IncomingFiles().read('https://mien.test/x')).byteLength, 4);
  });
});
