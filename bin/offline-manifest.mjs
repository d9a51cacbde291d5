/**
 * Bundles the service worker of the live page (static/dist/sw.js) and lists the files in static/dist with which the page
 * works offline (static/dist/offline.json), as a part of `npm run build`. app/pages/service_worker.py adds the hashes.
 */

import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Entries of the live page. */
const PAGE = ['live.js', 'recognizer.worker.js'];
/** Other files in static/dist that the page needs in every browser. */
const ALWAYS = /^(blazeface\.(json|bin)|tfjs-backend-wasm-(threaded-)?simd\.wasm|tfjs-backend-wasm-threaded-simd(\.worker)?\.js)$/;
/** Other files in static/dist that the page needs in some browsers. */
const SOMETIMES = /^tfjs-backend-wasm\.wasm$/;

/**
 * Writes sw.js and offline.json.
 *
 * @param {typeof import('esbuild')} esbuild
 * @param {{source: string, root: string, out: string, metafile: import('esbuild').Metafile}} options  `source`: file
 *   of the service worker; `out`: folder of the built files; `metafile`: of their build, with paths relative to `root`
 * @returns {Promise<string[]>} names of the written files
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
 * The scripts of the live page with all their imports.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {(file: string) => string} nameOf  path in the metafile -> name in static/dist
 * @returns {{core: Set<string>, more: Set<string>}} names in static/dist; `more`: those of dynamic imports
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
