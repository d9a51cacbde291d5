/**
 * Load the live page's recognizer when it is first needed, and keep it from one start to the next until it fails.
 *
 * @typedef {import('../../mien.js').Recognizer} Recognizer
 */

import { createRecognizer, preload } from '../../mien.js';

/**
 * @param {HTMLElement} page  its data attributes hold the addresses of the model, the detector and the scripts
 * @param {(step: string, fraction: number) => void} onProgress  of loading, 0..1
 */
export function createRecognizerLoader(page, onProgress) {
  /** @type {Promise<Recognizer> | null} */
  let recognizer = null;

  const loader = {
    /** The recognizer that is loaded or being loaded; null if there is none. */
    get kept() {
      return recognizer;
    },

    /** @returns {Promise<Recognizer>} */
    load() {
      const { modelUrl = '', detectorUrl = '', workerUrl = '', wasmUrl = '' } = page.dataset;
      const requested = new URLSearchParams(location.search).get('backend');
      const backend = requested === 'wasm' || requested === 'webgl' ? requested : null;
      recognizer ??= createRecognizer({ modelUrl, detectorUrl, workerUrl, wasmUrl, backend, onProgress });
      return recognizer;
    },

    /** Dispose of the recognizer; the next `load` makes a new one. */
    drop() {
      recognizer?.then((old) => old.dispose(), () => {});
      recognizer = null;
    },

    /**
     * Use another model from the next `load` on.
     *
     * @param {string} url  of the model's bundle
     * @returns {boolean} whether it differs from the present one; if so, the recognizer was dropped
     */
    choose(url) {
      if (url === page.dataset.modelUrl) return false;
      page.dataset.modelUrl = url;
      loader.drop();
      return true;
    },

    /**
     * Fetch the worker's script while the page is idle, unless the user saves data. The networks are loaded by `load`.
     * Waits until the page has loaded: on a slow line the script would delay it.
     */
    preloadWorker() {
      const idle = globalThis.requestIdleCallback ?? setTimeout;
      const start = () => {
        const { connection } = /** @type {{connection?: {saveData?: boolean}}} */ (navigator);
        if (!connection?.saveData) preload({ workerUrl: page.dataset.workerUrl, modelsUrl: null });
      };
      if (document.readyState === 'complete') idle(start);
      else window.addEventListener('load', () => idle(start), { once: true });
    },
  };
  return loader;
}
