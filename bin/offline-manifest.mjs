/**
 * What the live page needs to work offline: `npm run build` bundles its service worker (static/dist/sw.js) and
 * writes which files of static/ belong to it (static/dist/offline.json). app/pages/service_worker.py adds their hashes.
 */

import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Entries of the live page. */
const PAGE = ['live.js', 'recognizer.worker.js'];
/** Of the other files in static/dist, those that the page always needs, and those that only some browsers do. */
const ALWAYS = /^(blazeface\.(json|bin)|tfjs-backend-wasm-(threaded-)?simd\.wasm|tfjs-backend-wasm-threaded-simd(\.worker)?\.js)$/;
const SOMETIMES = /^tfjs-backend-wasm\.wasm$/;

/**
 * @param {typeof import('esbuild')} esbuild
 * @param {{source: string, root: string, out: string, metafile: import('esbuild').Metafile}} options  `source`: of the
 *   service worker; `metafile`: of the pages' scripts, its paths relative to `root`
 * @returns {Promise<string[]>} the names of what was made
 */
export async function makeOffline(esbuild, { source, root, out, metafile }) {
  await esbuild.build({
    entryPoints: [source],
    outfile: path.join(out, 'sw.js'),
    bundle: true,
    format: 'iife',
    minify: true,
    target: 'es2022',
  });
  const { core, more } = filesOf(metafile, (file) => path.relative(out, path.join(root, file)));
  for (const name of await readdir(out)) {
    if (ALWAYS.test(name)) core.add(name);
    if (SOMETIMES.test(name)) more.add(name);
  }
  const list = { core: [...core].sort(), more: [...more].filter((name) => !core.has(name)).sort() };
  await writeFile(path.join(out, 'offline.json'), `${JSON.stringify(list, null, 2)}\n`);
  return ['sw.js', 'offline.json'];
}

/**
 * The scripts that the live page loads, with all that they import; what they import only at need is `more`.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {(file: string) => string} nameOf
 * @returns {{core: Set<string>, more: Set<string>}} names in static/dist
 */
export function filesOf({ outputs }, nameOf) {
  /** @type {Set<string>} */
  const core = new Set();
  /** @type {Set<string>} */
  const more = new Set();
  /** @param {string} file @param {Set<string>} into */
  const add = (file, into) => {
    const name = nameOf(file);
    if (core.has(name) || into.has(name)) return;
    into.add(name);
    for (const { path: other, kind, external } of outputs[file].imports) {
      if (!external) add(other, kind === 'dynamic-import' ? more : into);
    }
  };
  for (const file of Object.keys(outputs)) if (PAGE.includes(nameOf(file))) add(file, core);
  return { core, more };
}
