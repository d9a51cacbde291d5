/**
 * The comparison as the page sees it: runs in a worker, speaks in promises.
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
 * @typedef {object} Bundle  A model to load.
 * @property {string} name
 * @property {string} url  of its model.json
 * @property {number} bytes  of all its files
 * @property {string[]} labels
 */

import { RecognizerError } from '../errors.js';
import { Messenger } from './worker-rpc.js';

/** A worker the browser has killed says nothing; a frame takes milliseconds, so this is long. */
const SILENCE_MS = 30_000;

/**
 * Starts the worker, the engine and the face detector; models are loaded later.
 *
 * @param {ComparisonOptions} options
 * @returns {Promise<ComparisonClient>}
 * @throws {RecognizerError} 'detector-missing' | 'model-damaged' | 'backend' | 'worker-crashed'
 */
export async function createComparison({ workerUrl, detectorUrl, wasmUrl, backend, onProgress }) {
  const messenger = new Messenger(workerUrl, onProgress);
  try {
    const options = { detectorUrl: absolute(detectorUrl), wasmUrl: absolute(wasmUrl), backend };
    return new ComparisonClient(messenger, await messenger.call('start', options));
  } catch (error) {
    messenger.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}

export class ComparisonClient {
  /** @param {Messenger} messenger @param {{backend: string, threads: number}} info */
  constructor(messenger, info) {
    this.messenger = messenger;
    /** @readonly */
    this.info = info;
  }

  /** Whether the worker is gone. */
  get ended() {
    return this.messenger.ended !== null;
  }

  /**
   * One at a time.
   *
   * @param {Bundle} bundle
   * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'worker-crashed' | 'disposed'
   */
  async load({ name, url, bytes, labels }) {
    const loaded = await this.messenger.call('load', { name, url: absolute(url), bytes });
    if (loaded.labels.join() !== labels.join()) {
      await this.unload(name);
      const known = `it knows ${loaded.labels.join(', ')}, the page expected ${labels.join(', ')}`;
      throw new RecognizerError('model-damaged', `The model at ${url} is another one: ${known}.`);
    }
  }

  /** Gives back a model's memory. @param {string} name */
  unload(name) {
    return this.messenger.call('unload', { name }, [], SILENCE_MS);
  }

  /**
   * What the models see in a frame. One call at a time: the caller drops frames while one is under way.
   *
   * @param {ImageBitmap | VideoFrame} frame  handed over to the worker, which closes it
   * @param {{timestamp: number, track: boolean}} options  timestamp in milliseconds; track: whether this is the next
   *   frame of a video, of which heavy models may receive only some, otherwise it is a picture, which every model
   *   receives
   * @returns {Promise<Compared>}
   * @throws {RecognizerError} 'worker-crashed' | 'disposed'
   */
  compare(frame, { timestamp, track }) {
    return this.messenger.call('compare', { frame, timestamp, track }, [frame], SILENCE_MS);
  }

  /** Ends the worker, whose memory goes with it. Calls under way and later ones are rejected. */
  dispose() {
    this.messenger.end(new RecognizerError('disposed', 'The comparison has been disposed of.'));
  }
}

/** The worker has another base address than the page. @param {string} url */
function absolute(url) {
  return new URL(url, document.baseURI).href;
}
