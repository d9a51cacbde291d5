/**
 * The comparison's worker: a table of actions, spoken to as recognizer.worker.js is. A message
 * {id, action, payload} is answered by {id, result} or {id, error: {code, message}}; {progress: {step, fraction}}
 * may come in between. compare-client.js is the other end.
 */

import * as tf from '@tensorflow/tfjs-core';

import { startBackend } from '../runtime/backend.js';
import { ExpressionClassifier } from '../inference/classifier.js';
import { Comparison } from '../inference/comparison.js';
import { countingRead } from '../runtime/counting-read.js';
import { RecognizerError } from '../errors.js';
import { FaceDetector } from '../inference/face-detector.js';
import { FrameCanvas } from './frame-canvas.js';

/** @type {Comparison | null} */
let comparison = null;
/** @type {FrameCanvas | null} */
let canvas = null;
/** @type {{name: string, abort: AbortController} | null}  the model that is being loaded */
let loading = null;

const actions = {
  /** @param {{detectorUrl: string, wasmUrl: string, backend?: 'wasm' | 'webgl' | null}} options */
  async start({ detectorUrl, wasmUrl, backend }) {
    tf.enableProdMode();
    progress('backend', 0);
    const started = await startBackend({ wasmUrl, backend });
    progress('detector', 0.4);
    const detector = await FaceDetector.load(detectorUrl);
    progress('warm-up', 0.8);
    canvas = new FrameCanvas();
    comparison = new Comparison(detector);
    const empty = new OffscreenCanvas(64, 64);
    empty.getContext('2d')?.clearRect(0, 0, 64, 64);
    const blank = empty.transferToImageBitmap();
    comparison.compare(canvas.draw(blank), { timestamp: 0, live: false });
    blank.close();
    progress('ready', 1);
    return started;
  },

  /**
   * @param {{name: string, url: string, bytes: number}} model  bytes of all its files, for the progress
   * @returns {Promise<{labels: string[]}>}
   */
  async load({ name, url, bytes }) {
    if (comparison === null) throw new Error('load came before start');
    const abort = new AbortController();
    loading = { name, abort };
    try {
      const onBytes = (/** @type {number} */ read) => progress('model', Math.min(1, read / bytes));
      const classifier = await ExpressionClassifier.load(url, countingRead({ onBytes, signal: abort.signal }));
      if (classifier.contract.model !== name) {
        classifier.dispose();
        throw new RecognizerError('model-damaged', `The model at ${url} is ${classifier.contract.model}, expected ${name}.`);
      }
      comparison.add(name, classifier);
      return { labels: classifier.contract.labels };
    } finally {
      loading = null;
    }
  },

  /** Takes a model out, also one that is still being loaded. @param {{name: string}} model */
  unload({ name }) {
    if (loading?.name === name) loading.abort.abort();
    comparison?.remove(name);
  },

  /** @param {{frame: ImageBitmap | VideoFrame, timestamp: number, live: boolean}} payload */
  compare({ frame, timestamp, live }) {
    const started = performance.now();
    try {
      if (comparison === null || canvas === null) throw new Error('compare came before start');
      return comparison.compare(canvas.draw(frame), { timestamp, live, started });
    } finally {
      frame.close();
    }
  },

  memory() {
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes };
  },
};

/** @param {string} step @param {number} fraction  0..1 */
function progress(step, fraction) {
  self.postMessage({ progress: { step, fraction } });
}

self.addEventListener('message', async ({ data: { id, action, payload } }) => {
  try {
    const act = /** @type {Record<string, (payload: any) => unknown>} */ (actions)[action];
    self.postMessage({ id, result: await act(payload) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof RecognizerError ? error.code : 'worker-crashed';
    self.postMessage({ id, error: { code, message } });
  }
});
