/**
 * Predict grey images of 48 x 48 pixels, each a whole face, with the expression network of
 * `@vladmandic/human`, preprocessed as in human/src/gear/emotion.ts; `accuracy.py` runs it.
 *
 *   node tests/benchmarks/accuracy.mjs FILE
 *
 * FILE has the bytes of all images in sequence. Prints the probabilities (n, 7) as JSON; the labels
 * are angry, disgust, fear, happy, sad, surprise, neutral.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { loadBundle } from '../../static/js/runtime/model-bundle.js';
import { ROOT, readDisk, startWasm } from '../support/js/runtime.mjs';

const SIDE = 48;
const BATCH = 64;
const NETWORK = path.join(ROOT, 'node_modules/@vladmandic/human/models/emotion.json');

await startWasm();
const model = await loadBundle(NETWORK, { missing: 'model-missing', name: 'network', read: readDisk });
const size = model.inputs[0].shape?.[2] ?? 0;
const bytes = readFileSync(process.argv[2]);
const count = bytes.length / SIDE ** 2;
/** @type {number[][]} */
const found = [];
for (let from = 0; from < count; from += BATCH) {
  const some = Math.min(BATCH, count - from);
  const pixels = Float32Array.from(bytes.subarray(from * SIDE ** 2, (from + some) * SIDE ** 2));
  const scores = tf.tidy(() => {
    const grey = tf.div(tf.tensor4d(pixels, [some, SIDE, SIDE, 1]), 255);
    const resized = tf.image.resizeBilinear(/** @type {tf.Tensor4D} */ (grey), [size, size], false);
    const input = tf.mul(tf.sub(resized, 0.5), 2);
    return /** @type {tf.Tensor2D} */ (model.execute(input)).arraySync();
  });
  found.push(...scores);
}
console.log(JSON.stringify(found));
