/**
 * The recognizer as a page sees it: runs in a worker, speaks in promises.
 *
 * @typedef {import('../types.js').Recognizer} Recognizer
 * @typedef {import('../types.js').RecognizerInfo} RecognizerInfo
 * @typedef {import('../types.js').Result} Result
 *
 * @typedef {object} LoadOptions  What the worker needs; all addresses absolute.
 * @property {string} modelUrl
 * @property {string} detectorUrl
 * @property {string} wasmUrl
 * @property {'wasm' | 'webgl' | null} [backend]
 * @property {number} [threads]
 */

import { BackendChoice } from './backend-benchmark.js';
import { RecognizerError } from '../errors.js';
import { sendBundle } from './model-transfer.js';
import { createFrameLoop } from '../media/frame-loop.js';
import { describeValue, eachVideoFrame, isInstance, takeFrame } from '../media/video-frames.js';
import { median } from '../median.js';
import { Messenger } from './worker-rpc.js';

/** How often a page's workers have lost their graphics context; after the second time they do without. */
let contextsLost = 0;
const MOST_LOST = 1;

/** A worker the browser has killed says nothing; a frame takes milliseconds, so this is long. */
const SILENCE_MS = 30_000;

/** The other backend is measured after this many results: a visitor who stays. */
const SETTLED = 300;
const ROUNDS = 7;
const WARM_UP = 3;

/** @implements {Recognizer} */
export class RecognizerClient {
  /** @type {Promise<void> | null}  until a worker that replaces a broken one is ready */
  #restarting = null;
  #disposed = false;
  #results = 0;
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
   * @param {import('./worker-rpc.js').OnProgress} [onProgress]
   * @returns {Promise<RecognizerClient>}
   * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'detector-missing' | 'backend' |
   *   'worker-crashed'
   */
  static async load(workerUrl, options, onProgress) {
    const choice = new BackendChoice(options.modelUrl);
    const backend = options.backend ?? choice.start;
    const { messenger, info } = await startWorker(workerUrl, { ...options, backend }, onProgress).catch((error) => {
      // What was faster before may be gone: another graphics card, a setting.
      if (options.backend || backend !== 'webgl' || error.code !== 'backend') throw error;
      choice.remember({ backend: 'wasm' });
      return startWorker(workerUrl, options, onProgress);
    });
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
    /** Of the worker at work: another backend may be in it after a restart. */
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
    const result = await this.#messenger.call('recognize', { frame, timestamp, track }, [frame], SILENCE_MS);
    if (++this.#results === SETTLED) void this.#settle().catch(() => {});
    return result;
  }

  /** @type {Recognizer['start']} */
  start(video, onResult, { onError, onRestart } = {}) {
    if (!isInstance(video, 'HTMLVideoElement')) {
      throw new TypeError(`start was given ${describeValue(video)}, expected a video element.`);
    }
    if (typeof onResult !== 'function') {
      throw new TypeError(`start was given ${describeValue(onResult)}, expected a function that takes results.`);
    }
    /** @type {(error?: unknown) => void} */
    let settle = () => {};
    /** @type {Promise<void>} */
    const finished = new Promise((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    if (onError) finished.catch(onError);
    const loop = createFrameLoop((onFrame) => eachVideoFrame(video, onFrame), {
      process: (timestamp) => this.recognize(video, { timestamp, track: true }),
      isActive: () => !document.hidden,
      onResult,
      onError(error) {
        const goesOn = isContextLost(error);
        // The next call starts another worker. This ends by itself: WebAssembly has no context to lose.
        if (goesOn) onRestart?.(error);
        else settle(error);
        return goesOn;
      },
    });
    const stop = () => {
      loop.stop();
      settle();
    };
    return { stop, finished };
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

  /** Finds out which backend is the faster, for the next start; of nobody's choosing another. */
  async #settle() {
    if (this.#options.backend || this.info.backend !== 'wasm') return;
    const here = this.#messenger;
    await new BackendChoice(this.#options.modelUrl).settle(
      async () => {
        const spent = [];
        // One by one, so that frames come in between.
        for (let i = 0; i < ROUNDS; i++) spent.push(...(await here.call('measure', { warmUp: 0, rounds: 1 }, [], SILENCE_MS)));
        return median(spent) ?? Infinity;
      },
      async () => {
        const { messenger } = await startWorker(this.#workerUrl, { ...this.#options, backend: 'webgl' });
        try {
          return median(await messenger.call('measure', { warmUp: WARM_UP, rounds: ROUNDS }, [], SILENCE_MS)) ?? Infinity;
        } finally {
          messenger.end(new RecognizerError('disposed', 'It has been measured.'));
        }
      },
    );
  }

  /** Puts a new worker in the place of one that broke. */
  async #ready() {
    if (this.#messenger.ended === null || this.#disposed) return;
    if (isContextLost(this.#messenger.ended) && this.#restarting === null) {
      contextsLost++;
      new BackendChoice(this.#options.modelUrl).remember({ backend: 'wasm' });
    }
    this.#restarting ??= startWorker(this.#workerUrl, this.#options)
      .then(({ messenger, info }) => {
        if (this.#disposed) messenger.end(/** @type {RecognizerError} */ (this.#messenger.ended));
        this.#messenger = messenger;
        this.info = info;
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
 * @param {import('./worker-rpc.js').OnProgress} [onProgress]
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
    const backend = contextsLost > MOST_LOST ? 'wasm' : options.backend;
    const loading = messenger.call('load', { ...options, backend, coming: urls });
    for (const url of urls) void sendBundle(url, (file, transfer) => own.tell('file', file, transfer));
    return { messenger, info: await loading };
  } catch (error) {
    messenger.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}

/** @param {unknown} error */
function isContextLost(error) {
  return error instanceof RecognizerError && error.code === 'context-lost';
}
