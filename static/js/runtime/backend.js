/**
 * Start a backend of TensorFlow.js: WebAssembly first, on several threads where the page may have them, else on one;
 * then WebGL.
 *
 * @typedef {{backend: 'wasm' | 'webgl', threads: number}} Backend
 */

import * as tf from '@tensorflow/tfjs-core';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

import { RecognizerError } from '../errors.js';

/** TF.js waits without end where the page forbids what it needs, or where the script of a thread is missing. */
const TIME_OUT_MS = 30_000;

/**
 * @param {object} options
 * @param {string} options.wasmUrl  the folder of the .wasm files, ending in a slash
 * @param {'wasm' | 'webgl' | null} [options.backend]  only this one; null: the first that starts
 * @param {number} [options.threads]  for WebAssembly; 2 where not given, but half the cores at
 *   most: if each core runs a thread of the network, any other work makes all threads wait
 *   (measured on 2 busy cores: a frame took three times as long with 2 threads as with 1).
 *   More than one only on a cross-origin isolated page: others have no shared memory
 * @returns {Promise<Backend>} what was started
 * @throws {RecognizerError} 'backend'
 */
export async function startBackend({ wasmUrl, backend = null, threads }) {
  const problems = [];
  if (backend !== 'webgl') {
    setWasmPaths(wasmUrl);
    const most = threadsAllowed(threads);
    if (most > 1) {
      const { failure, stop } = watchThreads();
      // TF.js uses half of the cores that the browser reports at most, whatever number of threads is set.
      const cores = { value: 2 * most, configurable: true };
      Object.defineProperty(navigator, 'hardwareConcurrency', cores);
      const problem = await startWasm(most, failure);
      Reflect.deleteProperty(navigator, 'hardwareConcurrency'); // uncovers the browser's own value
      if (problem === null) {
        stop();
        return { backend: 'wasm', threads: getThreadsCount() };
      }
      // Keep watching: the other threads may fail as well during the next attempt.
      problems.push(`WebAssembly on ${most} threads ${problem}`);
    }
    const problem = await startWasm(1);
    if (problem === null) return { backend: 'wasm', threads: 1 };
    problems.push(`WebAssembly ${problem}`);
  }
  if (backend !== 'wasm') {
    const problem = await import('@tensorflow/tfjs-backend-webgl').then(
      () => start('webgl'),
      () => 'could not be loaded',
    );
    if (problem === null) return { backend: 'webgl', threads: 1 };
    problems.push(`WebGL ${problem}`);
  }
  throw new RecognizerError(
    'backend',
    `The recognizer cannot compute in this browser: ${problems.join('; ')}.`,
  );
}

/**
 * Calls back when WebGL's context is lost: the graphics process crashed, the driver was replaced, the device slept, or
 * other pages took all contexts.
 *
 * @param {() => void} onLost
 */
export function watchContext(onLost) {
  context()?.canvas.addEventListener('webglcontextlost', onLost, { once: true });
}

/** Whether the context is lost: the event comes late, and until then TF.js returns wrong results without an error. */
export function isContextLost() {
  return context()?.isContextLost() ?? false;
}

/** The WebGL context that TF.js runs on; undefined on WebAssembly. */
function context() {
  return /** @type {{gpgpu?: {gl: WebGLRenderingContext}}} */ (tf.backend()).gpgpu?.gl;
}

/** @param {number | undefined} asked @returns {number} */
function threadsAllowed(asked) {
  if (!globalThis.crossOriginIsolated) return 1;
  const cores = navigator.hardwareConcurrency;
  return Math.max(1, Math.min(asked ?? Math.min(2, Math.floor(cores / 2)), cores));
}

/** @param {number} threads @param {Promise<string>} [failure] @returns {Promise<string | null>} */
function startWasm(threads, failure) {
  // The .wasm with threads starts workers even for one thread.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  setThreadsCount(threads);
  return start('wasm', failure);
}

/**
 * @param {'wasm' | 'webgl'} name
 * @param {Promise<string>} [failure]  resolves when a thread fails, which TF.js does not notice
 * @returns {Promise<string | null>} the reason why it did not start; null: it has started
 */
async function start(name, failure) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<string>} */
  const timeOut = new Promise((resolve) => {
    const sentence = `did not start within ${TIME_OUT_MS / 1000} seconds`;
    timer = setTimeout(() => resolve(sentence), TIME_OUT_MS);
  });
  const outcome = tf.setBackend(name).then((started) => (started ? null : 'did not start'));
  try {
    return await Promise.race([outcome, timeOut, ...(failure ? [failure] : [])]);
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Notices a thread that fails: TF.js does not handle its error and waits for it without end.
 *
 * @returns {{failure: Promise<string>, stop: () => void}}
 */
function watchThreads() {
  const watching = new AbortController();
  /** @type {Promise<string>} */
  const failure = new Promise((resolve) => {
    globalThis.addEventListener(
      'error',
      (event) => {
        event.preventDefault();
        resolve('one of its threads failed');
      },
      { signal: watching.signal },
    );
  });
  return { failure, stop: () => watching.abort() };
}
