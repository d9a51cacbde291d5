/**
 * The recognizer's worker: a table of actions. A message {id, action, payload} is answered by
 * {id, result} or {id, error: {code, message}}; {progress: {step, fraction}} may come in between. A message
 * without id is not answered. An error 'context-lost', also one without id, says that this worker is of no more use.
 * recognizer-client.js is the other end.
 *
 * @typedef {import('../types.js').Result} Result
 */

import * as tf from '@tensorflow/tfjs-core';

import { isContextLost, startBackend, watchContext } from '../runtime/backend.js';
import { ExpressionClassifier } from '../inference/classifier.js';
import { RecognizerError } from '../errors.js';
import { FaceDetector } from '../inference/face-detector.js';
import { Files } from './model-transfer.js';
import { FrameCanvas } from './frame-canvas.js';
import { Recognizer } from '../inference/recognizer.js';

const LOST = { code: 'context-lost', message: 'The browser took the graphics context away.' };

/** @type {Recognizer | null} */
let recognizer = null;
/** @type {FrameCanvas | null} */
let canvas = null;
const files = new Files();
/** What the detector sees of a camera's frame, mostly. */
const WARM_UP = { width: 256, height: 192 };
const ABOUT_TO_COME_MS = 50;

const actions = {
  /**
   * @param {{modelUrl: string, detectorUrl: string, wasmUrl: string,
   *   backend?: 'wasm' | 'webgl' | null, threads?: number, coming: string[]}} options  coming: the
   *   files that the page sends
   */
  async load({ modelUrl, detectorUrl, wasmUrl, backend, threads, coming }) {
    files.expect(coming);
    tf.enableProdMode();
    progress('backend', 0);
    const started = await startBackend({ wasmUrl, backend, threads });
    watchContext(() => self.postMessage({ error: LOST }));
    progress('detector', 0.3);
    const detector = await FaceDetector.load(detectorUrl, files.read);
    progress('model', 0.6);
    const loading = ExpressionClassifier.load(modelUrl, files.read);
    // The first run prepares the kernels: here where the larger file is still on its way, else in the first frame. One
    // that is about to come would have to wait for it, which costs more than is won.
    const { width, height } = WARM_UP;
    if (!(await isSettled(loading, ABOUT_TO_COME_MS))) detector.find(new ImageData(width, height));
    const classifier = await loading;
    canvas = new FrameCanvas();
    recognizer = new Recognizer(detector, classifier);
    progress('ready', 1);
    const { contract } = classifier;
    return { ...started, model: contract.model, contract };
  },

  /** @param {import('./model-transfer.js').File} file */
  file(file) {
    files.take(file);
  },

  /**
   * @param {{frame: ImageBitmap | VideoFrame, timestamp: number, track: boolean}} payload
   * @returns {Result}
   */
  recognize({ frame, timestamp, track }) {
    const started = performance.now();
    try {
      if (recognizer === null || canvas === null) throw new Error('recognize came before load');
      return recognizer.recognize(canvas.draw(frame), { timestamp, track, started });
    } finally {
      frame.close();
    }
  },

  /**
   * How long one detection and one classification take here, their results read back.
   *
   * @param {{warmUp: number, rounds: number}} options
   * @returns {number[]} milliseconds of each round
   */
  measure({ warmUp, rounds }) {
    if (recognizer === null) throw new Error('measure came before load');
    const { width, height } = WARM_UP;
    const picture = new ImageData(width, height);
    const { input } = recognizer.classifier.contract;
    const batch = new Float32Array(input.height * input.width * input.channels);
    const spent = [];
    for (let round = -warmUp; round < rounds; round++) {
      const started = performance.now();
      recognizer.detector.find(picture);
      recognizer.classifier.run(batch, 1);
      if (round >= 0) spent.push(performance.now() - started);
    }
    return spent;
  },

  memory() {
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes };
  },

  dispose() {
    recognizer?.dispose();
    recognizer = null;
    canvas = null;
  },
};

/** Whether a promise settles within a time. @param {Promise<unknown>} promise @param {number} ms */
function isSettled(promise, ms) {
  const settled = promise.then(() => true, () => true);
  return Promise.race([settled, new Promise((resolve) => setTimeout(resolve, ms, false))]);
}

/** @param {string} step @param {number} fraction  of the loading that is done, 0..1 */
function progress(step, fraction) {
  self.postMessage({ progress: { step, fraction } });
}

self.addEventListener('message', async ({ data: { id, action, payload } }) => {
  try {
    const act = /** @type {Record<string, (payload: any) => unknown>} */ (actions)[action];
    const result = await act(payload);
    if (action === 'recognize' && isContextLost()) throw new Error(LOST.message);
    if (id !== undefined) self.postMessage({ id, result });
  } catch (error) {
    if (action === 'recognize' && isContextLost()) return self.postMessage({ id, error: LOST });
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof RecognizerError ? error.code : 'worker-crashed';
    self.postMessage({ id, error: { code, message } });
  }
});
