/**
 * Build the scripts of the pages into static/dist: `npm run build`.
 *
 *   node bin/build.mjs            all entries
 *   node bin/build.mjs --watch    all entries, again after each change
 *   node bin/build.mjs NAME ...   only these entries, e.g. recognizer.worker.js
 *
 * bin/entries.mjs finds the entries by their place. Modules that several entries share, and the webgl backend, which
 * is loaded only when it is needed, go into chunk-HASH.js files. The types of mien.js (mien.d.ts) are made from its
 * JSDoc. bin/offline-manifest.mjs makes the live page's service worker and the list of the files that it caches. The
 * .wasm files, the scripts of their threads and the face detector's network are copied from the pinned npm packages. At
 * the end, bin/compress.mjs compresses all static files, except with --watch or NAMEs.
 */

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { compress } from './compress.mjs';
import { findEntries } from './entries.mjs';
import { makeOffline } from './offline-manifest.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = path.join(ROOT, 'static', 'js');
const OUT = path.join(ROOT, 'static', 'dist');
const ENCODED = path.join(OUT, 'encoded');
/** mien.js and the modules whose types it uses. */
const TYPES = ['mien.d.ts', 'types.d.ts', 'errors.d.ts'];
const COPIED = [
  ['@tensorflow/tfjs-backend-wasm/dist', /^tfjs-backend-wasm.*\.wasm$/],
  ['@tensorflow/tfjs-backend-wasm/wasm-out', /^tfjs-backend-wasm-threaded-simd\.js$/],
  ['@vladmandic/human/models', /^blazeface\.(json|bin)$/],
];

const THREAD_MODULE =
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js';

/**
 * TF.js starts its threads from a blob: URL, which the policy `script-src 'self'` forbids. The same script is beside the
 * .wasm files, so the threads get its address instead. [pattern in TF.js, replacement]
 */
const THREADS = [
  [
    /new Blob\(\[`var WasmBackendModuleThreadedSimd = ` \+\s*wasmFactoryThreadedSimd\.toString\(\)\], \{ type: 'text\/javascript' \}\)/g,
    "wasmPathPrefix + 'tfjs-backend-wasm-threaded-simd.js'",
  ],
  [
    /const response = wasmWorkerContents[\s\S]*?return URL\.createObjectURL\(blob\);/g,
    "return wasmPathPrefix + 'tfjs-backend-wasm-threaded-simd.worker.js';",
  ],
];

/** @type {import('esbuild').Plugin} */
const threadsByAddress = {
  name: 'threads-by-address',
  setup(build) {
    build.onLoad({ filter: /tfjs-backend-wasm[\\/]dist[\\/]backend_wasm\.js$/ }, async ({ path: file }) => {
      let contents = await readFile(file, 'utf8');
      for (const [pattern, replacement] of THREADS) {
        if (contents.match(pattern)?.length !== 1) {
          fail(`${file} has changed: expected exactly one match of ${pattern}`);
        }
        contents = contents.replace(pattern, () => String(replacement));
      }
      return { contents, loader: 'js' };
    });
  },
};

/** End the build with an error message. @param {string} message @returns {never} */
function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}

/** Copy the third-party files into static/dist. @returns {Promise<string[]>} their names */
async function copyFiles() {
  const copied = [];
  for (const [folder, pattern] of COPIED) {
    const from = path.join(ROOT, 'node_modules', String(folder));
    const names = (await readdir(from).catch(() => [])).filter((name) =>
      /** @type {RegExp} */ (pattern).test(name),
    );
    if (names.length === 0) {
      fail(`no file ${pattern} in node_modules/${folder}; run "npm ci --include=dev" first`);
    }
    for (const name of names) await copyFile(path.join(from, name), path.join(OUT, name));
    copied.push(...names);
  }
  // The package holds the threads' script as a string in a CommonJS module.
  const { wasmWorkerContents } = createRequire(import.meta.url)(`../node_modules/${THREAD_MODULE}`);
  if (typeof wasmWorkerContents !== 'string') fail(`${THREAD_MODULE} has changed`);
  const script = path.basename(THREAD_MODULE);
  // In the template string of the module, its escaped line breaks became real ones: escape them again.
  await writeFile(path.join(OUT, script), wasmWorkerContents.replaceAll('\n', '\\n'));
  return [...copied, script];
}

/** Make the types of mien.js. @returns {Promise<string[]>} their names */
async function writeTypes() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mien-types-'));
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', SOURCE];
  const files = path.join(folder, 'tsconfig.json');
  const entry = path.join(SOURCE, 'mien.js');
  await writeFile(files, JSON.stringify({
    extends: path.join(ROOT, 'tsconfig.json'),
    compilerOptions: { types: [] },
    include: [entry],
  }));
  await promisify(execFile)(process.execPath, [tsc, '-p', files, ...flags, '--outDir', folder]).catch(
    (/** @type {{stdout?: string}} */ error) => fail(`tsc cannot make the types: ${error.stdout ?? error}`),
  );
  for (const name of TYPES) await copyFile(path.join(folder, name), path.join(OUT, name));
  await rm(folder, { recursive: true });
  return TYPES;
}

/** Remove the files of earlier builds. @param {Set<string>} made  names to keep */
async function prune(made) {
  for (const name of await readdir(OUT)) {
    if (!made.has(name) && name !== path.basename(ENCODED)) await rm(path.join(OUT, name), { recursive: true });
  }
}

const esbuild = await import('esbuild').catch(() =>
  fail('esbuild is not installed; run "npm ci --include=dev" first'),
);
const watch = process.argv.includes('--watch');
const asked = process.argv.slice(2).filter((argument) => argument !== '--watch');
const all = await findEntries(SOURCE);
const unknown = asked.filter((name) => !(name in all));
if (unknown.length > 0) {
  fail(`unknown entry ${unknown.join(', ')}; the entries are ${Object.keys(all).join(', ')}`);
}
const entries = asked.length > 0 ? asked : Object.keys(all);
for (const name of entries) {
  await stat(all[name]).catch(() => fail(`${path.relative(ROOT, all[name])} is missing`));
}

await mkdir(OUT, { recursive: true });
const copied = await copyFiles();
/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: entries.map((name) => ({ in: all[name], out: path.basename(name, '.js') })),
  outdir: OUT,
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  target: 'es2022',
  metafile: true,
  plugins: [threadsByAddress],
  logLevel: watch ? 'info' : 'warning',
};

if (watch) {
  await (await esbuild.context(options)).watch();
} else {
  const { metafile } = await esbuild.build(options).catch(() => process.exit(1));
  const outputs = Object.entries(metafile?.outputs ?? {});
  if (asked.length === 0) {
    const made = outputs.map(([file]) => path.basename(file));
    await prune(new Set([...copied, ...(await writeTypes()), ...made]));
    await makeOffline(esbuild, { source: path.join(SOURCE, 'service-worker.js'), root: ROOT, out: OUT, metafile: /** @type {import('esbuild').Metafile} */ (metafile) });
  }
  for (const [file, { bytes }] of outputs) {
    if (!file.endsWith('.map')) console.log(`${file}  ${(bytes / 1024).toFixed(1)} KiB`);
  }
  if (asked.length === 0) {
    const { files, bytes, br, gz } = await compress(path.join(ROOT, 'static'), ENCODED);
    const mib = (/** @type {number} */ size) => (size / 1048576).toFixed(2);
    console.log(`${files} files of ${mib(bytes)} MiB, compressed: br ${mib(br)}, gzip ${mib(gz)} MiB`);
  }
}
