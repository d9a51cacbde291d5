/**
 * Measure the time of TF.js for one face with every bundle of static/models, on WebAssembly with one
 * thread under node; `models.py` runs it and prints a table.
 *
 *   node tests/benchmarks/models.mjs [--rounds 60] [--reference FOLDER/model.json]
 *
 * Prints {model: median milliseconds} as JSON. Each round runs every model once, so that other load
 * on the machine affects all of them equally.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ExpressionClassifier } from '../../static/js/inference/classifier.js';
import { ROOT, random, readDisk, startWasm } from '../support/js/runtime.mjs';
import { quantile } from './regression.mjs';

const { values: given } = parseArgs({
  options: { rounds: { type: 'string', default: '60' }, reference: { type: 'string' } },
});
const models = path.join(ROOT, 'static/models');

await startWasm();
const draw = random(1);
const all = [];
const { models: entries } = JSON.parse(readFileSync(path.join(models, 'index.json'), 'utf8'));
if (given.reference) entries.push({ model: 'reference', path: path.resolve(given.reference) });
for (const entry of entries) {
  const classifier = await ExpressionClassifier.load(path.resolve(models, entry.path), readDisk);
  const { height, width, channels } = classifier.contract.input;
  const face = Float32Array.from({ length: height * width * channels }, () => 255 * draw());
  all.push({ name: entry.model, classifier, face, spent: /** @type {number[]} */ ([]) });
}
for (let round = -5; round < Number(given.rounds); round++) {
  for (const { classifier, face, spent } of all) {
    const started = performance.now();
    classifier.predict(face, 1);
    if (round >= 0) spent.push(performance.now() - started);
  }
}
console.log(JSON.stringify(Object.fromEntries(all.map((m) => [m.name, quantile(m.spent, 0.5)]))));
