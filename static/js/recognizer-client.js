/**
 * The recognizer as a page sees it: runs in a worker, speaks in promises.
 *
 * @typedef {import('./types.js').Recognizer} Recognizer
 * @typedef {import('./types.js').RecognizerInfo} RecognizerInfo
 * @typedef {import('./types.js').Result} Result
 *
 * @typedef {object} LoadOptions  What the worker needs; all addresses absolute.
 * @property {string} modelUrl
 * @property {string} detectorUrl
 * @property {string} wasmUrl
 * @property {'wasm' | 'webgl' | null} [backend]
 * @property {number} [threads]
 */

import { RecognizerError } from './errors.js';
import { sendBundle } from './files.js';
import { followFrames, isA, nameOf, takeFrame } from './frames.js';
import { Messenger } from './messenger.js';

/** A worker the browser has killed says nothing; a frame takes milliseconds, so this is long. */
const SILENCE_MS = 30_000;

/** @implements {Recognizer} */
export class RecognizerClient {
  /** @type {Promise<void> | null}  until a worker that replaces a broken one is ready */
  #restarting = null;
  #disposed = false;
  /** @type {string} */
  #workerUrl;
  /** @type {LoadOptions} */
  #options;
  /** @type {Messenger} */
  #messenger;

  /**
   * Starts the worker and loads everything.
   *
   * @param {string} workerUrl
   * @param {LoadOptions} options
   * @param {import('./messenger.js').OnProgress} [onProgress]
   * @returns {Promise<RecognizerClient>}
   * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'detector-missing' | 'backend' |
   *   'worker-crashed'
   */
  static async load(workerUrl, options, onProgress) {
    const { messenger, info } = await startWorker(workerUrl, options, onProgress);
    return new RecognizerClient(workerUrl, options, messenger, info);
  }

  /**
   * @param {string} workerUrl
   * @param {LoadOptions} options
   * @param {Messenger} messenger
   * @param {RecognizerInfo} info
   */
  constructor(workerUrl, options, messenger, info) {
    this.#workerUrl = workerUrl;
    this.#options = options;
    this.#messenger = messenger;
    /** @readonly */
    this.info = info;
  }

  /** @type {Recognizer['recognize']} */
  async recognize(source, options = {}) {
    const { timestamp = performance.now(), track = false } = options;
    if (!Number.isFinite(timestamp)) {
      throw new TypeError(`timestamp is ${timestamp}, expected a number of milliseconds.`);
    }
    await this.#ready();
    const frame = await takeFrame(source);
    return this.#messenger.call('recognize', { frame, timestamp, track }, [frame], SILENCE_MS);
  }

  /** @type {Recognizer['start']} */
  start(video, onResult, { onError } = {}) {
    if (!isA(video, 'HTMLVideoElement')) {
      throw new TypeError(`start was given ${nameOf(video)}, expected a video element.`);
    }
    if (typeof onResult !== 'function') {
      throw new TypeError(`start was given ${nameOf(onResult)}, expected a function that takes results.`);
    }
    let busy = false;
    let missed = false;
    let stopped = false;
    /** @type {(error?: unknown) => void} */
    let settle = () => {};
    /** @type {Promise<void>} */
    const finished = new Promise((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    if (onError) finished.catch(onError);

    /** @param {number} now */
    const onFrame = async (now) => {
      // Frames that come while the worker is busy are dropped; the newest is what the video shows then.
      missed = busy;
      if (busy || stopped || document.hidden) return;
      busy = true;
      try {
        const result = await this.recognize(video, { timestamp: now, track: true });
        if (!stopped && !document.hidden) onResult(result);
      } catch (error) {
        if (!stopped) end(error);
      } finally {
        busy = false;
        if (missed) void onFrame(performance.now());
      }
    };
    const stopFrames = followFrames(video, onFrame);
    /** @param {unknown} [error] */
    const end = (error) => {
      stopped = true;
      stopFrames();
      settle(error);
    };
    return { stop: () => end(), finished };
  }

  /** @type {Recognizer['memory']} */
  memory() {
    return this.#messenger.call('memory', null, [], SILENCE_MS);
  }

  /** @type {Recognizer['dispose']} */
  dispose() {
    this.#disposed = true;
    this.#messenger.end(new RecognizerError('disposed', 'The recognizer has been disposed of.'));
  }

  /** Puts a new worker in the place of one that broke. */
  async #ready() {
    if (this.#messenger.ended === null || this.#disposed) return;
    this.#restarting ??= startWorker(this.#workerUrl, this.#options)
      .then(({ messenger }) => {
        if (this.#disposed) messenger.end(/** @type {RecognizerError} */ (this.#messenger.ended));
        this.#messenger = messenger;
      })
      .finally(() => (this.#restarting = null));
    await this.#restarting;
  }
}

/** Workers that were started before they were needed. @type {Map<string, Messenger>} */
const spare = new Map();

/** Starts a worker for the next recognizer. @param {string} workerUrl */
export function startSpare(workerUrl) {
  if (!spare.has(workerUrl)) spare.set(workerUrl, new Messenger(workerUrl));
}

/**
 * @param {string} workerUrl
 * @param {LoadOptions} options
 * @param {import('./messenger.js').OnProgress} [onProgress]
 * @returns {Promise<{messenger: Messenger, info: RecognizerInfo}>}
 */
async function startWorker(workerUrl, options, onProgress) {
  let messenger = spare.get(workerUrl);
  spare.delete(workerUrl);
  if (messenger === undefined || messenger.ended !== null) messenger = new Messenger(workerUrl);
  messenger.onProgress = onProgress;
  const own = messenger;
  try {
    const urls = [options.detectorUrl, options.modelUrl];
    const loading = messenger.call('load', { ...options, coming: urls });
    for (const url of urls) void sendBundle(url, (file, transfer) => own.tell('file', file, transfer));
    return { messenger, info: await loading };
  } catch (error) {
    messenger.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}
