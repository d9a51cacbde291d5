/**
 * The page's interface of the recognizer, which runs in a worker.
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
 * @property {'auto' | null} [baseline]
 */

import { BackendBenchmark } from './backend-benchmark.js';
import { RecognizerError } from '../errors.js';
import { sendBundle } from './model-transfer.js';
import { createFrameLoop } from '../media/frame-loop.js';
import { describeValue, eachVideoFrame, isInstance, takeFrame } from '../media/video-frames.js';
import { median } from '../median.js';
import { TIMEOUT_MS, WorkerRpc } from './worker-rpc.js';

/** How often the page's workers have lost their graphics context; after the second time they use WebAssembly. */
let contextsLost = 0;
const MAX_CONTEXTS_LOST = 1;

/** The other backend is measured after this many results: for a visitor who stays. */
const BENCHMARK_AFTER = 300;
const ROUNDS = 7;
const WARM_UP = 3;
/** A resting face is taken from frames: where none come any more, it is given up after so many milliseconds. */
const BASELINE_TIMEOUT_MS = 30_000;

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
  /** @type {WorkerRpc} */
  #rpc;

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
    const benchmark = new BackendBenchmark(options.modelUrl);
    const backend = options.backend ?? benchmark.fastest;
    const { rpc, info } = await startWorker(workerUrl, { ...options, backend }, onProgress).catch((error) => {
      // The backend that was faster before may be gone: another graphics card, a setting.
      if (options.backend || backend !== 'webgl' || error.code !== 'backend') throw error;
      benchmark.store({ backend: 'wasm' });
      return startWorker(workerUrl, options, onProgress);
    });
    return new RecognizerClient(workerUrl, options, rpc, info);
  }

  /**
   * @param {string} workerUrl
   * @param {LoadOptions} options
   * @param {WorkerRpc} rpc
   * @param {RecognizerInfo} info
   */
  constructor(workerUrl, options, rpc, info) {
    this.#workerUrl = workerUrl;
    this.#options = options;
    this.#rpc = rpc;
    /** Of the present worker: after a restart its backend may be another. */
    this.info = info;
  }

  /** @type {Recognizer['recognize']} */
  async recognize(source, options = {}) {
    const { timestamp = performance.now(), track = false } = options;
    if (!Number.isFinite(timestamp)) {
      throw new TypeError(`timestamp is ${timestamp}, expected a number of milliseconds.`);
    }
    await this.#ensureWorker();
    const frame = await takeFrame(source);
    const result = await this.#rpc.call('recognize', { frame, timestamp, track }, [frame], TIMEOUT_MS);
    if (++this.#results === BENCHMARK_AFTER) void this.#benchmark().catch(() => {});
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

  /** @type {Recognizer['setBaseline']} */
  async setBaseline(id, baseline) {
    if (!Number.isInteger(id) || id < 0) {
      throw new TypeError(`setBaseline was given ${describeValue(id)}, expected the id of a face.`);
    }
    if (baseline !== undefined && !(isRecord(baseline) && isRecord(baseline.rest) && isRecord(baseline.spread))) {
      throw new TypeError(`setBaseline was given ${describeValue(baseline)}, expected what an earlier setBaseline gave.`);
    }
    await this.#ensureWorker();
    const rpc = this.#rpc;
    // Where no frame comes any more, the worker would not answer. It is not broken.
    const timer = setTimeout(() => void rpc.call('clearBaseline', { id }).catch(() => {}), BASELINE_TIMEOUT_MS);
    return rpc.call('setBaseline', { id, baseline }).finally(() => clearTimeout(timer));
  }

  /** @type {Recognizer['clearBaseline']} */
  clearBaseline(id = null) {
    return this.#rpc.call('clearBaseline', { id }, [], TIMEOUT_MS);
  }

  /** @type {Recognizer['memory']} */
  memory() {
    return this.#rpc.call('memory', null, [], TIMEOUT_MS);
  }

  /** @type {Recognizer['dispose']} */
  dispose() {
    this.#disposed = true;
    this.#rpc.end(new RecognizerError('disposed', 'The recognizer has been disposed of.'));
  }

  /** Measures which backend is faster, for the next start; not where the page has chosen one. */
  async #benchmark() {
    if (this.#options.backend || this.info.backend !== 'wasm') return;
    const here = this.#rpc;
    await new BackendBenchmark(this.#options.modelUrl).run(
      async () => {
        const spent = [];
        // One by one, so that frames are processed in between.
        for (let i = 0; i < ROUNDS; i++) spent.push(...(await here.call('measure', { warmUp: 0, rounds: 1 }, [], TIMEOUT_MS)));
        return median(spent) ?? Infinity;
      },
      async () => {
        const { rpc } = await startWorker(this.#workerUrl, { ...this.#options, backend: 'webgl' });
        try {
          return median(await rpc.call('measure', { warmUp: WARM_UP, rounds: ROUNDS }, [], TIMEOUT_MS)) ?? Infinity;
        } finally {
          rpc.end(new RecognizerError('disposed', 'It has been measured.'));
        }
      },
    );
  }

  /** Replaces a worker that has ended by a new one. */
  async #ensureWorker() {
    if (this.#rpc.ended === null || this.#disposed) return;
    if (isContextLost(this.#rpc.ended) && this.#restarting === null) {
      contextsLost++;
      new BackendBenchmark(this.#options.modelUrl).store({ backend: 'wasm' });
    }
    this.#restarting ??= startWorker(this.#workerUrl, this.#options)
      .then(({ rpc, info }) => {
        if (this.#disposed) rpc.end(/** @type {RecognizerError} */ (this.#rpc.ended));
        this.#rpc = rpc;
        this.info = info;
      })
      .finally(() => (this.#restarting = null));
    await this.#restarting;
  }
}

/** Workers that were started before they are needed, by address. @type {Map<string, WorkerRpc>} */
const startedAhead = new Map();

/** Starts the worker of the next recognizer. @param {string} workerUrl */
export function startWorkerAhead(workerUrl) {
  if (!startedAhead.has(workerUrl)) startedAhead.set(workerUrl, new WorkerRpc(workerUrl));
}

/**
 * @param {string} workerUrl
 * @param {LoadOptions} options
 * @param {import('./worker-rpc.js').OnProgress} [onProgress]
 * @returns {Promise<{rpc: WorkerRpc, info: RecognizerInfo}>}
 */
async function startWorker(workerUrl, options, onProgress) {
  let rpc = startedAhead.get(workerUrl);
  startedAhead.delete(workerUrl);
  if (rpc === undefined || rpc.ended !== null) rpc = new WorkerRpc(workerUrl);
  rpc.onProgress = onProgress;
  const own = rpc;
  try {
    const urls = [options.detectorUrl, options.modelUrl];
    const backend = contextsLost > MAX_CONTEXTS_LOST ? 'wasm' : options.backend;
    const loading = rpc.call('load', { ...options, backend, expected: urls });
    for (const url of urls) void sendBundle(url, (file, transfer) => own.notify('file', file, transfer));
    return { rpc, info: await loading };
  } catch (error) {
    rpc.end(/** @type {RecognizerError} */ (error));
    throw error;
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {unknown} error */
function isContextLost(error) {
  return error instanceof RecognizerError && error.code === 'context-lost';
}
