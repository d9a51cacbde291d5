/**
 * The page's interface of the comparison, which runs in a worker.
 *
 * @typedef {import('../inference/comparison.js').Compared} Compared
 *
 * @typedef {object} ComparisonOptions
 * @property {string} workerUrl  of compare.worker.js
 * @property {string} detectorUrl  of blazeface.json
 * @property {string} wasmUrl  the folder of the .wasm files, ending in a slash
 * @property {'wasm' | 'webgl' | null} [backend]  only this one; null: the first that starts
 * @property {(step: string, fraction: number) => void} [onProgress]  step is 'backend', 'detector', 'warm-up' or
 *   'ready', fraction of these steps; later 'model', fraction of the model that is being loaded; 0..1
 *
 * @typedef {object} ModelFiles  A model to load.
 * @property {string} name
 * @property {string} url  of its model.json
 * @property {number} bytes  of all its files
 * @property {string[]} labels
 */

import { RecognizerError } from '../errors.js';
import { TIMEOUT_MS, WorkerRpc } from './worker-rpc.js';

/**
 * Starts the worker, the engine and the face detector; models are loaded later.
 *
 * @param {ComparisonOptions} options
 * @returns {Promise<ComparisonClient>}
 * @throws {RecognizerError} 'detector-missing' | 'model-damaged' | 'backend' | 'worker-crashed'
 */
export async function createComparison({ workerUrl, detectorUrl, wasmUrl, backend, onProgress }) {
  const rpc = new WorkerRpc(workerUrl, onProgress);
  try {
    const options = { detectorUrl: absolute(detectorUrl), wasmUrl: absolute(wasmUrl), backend };
    await rpc.call('start', options);
    return new ComparisonClient(rpc);
  } catch (error) {
    rpc.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}

export class ComparisonClient {
  /** @param {WorkerRpc} rpc */
  constructor(rpc) {
    this.rpc = rpc;
  }

  /** Whether the worker is gone. */
  get ended() {
    return this.rpc.ended !== null;
  }

  /**
   * Loads a model; one call at a time.
   *
   * @param {ModelFiles} model
   * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'worker-crashed' | 'disposed'
   */
  async load({ name, url, bytes, labels }) {
    const loaded = await this.rpc.call('load', { name, url: absolute(url), bytes });
    if (loaded.labels.join() !== labels.join()) {
      await this.unload(name);
      const found = `its labels are ${loaded.labels.join(', ')}, expected ${labels.join(', ')}`;
      throw new RecognizerError('model-damaged', `The model at ${url} is another one: ${found}.`);
    }
  }

  /** Removes a model and frees its memory. @param {string} name */
  unload(name) {
    return this.rpc.call('unload', { name }, [], TIMEOUT_MS);
  }

  /**
   * Runs the models on a frame. One call at a time: the caller drops frames while one is being processed.
   *
   * @param {ImageBitmap | VideoFrame} frame  transferred to the worker, which closes it
   * @param {{timestamp: number, track: boolean}} options  timestamp in milliseconds; track: whether this is the next
   *   frame of a video, of which heavy models may receive only some, otherwise it is a picture, which every model
   *   receives
   * @returns {Promise<Compared>}
   * @throws {RecognizerError} 'worker-crashed' | 'disposed'
   */
  compare(frame, { timestamp, track }) {
    return this.rpc.call('compare', { frame, timestamp, track }, [frame], TIMEOUT_MS);
  }

  /** Ends the worker, whose memory goes with it. Calls under way and later ones are rejected. */
  dispose() {
    this.rpc.end(new RecognizerError('disposed', 'The comparison has been disposed of.'));
  }
}

/** An address as the worker needs it: the worker has another base address than the page. @param {string} url */
function absolute(url) {
  return new URL(url, document.baseURI).href;
}
