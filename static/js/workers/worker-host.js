/**
 * The worker's end of worker-rpc.js: answer the page's calls from a table of actions; and what every worker needs: the
 * TF.js backend, the canvas that frames are read from, and reports of progress.
 *
 * A message {id, action, payload} is answered by {id, result} or {id, error: {code, message}}; {progress: {step,
 * fraction}} may come in between. A message without id is not answered unless it fails. An error 'context-lost', also
 * one without id, says that this worker cannot be used any more.
 *
 * @typedef {import('../inference/face-finder.js').Frame} Frame
 */

import * as tf from '@tensorflow/tfjs-core';

import { isContextLost, startBackend, watchContext } from '../runtime/backend.js';
import { RecognizerError } from '../errors.js';
import { FrameCanvas } from './frame-canvas.js';

const LOST = { code: /** @type {const} */ ('context-lost'), message: 'The browser took the graphics context away.' };

/** What the detector usually receives of a camera's frame; for first runs, which prepare the kernels, and benchmarks. */
export const TYPICAL_SIZE = { width: 256, height: 192 };

/** @type {FrameCanvas | null} */
let canvas = null;

/** @param {Record<string, (payload: any) => unknown>} actions  by name */
export function serveActions(actions) {
  self.addEventListener('message', async ({ data: { id, action, payload } }) => {
    try {
      const result = await actions[action](payload);
      if (id !== undefined) self.postMessage({ id, result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof RecognizerError ? error.code : 'worker-crashed';
      self.postMessage({ id, error: { code, message } });
    }
  });
}

/** @param {string} step @param {number} fraction  of the loading that is done, 0..1 */
export function reportProgress(step, fraction) {
  self.postMessage({ progress: { step, fraction } });
}

/**
 * Starts TF.js; a graphics context that is lost later is reported to the page.
 *
 * @param {Parameters<typeof startBackend>[0]} options
 * @returns {ReturnType<typeof startBackend>}
 * @throws {RecognizerError} 'backend'
 */
export async function startEngine(options) {
  tf.enableProdMode();
  reportProgress('backend', 0);
  const started = await startBackend(options);
  watchContext(() => self.postMessage({ error: LOST }));
  return started;
}

/**
 * Runs a function on a frame that the page sent, and frees the frame.
 *
 * @template R
 * @param {ImageBitmap | VideoFrame} source
 * @param {(frame: Frame, started: number) => R} run  started: when the frame arrived, by performance.now()
 * @returns {R}
 * @throws {RecognizerError} 'context-lost'
 */
export function onFrame(source, run) {
  const started = performance.now();
  try {
    canvas ??= new FrameCanvas();
    const result = run(canvas.draw(source), started);
    if (!isContextLost()) return result;
  } catch (error) {
    if (!isContextLost()) throw error;
  } finally {
    source.close();
  }
  // What TF.js computes on a lost context is wrong.
  throw new RecognizerError(LOST.code, LOST.message);
}

/** The memory that TF.js holds in this worker. */
export function memory() {
  const { numTensors, numBytes } = tf.memory();
  return { numTensors, numBytes };
}
