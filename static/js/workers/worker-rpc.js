/**
 * Remote procedure calls to a worker, as promises: the page's end of worker-host.js.
 */

import { RecognizerError } from '../errors.js';

/** For calls that take milliseconds: a worker that the browser has killed does not answer. */
export const TIMEOUT_MS = 30_000;

/** @typedef {(step: import('../types.js').LoadingStep, fraction: number) => void} OnProgress */

/**
 * The address to start a worker from. Browsers start no worker from another origin than the page's; then a script of the
 * page's own imports the worker's, which the other origin must allow (CORS).
 *
 * @param {string} url
 * @returns {string}
 */
function scriptUrl(url) {
  if (new URL(url, document.baseURI).origin === location.origin) return url;
  const text = `import ${JSON.stringify(url)};`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** @param {string} url @returns {Worker} */
function startWorker(url) {
  try {
    return new Worker(scriptUrl(url), { type: 'module', name: 'recognizer' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecognizerError('worker-crashed', `The recognizer could not be started: ${reason}.`, {
      cause: error,
    });
  }
}

export class WorkerRpc {
  /** @param {string} url @param {OnProgress} [onProgress] */
  constructor(url, onProgress) {
    this.onProgress = onProgress;
    this.lastId = 0;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.pending = new Map();
    /** Why the worker has ended; null while it runs. @type {RecognizerError | null} */
    this.ended = null;
    this.worker = startWorker(url);
    this.worker.onmessage = ({ data: { id, result, error, progress } }) => {
      if (error?.code === 'context-lost') return this.end(new RecognizerError(error.code, error.message));
      if (progress !== undefined) return this.onProgress?.(progress.step, progress.fraction);
      const call = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) return call?.resolve(result);
      return call?.reject(new RecognizerError(error.code, error.message));
    };
    this.worker.onerror = (event) => {
      event.preventDefault(); // the calls that wait for an answer are rejected
      this.crash(event.message || `${url} could not be loaded`);
    };
    this.worker.onmessageerror = () => this.crash('it sent something unreadable');
  }

  /**
   * Calls an action of the worker.
   *
   * @param {string} action
   * @param {object | null} payload
   * @param {Transferable[]} [transfer]
   * @param {number} [timeoutMs]  after so long without an answer the worker counts as crashed
   * @returns {Promise<any>}
   */
  call(action, payload, transfer = [], timeoutMs) {
    if (this.ended !== null) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.worker.postMessage({ id, action, payload }, transfer);
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => this.crash(`no answer within ${timeoutMs / 1000} seconds`), timeoutMs);
      this.pending.set(id, {
        resolve: (value) => (clearTimeout(timer), resolve(value)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
    });
  }

  /**
   * Sends the worker a message that it does not answer.
   *
   * @param {string} action
   * @param {object} payload
   * @param {Transferable[]} transfer
   */
  notify(action, payload, transfer) {
    if (this.ended === null) this.worker.postMessage({ action, payload }, transfer);
  }

  /** Ends a worker that does not work any more. @param {string} reason */
  crash(reason) {
    this.end(new RecognizerError('worker-crashed', `The recognizer stopped working: ${reason}.`));
  }

  /** Ends the worker. @param {RecognizerError} error  with which calls under way and later ones are rejected */
  end(error) {
    this.ended ??= error;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}
