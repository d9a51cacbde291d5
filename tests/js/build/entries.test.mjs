/** The entries of the build are found by their place. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { findEntries } from '../../../bin/entries.mjs';

const SOURCE = new URL('../../../static/js/', import.meta.url).pathname;

test('each page has an entry with the name of its folder', async () => {
  const entries = await findEntries(SOURCE);
  for (const name of ['live.js', 'photo.js', 'compare.js', 'embed.js', 'mien.js', 'recognizer.worker.js', 'compare.worker.js']) {
    assert.ok(name in entries, name);
  }
});

test('a new page or worker is found', async () => {
  const source = await mkdtemp(path.join(os.tmpdir(), 'mien-entries-'));
  try {
    for (const folder of ['workers', 'pages/new']) await mkdir(path.join(source, folder), { recursive: true });
    const files = ['mien.js', 'workers/new.worker.js', 'workers/part.js', 'pages/new/new.js', 'pages/new/part.js', 'pages/small.js'];
    for (const file of files) await writeFile(path.join(source, file), '');
    const entries = await findEntries(source);
    assert.deepEqual(Object.keys(entries), ['mien.js', 'new.js', 'new.worker.js', 'small.js']);
    assert.equal(entries['new.js'], path.join(source, 'pages', 'new', 'new.js'));
  } finally {
    await rm(source, { recursive: true });
  }
});
