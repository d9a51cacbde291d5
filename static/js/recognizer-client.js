/**
 * The recognizer as the page sees it: runs in a worker, speaks in promises.
 *
 * @typedef {import('./types.js').ModelContract} ModelContract
 * @typedef {import('./types.js').Result} Result
 *
 * @typedef {object} RecognizerOptions
 * @property {string} workerUrl  of recognizer.worker.js
 * @property {string} modelUrl  of a bundle's model.json
 * @property {string} detectorUrl  of blazeface.json
 * @property {string} wasmUrl  the folder of the .wasm files, ending in a slash
 * @property {'wasm' | 'webgl' | null} [backend]  only this one; null: the first that starts
 * @property {number} [threads]  at most; where not given 2, but half the cores at most; always 1
 *   on a page that is not cross-origin isolated
 * @property {(step: string, fraction: number) => void} [onProgress]  step is 'backend',
 *   'detector', 'model', 'warm-up' or 'ready'; fraction of the loading that is done, 0..1
 *
 * @typedef {object} RecognizerInfo
 * @property {'wasm' | 'webgl'} backend
 * @property {number} threads
 * @property {string} model
 * @property {ModelContract} contract
 */

import { RecognizerError } from './errors.js';

export { RecognizerError };

/** A worker the browser has killed says nothing; a frame takes milliseconds, so this is long. */
const SILENCE_MS = 30_000;

/**
 * Starts the worker and loads everything; the promise holds a recognizer that is ready.
 *
 * @param {RecognizerOptions} options
 * @returns {Promise<RecognizerClient>}
 * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'detector-missing' | 'backend' |
 *   'worker-crashed'
 */
export async function createRecognizer({ workerUrl, onProgress, ...options }) {
  const messenger = new Messenger(workerUrl, onProgress);
  /** @param {string} url  the worker has another base address than the page */
  const absolute = (url) => new URL(url, document.baseURI).href;
  try {
    const info = await messenger.call('load', {
      ...options,
      modelUrl: absolute(options.modelUrl),
      detectorUrl: absolute(options.detectorUrl),
      wasmUrl: absolute(options.wasmUrl),
    });
    return new RecognizerClient(messenger, info);
  } catch (error) {
    messenger.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}

export class RecognizerClient {
  /** @param {Messenger} messenger @param {RecognizerInfo} info */
  constructor(messenger, info) {
    this.messenger = messenger;
    /** @readonly */
    this.info = info;
  }

  /**
   * The faces of a frame. One call at a time: the caller drops frames while one is under way.
   *
   * @param {ImageBitmap | VideoFrame} frame  handed over to the worker, which closes it
   * @param {{timestamp: number, track: boolean}} options  timestamp in milliseconds; track keeps
   *   each face's id from frame to frame and smooths its scores
   * @returns {Promise<Result>}
   * @throws {RecognizerError} 'worker-crashed' | 'disposed'
   */
  recognize(frame, { timestamp, track }) {
    return this.messenger.call('recognize', { frame, timestamp, track }, [frame], SILENCE_MS);
  }

  /** What TF.js holds in the worker. @returns {Promise<{numTensors: number, numBytes: number}>} */
  memory() {
    return this.messenger.call('memory', null, [], SILENCE_MS);
  }

  /** Ends the worker, whose memory goes with it. Calls under way and later ones are rejected. */
  dispose() {
    this.messenger.end(new RecognizerError('disposed', 'The recognizer has been disposed of.'));
  }
}

/** @param {string} url @returns {Worker} */
function startWorker(url) {
  try {
    return new Worker(url, { type: 'module', name: 'recognizer' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecognizerError('worker-crashed', `The recognizer could not be started: ${reason}.`, {
      cause: error,
    });
  }
}

/** Calls to a worker and its answers. */
export class Messenger {
  /**
   * @param {string} url
   * @param {RecognizerOptions['onProgress']} onProgress
   */
  constructor(url, onProgress) {
    this.lastId = 0;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.pending = new Map();
    /** @type {RecognizerError | null} */
    this.ended = null;
    this.worker = startWorker(url);
    this.worker.onmessage = ({ data: { id, result, error, progress } }) => {
      if (progress !== undefined) return onProgress?.(progress.step, progress.fraction);
      const call = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) return call?.resolve(result);
      return call?.reject(new RecognizerError(error.code, error.message));
    };
    this.worker.onerror = (event) => {
      event.preventDefault(); // whoever waits for an answer is told
      this.crash(event.message || `${url} could not be loaded`);
    };
    this.worker.onmessageerror = () => this.crash('it sent something unreadable');
  }

  /**
   * @param {string} action
   * @param {object | null} payload
   * @param {Transferable[]} [transfer]
   * @param {number} [silenceMs]  how long without an answer means that the worker is dead
   * @returns {Promise<any>}
   */
  call(action, payload, transfer = [], silenceMs) {
    if (this.ended !== null) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.worker.postMessage({ id, action, payload }, transfer);
      const timer =
        silenceMs === undefined
          ? undefined
          : setTimeout(() => this.crash(`no answer within ${silenceMs / 1000} seconds`), silenceMs);
      this.pending.set(id, {
        resolve: (value) => (clearTimeout(timer), resolve(value)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
    });
  }

  /** @param {string} reason */
  crash(reason) {
    this.end(new RecognizerError('worker-crashed', `The recognizer stopped working: ${reason}.`));
  }

  /** @param {RecognizerError} error  what calls under way and later ones get */
  end(error) {
    this.ended ??= error;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}
