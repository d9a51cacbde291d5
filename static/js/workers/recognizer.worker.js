/**
 * The worker of the recognizer: load its networks and recognise the faces of the frames that the page sends.
 * recognizer-client.js is the page's end.
 *
 * @typedef {import('../types.js').Result} Result
 */

import { ExpressionClassifier } from '../inference/classifier.js';
import { FaceDetector } from '../inference/face-detector.js';
import { ExpressionRecognizer } from '../inference/recognizer.js';
import { IncomingFiles } from './model-transfer.js';
import { TYPICAL_SIZE, memory, onFrame, reportProgress, serveActions, startEngine } from './worker-host.js';

/** @type {ExpressionRecognizer | null} */
let recognizer = null;
const files = new IncomingFiles();
const ABOUT_TO_ARRIVE_MS = 50;

serveActions({
  /**
   * @param {{modelUrl: string, detectorUrl: string, wasmUrl: string,
   *   backend?: 'wasm' | 'webgl' | null, threads?: number, baseline?: 'auto' | null, expected: string[]}} options
   *   expected: the files that the page sends
   */
  async load({ modelUrl, detectorUrl, wasmUrl, backend, threads, baseline, expected }) {
    files.expect(expected);
    const started = await startEngine({ wasmUrl, backend, threads });
    reportProgress('detector', 0.3);
    const detector = await FaceDetector.load(detectorUrl, files.read);
    reportProgress('model', 0.6);
    const loading = ExpressionClassifier.load(modelUrl, files.read);
    // The first run prepares the kernels: here while the larger file is still on its way, else in the first frame. A
    // file that is about to arrive would have to wait for it, which costs more than it saves.
    const { width, height } = TYPICAL_SIZE;
    if (!(await isSettled(loading, ABOUT_TO_ARRIVE_MS))) detector.find(new ImageData(width, height), 1);
    const classifier = await loading;
    recognizer = new ExpressionRecognizer(detector, classifier, { automatic: baseline === 'auto' });
    reportProgress('ready', 1);
    const { contract } = classifier;
    return { ...started, model: contract.model, contract };
  },

  /** @param {import('./model-transfer.js').TransferredFile} file */
  file(file) {
    files.receive(file);
  },

  /**
   * @param {{frame: ImageBitmap | VideoFrame, timestamp: number, track: boolean}} payload
   * @returns {Result}
   */
  recognize({ frame, timestamp, track }) {
    return onFrame(frame, (drawn, started) => {
      if (recognizer === null) throw new Error('recognize came before load');
      return recognizer.recognize(drawn, { timestamp, track, started });
    });
  },

  /**
   * Takes a person's resting face from the next frames, or uses one that was taken earlier.
   *
   * @param {{id: number, baseline?: import('../types.js').Baseline}} payload
   * @returns {Promise<import('../types.js').Baseline>}
   */
  async setBaseline({ id, baseline }) {
    if (recognizer === null) throw new Error('setBaseline came before load');
    const { baselines, classifier } = recognizer;
    const { labels } = classifier.contract;
    if (baseline !== undefined) {
      const { rest, spread } = baseline;
      baselines.set(id, { rest: labels.map((label) => rest[label]), spread: labels.map((label) => spread[label]) });
      return baseline;
    }
    const taken = await baselines.take(id);
    /** @param {number[]} values */
    const named = (values) => Object.fromEntries(labels.map((label, i) => [label, values[i]]));
    return { rest: named(taken.rest), spread: named(taken.spread) };
  },

  /** @param {{id: number | null}} payload  null: of everyone */
  clearBaseline({ id }) {
    recognizer?.baselines.clear(id);
  },

  /**
   * Times one detection and one classification, their results read back.
   *
   * @param {{warmUp: number, rounds: number}} options
   * @returns {number[]} milliseconds of each round
   */
  measure({ warmUp, rounds }) {
    if (recognizer === null) throw new Error('measure came before load');
    const { width, height } = TYPICAL_SIZE;
    const picture = new ImageData(width, height);
    const { input } = recognizer.classifier.contract;
    const batch = new Float32Array(input.height * input.width * input.channels);
    const spent = [];
    for (let round = -warmUp; round < rounds; round++) {
      const started = performance.now();
      recognizer.detector.find(picture, 1);
      recognizer.classifier.run(batch, 1);
      if (round >= 0) spent.push(performance.now() - started);
    }
    return spent;
  },

  memory,
});

/** Whether a promise settles within a time. @param {Promise<unknown>} promise @param {number} ms */
function isSettled(promise, ms) {
  const settled = promise.then(() => true, () => true);
  return Promise.race([settled, new Promise((resolve) => setTimeout(resolve, ms, false))]);
}
