/**
 * Start the comparison's worker when it is first needed, keep it until it fails, and load the models that are switched
 * on into it.
 *
 * @typedef {import('../../workers/comparison-client.js').ComparisonClient} ComparisonClient
 */

import { createComparison } from '../../workers/comparison-client.js';

/**
 * @param {DOMStringMap} urls  detectorUrl, workerUrl and wasmUrl
 * @param {object} options
 * @param {Map<string, import('./model-board.js').Model>} options.byName
 * @param {import('./model-queue.js').ModelQueue} options.queue
 * @param {(step: string, fraction: number) => void} options.onProgress  fraction 0..1
 * @param {(error: unknown) => void} options.onCrash  the worker ended while a model was being loaded
 */
export function createComparisonLoader({ detectorUrl = '', workerUrl = '', wasmUrl = '' }, { byName, queue, onProgress, onCrash }) {
  /** @type {Promise<ComparisonClient> | null} */
  let comparison = null;

  return {
    /** Whether the worker has been started. */
    get isStarted() {
      return comparison !== null;
    },

    /** Starts the worker with the backend that the page's query asks for. @returns {Promise<ComparisonClient>} */
    load() {
      const asked = new URLSearchParams(location.search).get('backend');
      const backend = asked === 'wasm' || asked === 'webgl' ? asked : null;
      comparison ??= createComparison({ workerUrl, detectorUrl, wasmUrl, backend, onProgress });
      return comparison;
    },

    /** Loads the models that are switched on, now and later. @param {ComparisonClient} client */
    loadModels(client) {
      queue.attach({
        load: async (name) => {
          const model = byName.get(name);
          if (model === undefined) throw new Error(`there is no model ${name} on this page`);
          try {
            await client.load(model);
          } catch (error) {
            if (client.ended && queue.status(name) === 'loading') onCrash(error);
            throw error;
          }
        },
        unload: (name) => client.unload(name),
      });
    },

    /** Ends the worker: the next start needs another. */
    drop() {
      comparison?.then((broken) => broken.dispose(), () => {});
      comparison = null;
      queue.detach();
    },
  };
}
