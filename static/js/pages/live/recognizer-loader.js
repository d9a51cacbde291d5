/**
 * The live page's recognizer: made when it is first wanted, kept from one start to the next, until it fails.
 *
 * @typedef {import('../../mien.js').Recognizer} Recognizer
 */

import { createRecognizer, preload } from '../../mien.js';

/**
 * @param {HTMLElement} page  whose data say where model, detector and scripts are
 * @param {(step: string, fraction: number) => void} onProgress  of loading, 0..1
 */
export function createRecognizerLoader(page, onProgress) {
  /** @type {Promise<Recognizer> | null} */
  let recognizer = null;

  const keeper = {
    /** The one that was asked for last, loaded or on its way; null where there is none. */
    get kept() {
      return recognizer;
    },

    /** @returns {Promise<Recognizer>} */
    load() {
      const { modelUrl = '', detectorUrl = '', workerUrl = '', wasmUrl = '' } = page.dataset;
      const wish = new URLSearchParams(location.search).get('backend');
      const backend = wish === 'wasm' || wish === 'webgl' ? wish : null;
      recognizer ??= createRecognizer({ modelUrl, detectorUrl, workerUrl, wasmUrl, backend, onProgress });
      return recognizer;
    },

    /** The next to be loaded is another. */
    drop() {
      recognizer?.then((old) => old.dispose(), () => {});
      recognizer = null;
    },

    /** @param {string} url  of a model @returns {boolean} whether it is another than before; then what was kept is dropped */
    choose(url) {
      if (url === page.dataset.modelUrl) return false;
      page.dataset.modelUrl = url;
      keeper.drop();
      return true;
    },

    /**
     * While the visitor reads, the worker's script comes, unless they save data; networks come when they are wanted.
     * Not before the page is whole: on a slow line it would come in between.
     */
    prepare() {
      const idle = globalThis.requestIdleCallback ?? setTimeout;
      const preloadWorker = () => {
        const { connection } = /** @type {{connection?: {saveData?: boolean}}} */ (navigator);
        if (!connection?.saveData) preload({ workerUrl: page.dataset.workerUrl, modelsUrl: null });
      };
      if (document.readyState === 'complete') idle(preloadWorker);
      else window.addEventListener('load', () => idle(preloadWorker), { once: true });
    },
  };

  document.addEventListener('mien:memory', async () => {
    const detail = recognizer ? await (await recognizer).memory() : { numTensors: 0, numBytes: 0 };
    document.dispatchEvent(new CustomEvent('mien:memory-result', { detail }));
  });
  return keeper;
}
