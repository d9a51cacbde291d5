/**
 * Calls to the recognizer's worker and its answers, as promises.
 */

import { RecognizerError } from '../errors.js';

/** @typedef {(step: import('../types.js').LoadingStep, fraction: number) => void} OnProgress */

/**
 * What a worker starts from. Browsers start none from another origin than the page's; one of the page's own imports
 * the script then, which that origin must allow (CORS).
 *
 * @param {string} url
 * @returns {string}
 */
function scriptOf(url) {
  if (new URL(url, document.baseURI).origin === location.origin) return url;
  const text = `import ${JSON.stringify(url)};`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** @param {string} url @returns {Worker} */
function startWorker(url) {
  try {
    return new Worker(scriptOf(url), { type: 'module', name: 'recognizer' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecognizerError('worker-crashed', `The recognizer could not be started: ${reason}.`, {
      cause: error,
    });
  }
}

export class Messenger {
  /** @param {string} url @param {OnProgress} [onProgress] */
  constructor(url, onProgress) {
    this.onProgress = onProgress;
    this.lastId = 0;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.pending = new Map();
    /** @type {RecognizerError | null} */
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

  /**
   * Tells the worker something that it does not answer.
   *
   * @param {string} action
   * @param {object} payload
   * @param {Transferable[]} transfer
   */
  tell(action, payload, transfer) {
    if (this.ended === null) this.worker.postMessage({ action, payload }, transfer);
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
