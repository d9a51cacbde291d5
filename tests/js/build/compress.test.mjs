/** Compressed copies of static files: their content, their names, and the removal of old ones. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { compress } from '../../../bin/compress.mjs';

const TEXT = 'export const a = 1; // and again\n'.repeat(99);
/** Bytes that cannot be compressed. */
const NOISE = Buffer.concat([...Array(64).keys()].map((n) => createHash('sha512').update(String(n)).digest()));
let folder = '';
let out = '';

/** @param {string | Buffer} content */
const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 12);
const names = async () => (await readdir(out)).sort();

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mien-compress-'));
  out = path.join(folder, 'dist', 'encoded');
  await mkdir(path.join(folder, 'css'));
  await writeFile(path.join(folder, 'css', 'page.css'), TEXT);
  await writeFile(path.join(folder, 'noise.bin'), NOISE);
  await writeFile(path.join(folder, 'small.js'), 'let a;');
  await writeFile(path.join(folder, 'page.js.map'), TEXT + TEXT);
});
after(() => rm(folder, { recursive: true }));

test('a file has two copies, which decompress to it', async () => {
  const sum = await compress(folder, out);
  assert.deepEqual(await names(), [`${hash(TEXT)}.br`, `${hash(TEXT)}.gz`, `${hash(NOISE)}.br`, `${hash(NOISE)}.gz`].sort());
  assert.equal(brotliDecompressSync(await readFile(path.join(out, `${hash(TEXT)}.br`))).toString(), TEXT);
  assert.equal(gunzipSync(await readFile(path.join(out, `${hash(TEXT)}.gz`))).toString(), TEXT);
  assert.equal(sum.files, 1);
  assert.equal(sum.bytes, TEXT.length);
});

test('a file that cannot be compressed has empty copies', async () => {
  assert.equal((await stat(path.join(out, `${hash(NOISE)}.br`))).size, 0);
  assert.equal((await stat(path.join(out, `${hash(NOISE)}.gz`))).size, 0);
});

test('a second run keeps copies and removes those of changed files', async () => {
  const kept = path.join(out, `${hash(TEXT)}.br`);
  const { mtimeMs } = await stat(kept);
  await compress(folder, out);
  assert.equal((await stat(kept)).mtimeMs, mtimeMs);
  const changed = `${TEXT}// more\n`;
  await writeFile(path.join(folder, 'css', 'page.css'), changed);
  await compress(folder, out);
  const found = await names();
  assert.ok(found.includes(`${hash(changed)}.br`));
  assert.ok(!found.includes(`${hash(TEXT)}.br`));
});
