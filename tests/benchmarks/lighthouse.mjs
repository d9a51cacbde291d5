/**
 * Measure the pages with Lighthouse, for a phone and for a desktop; lighthouse.py runs it.
 *
 *   node tests/benchmarks/lighthouse.mjs CHROMIUM FOLDER ADDRESS [--runs N] PAGE ...
 *
 * FOLDER is where npm installed Lighthouse, ADDRESS that of a running site, such as http://127.0.0.1:8000. Prints the
 * four scores of each page, each the median of N runs (3), and its metrics; then the audits that lower the scores. The
 * exit code is 1 if a score is below 95.
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const FORMS = ['mobile', 'desktop'];
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];
/** @type {Record<string, string>}  short name -> id */
const METRICS = {
  FCP: 'first-contentful-paint',
  LCP: 'largest-contentful-paint',
  TBT: 'total-blocking-time',
  CLS: 'cumulative-layout-shift',
};
const LEAST = 95;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' } } });
const [chromePath, folder, url, ...pages] = positionals;
if (!pages.length) throw new Error('expected CHROMIUM, FOLDER, ADDRESS and PAGE ...');
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs is ${values.runs}, expected a whole number from 1`);

/** @param {string} file */
const from = (file) => import(pathToFileURL(path.resolve(folder, 'node_modules', file)).href);
const { default: lighthouse, desktopConfig } = await from('lighthouse/core/index.js');
const { launch } = await from('chrome-launcher/dist/index.js');

/** @param {number[]} all */
const median = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];

/** The audits of a report that lower its scores. @param {any} report @returns {string[]} */
function faults({ categories, audits }) {
  const references = Object.values(categories).flatMap(({ auditRefs }) => auditRefs);
  return references.flatMap(({ id, weight }) => {
    const { score, scoreDisplayMode, title, displayValue = '' } = audits[id];
    return weight > 0 && scoreDisplayMode !== 'informative' && score !== null && score < 0.9 ? [`${id}: ${title} ${displayValue}`.trim()] : [];
  });
}

const chromeFlags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const chrome = await launch({ chromePath, chromeFlags });
/** @type {Set<string>} */
const said = new Set();
let least = 100;
console.log(`page      form      ${CATEGORIES.join('  ')}   ${Object.keys(METRICS).join('  ')}`);
try {
  for (const page of pages) {
    for (const form of FORMS) {
      /** @type {any[]} */
      const reports = [];
      for (let run = 0; run < runs; run++) {
        const settings = { port: chrome.port, logLevel: 'error', onlyCategories: CATEGORIES };
        const { lhr } = await lighthouse(url + page, settings, form === 'desktop' ? desktopConfig : undefined);
        if (lhr.runtimeError) throw new Error(`${page}: ${lhr.runtimeError.message}`);
        reports.push(lhr);
        for (const fault of faults(lhr)) said.add(`${page} ${form} ${fault}`);
      }
      const scores = CATEGORIES.map((name) => median(reports.map(({ categories }) => Math.round(100 * categories[name].score))));
      least = Math.min(least, ...scores);
      const metrics = Object.entries(METRICS).map(([short, name]) => {
        const value = median(reports.map(({ audits }) => audits[name].numericValue));
        return short === 'CLS' ? value.toFixed(3) : `${Math.round(value)} ms`;
      });
      console.log(`${page.padEnd(9)} ${form.padEnd(9)} ${[...scores, ...metrics].join('  ')}`);
    }
  }
} finally {
  await chrome.kill();
}
for (const line of said) console.log(line);
process.exitCode = least < LEAST ? 1 : 0;
