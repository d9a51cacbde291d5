/**
 * The worker of the comparison: load and unload models and run them on the frames that the page sends.
 * comparison-client.js is the page's end.
 */

import { ExpressionClassifier } from '../inference/classifier.js';
import { Comparison } from '../inference/comparison.js';
import { FaceDetector } from '../inference/face-detector.js';
import { countingRead } from '../runtime/model-files.js';
import { RecognizerError } from '../errors.js';
import { TYPICAL_SIZE, onFrame, reportProgress, serveActions, startEngine } from './worker-host.js';

/** @type {Comparison | null} */
let comparison = null;
/** @type {{name: string, abort: AbortController} | null}  the model that is being loaded */
let loading = null;

serveActions({
  /** @param {{detectorUrl: string, wasmUrl: string, backend?: 'wasm' | 'webgl' | null}} options */
  async start({ detectorUrl, wasmUrl, backend }) {
    await startEngine({ wasmUrl, backend });
    reportProgress('detector', 0.4);
    const detector = await FaceDetector.load(detectorUrl);
    reportProgress('warm-up', 0.8);
    // The first run prepares the kernels.
    const { width, height } = TYPICAL_SIZE;
    detector.find(new ImageData(width, height), 1);
    comparison = new Comparison(detector);
    reportProgress('ready', 1);
  },

  /**
   * @param {{name: string, url: string, bytes: number}} model  bytes of all its files, for the progress
   * @returns {Promise<{labels: string[]}>}
   */
  async load({ name, url, bytes }) {
    if (comparison === null) throw new Error('load came before start');
    const abort = new AbortController();
    loading = { name, abort };
    try {
      const onBytes = (/** @type {number} */ read) => reportProgress('model', Math.min(1, read / bytes));
      const classifier = await ExpressionClassifier.load(url, countingRead({ onBytes, signal: abort.signal }));
      if (classifier.contract.model !== name) {
        classifier.dispose();
        throw new RecognizerError('model-damaged', `The model at ${url} is ${classifier.contract.model}, expected ${name}.`);
      }
      comparison.add(name, classifier);
      return { labels: classifier.contract.labels };
    } finally {
      loading = null;
    }
  },

  /** Removes a model, also one that is still being loaded. @param {{name: string}} model */
  unload({ name }) {
    if (loading?.name === name) loading.abort.abort();
    comparison?.remove(name);
  },

  /** @param {{frame: ImageBitmap | VideoFrame, timestamp: number, track: boolean}} payload */
  compare({ frame, timestamp, track }) {
    return onFrame(frame, (drawn, started) => {
      if (comparison === null) throw new Error('compare came before start');
      return comparison.compare(drawn, { timestamp, track, started });
    });
  },
});
