/**
 * Compressed copies of the static files, made by `npm run build`: static/dist/encoded/HASH.br and
 * HASH.gz, HASH being the first 12 hexadecimal digits of the SHA-256 of the file they were made
 * from. app/web/compressed_static.py looks for them by that hash, so a copy of an older content is never sent.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const PATTERN = /\.(css|js|json|svg|wasm|bin)$/;
const SMALLEST = 512;
/**
 * A copy is kept where it has at most this part of the file's bytes. Browsers take Brotli wherever the
 * page comes over HTTPS; for the few others a network's weights, of which gzip saves less than a tenth, are
 * not worth a second copy on a small disk.
 *
 * @type {Record<string, number>}
 */
const WORTH = { br: 0.95, gz: 0.85 };

/** @type {Record<string, (content: Buffer) => Promise<Buffer>>} ending -> encoder */
const ENCODERS = {
  br: (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gz: (content) => promisify(gzip)(content, { level: 9 }),
};

/** The name of a content's copies. @param {Buffer} content */
const hashOf = (content) => createHash('sha256').update(content).digest('hex').slice(0, 12);

/**
 * Makes the copies that are not there yet and removes those of contents that are gone.
 *
 * @param {string} folder  all files in it that are worth it are compressed
 * @param {string} out  where the copies go, within `folder` or elsewhere
 * @returns {Promise<{files: number, bytes: number, br: number, gz: number}>}  bytes of the files that
 *   have copies, and of those
 */
export async function compress(folder, out) {
  await mkdir(out, { recursive: true });
  const before = new Set(await readdir(out));
  /** @type {Set<string>} */
  const kept = new Set();
  const sum = { files: 0, bytes: 0, br: 0, gz: 0 };
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name);
    const inOut = !path.relative(out, file).startsWith('..');
    if (inOut || !PATTERN.test(name) || !(await stat(file)).isFile()) continue;
    const content = await readFile(file);
    if (content.length < SMALLEST) continue;
    let found = false;
    for (const [ending, encode] of Object.entries(ENCODERS)) {
      const copy = `${hashOf(content)}.${ending}`;
      // What was not worth it leaves an empty file, so as not to be tried again each time.
      let size = before.has(copy) ? (await stat(path.join(out, copy))).size : -1;
      if (size < 0) {
        const encoded = await encode(content);
        size = encoded.length <= content.length * WORTH[ending] ? encoded.length : 0;
        // Never half a copy under its name, should the build be interrupted.
        await writeFile(path.join(out, 'half'), size ? encoded : '');
        await rename(path.join(out, 'half'), path.join(out, copy));
      }
      kept.add(copy);
      sum[/** @type {'br' | 'gz'} */ (ending)] += size || content.length;
      found ||= size > 0;
    }
    if (found) {
      sum.files += 1;
      sum.bytes += content.length;
    }
  }
  for (const name of before) if (!kept.has(name)) await rm(path.join(out, name));
  return sum;
}
