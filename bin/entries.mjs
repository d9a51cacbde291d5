/**
 * Find the entry modules to bundle, by their place: mien.js, each worker, and one entry for each page.
 */

import { readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Entries whose name in static/dist, which other sites may use, differs from the name of their file.
 *
 * @type {Record<string, string>}
 */
const RENAMED = { 'comparison.worker.js': 'compare.worker.js' };

/**
 * Entries are mien.js, workers/*.worker.js, and for each page pages/NAME.js or pages/NAME/NAME.js.
 *
 * @param {string} source  the folder static/js
 * @returns {Promise<Record<string, string>>} name in static/dist -> file
 */
export async function findEntries(source) {
  const found = ['mien.js'];
  for (const name of await readdir(path.join(source, 'workers'))) {
    if (name.endsWith('.worker.js')) found.push(`workers/${name}`);
  }
  for (const entry of await readdir(path.join(source, 'pages'), { withFileTypes: true })) {
    found.push(entry.isDirectory() ? `pages/${entry.name}/${entry.name}.js` : `pages/${entry.name}`);
  }
  return Object.fromEntries(
    found.map((file) => [RENAMED[path.basename(file)] ?? path.basename(file), path.join(source, file)]).sort(),
  );
}
