/**
 * The recognizer's worker: a table of actions. A message {id, action, payload} is answered by
 * {id, result} or {id, error: {code, message}}; {progress: {step, fraction}} may come in between.
 * recognizer-client.js is the other end.
 *
 * @typedef {import('./types.js').Result} Result
 */

import * as tf from '@tensorflow/tfjs-core';

import { startBackend } from './backend.js';
import { ExpressionClassifier } from './classifier.js';
import { RecognizerError } from './errors.js';
import { FaceDetector } from './face-detector.js';
import { FrameCanvas } from './frame-canvas.js';
import { Recognizer } from './recognizer.js';

/** @type {Recognizer | null} */
let recognizer = null;
/** @type {FrameCanvas | null} */
let canvas = null;

const actions = {
  /**
   * @param {{modelUrl: string, detectorUrl: string, wasmUrl: string,
   *   backend?: 'wasm' | 'webgl' | null, threads?: number}} options
   */
  async load({ modelUrl, detectorUrl, wasmUrl, backend, threads }) {
    tf.enableProdMode();
    progress('backend', 0);
    const started = await startBackend({ wasmUrl, backend, threads });
    progress('detector', 0.3);
    const detector = await FaceDetector.load(detectorUrl);
    progress('model', 0.6);
    const classifier = await ExpressionClassifier.load(modelUrl);
    progress('warm-up', 0.9);
    canvas = new FrameCanvas();
    recognizer = new Recognizer(detector, classifier);
    const empty = new OffscreenCanvas(64, 64);
    empty.getContext('2d')?.clearRect(0, 0, 64, 64);
    const blank = empty.transferToImageBitmap();
    recognizer.recognize(canvas.draw(blank), { timestamp: 0, track: false });
    blank.close();
    progress('ready', 1);
    const { contract } = classifier;
    return { ...started, model: contract.model, contract };
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

/** @param {string} step @param {number} fraction  of the loading that is done, 0..1 */
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
