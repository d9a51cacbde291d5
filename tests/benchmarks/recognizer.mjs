/**
 * Measure the time of a frame under node, on WebAssembly with one thread:
 *
 *   node tests/benchmarks/recognizer.mjs [--rounds 40]
 *
 * The milliseconds are medians and depend on the machine and its load. The ratio to the baseline, the
 * sum of ten million products in plain JavaScript in the same run, depends on them much less. `detect`
 * includes reducing the frame, which node does in JavaScript and a browser on a canvas.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ExpressionClassifier } from '../../static/js/inference/classifier.js';
import { FaceDetector } from '../../static/js/inference/face-detector.js';
import { ExpressionRecognizer } from '../../static/js/inference/recognizer.js';
import { astronaut, frameWith } from '../support/js/astronaut.mjs';
import { DETECTOR, ROOT, frameOf, readDisk, startWasm } from '../support/js/runtime.mjs';
import { quantile } from './regression.mjs';

const { values: given } = parseArgs({ options: { rounds: { type: 'string', default: '40' } } });
const models = path.join(ROOT, 'static/models');

await startWasm();
const left = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
const right = Float32Array.from(left).reverse();

/** One run of the baseline, in milliseconds. */
function baseline() {
  const started = performance.now();
  let sum = 0;
  for (let round = 0; round < 10_000; round++) {
    for (let i = 0; i < left.length; i++) sum += left[i] * right[i];
  }
  if (!(sum > 0)) throw new Error('the baseline computed nothing');
  return performance.now() - started;
}

const detector = await FaceDetector.load(DETECTOR, readDisk);
for (const { model, path: file } of JSON.parse(readFileSync(path.join(models, 'index.json'), 'utf8')).models) {
  const recognizer = new ExpressionRecognizer(detector, await ExpressionClassifier.load(path.join(models, file), readDisk));
  for (const count of [1, 2]) {
    const parts = Array.from({ length: count }, (_, i) => ({ image: astronaut(), x: 20 + 320 * i, y: 100 }));
    const frame = frameOf(frameWith(640, 480, parts));
    /** @type {Record<string, number[]>} */
    const spent = { baseline: [], detect: [], crop: [], predict: [], total: [] };
    for (let round = -3; round < Number(given.rounds); round++) {
      const once = baseline();
      const { timings, faces } = recognizer.recognize(frame, { timestamp: round, track: false });
      if (faces.length !== count) throw new Error(`${faces.length} faces found, there are ${count}`);
      if (round < 0) continue; // warm-up
      for (const [name, ms] of Object.entries({ baseline: once, ...timings })) spent[name].push(ms);
    }
    console.log(`${model}, 640 x 480, ${count} ${count === 1 ? 'face' : 'faces'}:`);
    const unit = quantile(spent.baseline, 0.5);
    for (const [name, list] of Object.entries(spent)) {
      const ms = quantile(list, 0.5);
      console.log(`  ${name.padEnd(9)} ${ms.toFixed(2).padStart(7)} ms  ${(ms / unit).toFixed(2).padStart(6)} baselines`);
    }
  }
  recognizer.classifier.dispose();
}
detector.model.dispose();
