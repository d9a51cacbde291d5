/**
 * Compresses the static files, as a part of `npm run build`: static/dist/encoded/HASH.br and HASH.gz are the copies of a
 * file; HASH is the first 12 hexadecimal digits of its SHA-256. app/web/compressed_static.py finds copies by this
 * hash, so a copy of older content is never sent.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const PATTERN = /\.(css|js|json|svg|wasm|bin)$/;
const SMALLEST = 512;
/**
 * The greatest ratio of compressed to original bytes with which a copy is kept. Browsers accept Brotli over HTTPS. For
 * the few other clients, weights of networks, of which gzip saves less than a tenth, get no second copy.
 *
 * @type {Record<string, number>} extension -> ratio
 */
const MAX_RATIO = { br: 0.95, gz: 0.85 };

/** @type {Record<string, (content: Buffer) => Promise<Buffer>>} extension -> encoder */
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

/** The name of the copies of a file. @param {Buffer} content */
const hashOf = (content) => createHash('sha256').update(content).digest('hex').slice(0, 12);

/**
 * Creates the copies that do not exist yet and removes those of older content.
 *
 * @param {string} folder  the folder whose files are compressed
 * @param {string} out  the folder of the copies; may be within `folder`
 * @returns {Promise<{files: number, bytes: number, br: number, gz: number}>}  number and bytes of the files that
 *   have copies, and bytes of the copies
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
    for (const [extension, encode] of Object.entries(ENCODERS)) {
      const copy = `${hashOf(content)}.${extension}`;
      // A copy that saves too little becomes an empty file, so that later builds do not try again.
      let size = before.has(copy) ? (await stat(path.join(out, copy))).size : -1;
      if (size < 0) {
        const encoded = await encode(content);
        size = encoded.length <= content.length * MAX_RATIO[extension] ? encoded.length : 0;
        // Renamed when complete, so that an interrupted build leaves no partial copy.
        await writeFile(path.join(out, 'partial'), size ? encoded : '');
        await rename(path.join(out, 'partial'), path.join(out, copy));
      }
      kept.add(copy);
      sum[/** @type {'br' | 'gz'} */ (extension)] += size || content.length;
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
