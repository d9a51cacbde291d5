/**
 * Classify the expressions of a batch of faces with a bundle's network. Twin of app/inference/classifier.py.
 *
 * @typedef {import('../types.js').ModelContract} ModelContract
 * @typedef {import('@tensorflow/tfjs-converter').GraphModel} GraphModel
 * @typedef {{outputs?: Record<string, {tensorShape?: {dim?: {size: string}[]}}>}} Signature
 */

import * as tf from '@tensorflow/tfjs-core';

import { damaged, loadBundle } from '../runtime/model-bundle.js';
import { checkInputShape, checkOutputWidth, readContract } from './contract.js';
import { RecognizerError } from '../errors.js';
import { applyCalibration } from './calibration.js';

export class ExpressionClassifier {
  /**
   * @param {GraphModel} model
   * @param {ModelContract} contract
   */
  constructor(model, contract) {
    this.model = model;
    this.contract = contract;
  }

  /**
   * Loads a bundle and checks its contract.
   *
   * @param {string} url  of the bundle's model.json
   * @param {import('../runtime/model-bundle.js').Read} [read]
   * @returns {Promise<ExpressionClassifier>}
   * @throws {import('../errors.js').RecognizerError} 'model-missing' | 'model-damaged'
   */
  static async load(url, read) {
    const model = await loadBundle(url, { missing: 'model-missing', name: 'model', read });
    try {
      const metadata = /** @type {{contract?: unknown} | undefined} */ (model.metadata);
      const contract = readContract(metadata?.contract);
      checkInputShape(contract, (model.inputs[0].shape ?? []).slice(1));
      const classifier = new ExpressionClassifier(model, contract);
      const { height, width, channels } = contract.input;
      // A bundle that does not say how wide its output is must be run to find out.
      checkOutputWidth(contract, declaredWidth(model) || classifier.run(new Float32Array(height * width * channels), 1).length);
      return classifier;
    } catch (error) {
      model.dispose();
      throw damaged('model', url, error);
    }
  }

  /**
   * Calibrated probabilities of a batch.
   *
   * @param {Float32Array} batch  (count, height, width, channels) in 0..255, the contract's size
   * @param {number} count
   * @returns {Float32Array} (count, labels), each row sums to 1
   * @throws {RecognizerError} 'model-damaged': the network gives another number of scores than its bundle says
   */
  predict(batch, count) {
    if (count === 0) return new Float32Array(0);
    const { labels, calibration } = this.contract;
    const scores = this.run(batch, count);
    if (scores.length !== count * labels.length) {
      const says = `${scores.length / count} scores a face, its contract says ${labels.length}`;
      throw new RecognizerError('model-damaged', `The model ${this.contract.model} cannot be used: it gave ${says}.`);
    }
    return applyCalibration(scores, calibration);
  }

  /**
   * The network's own probabilities, before calibration.
   *
   * @param {Float32Array} batch
   * @param {number} count
   * @returns {Float32Array} (count, labels)
   */
  run(batch, count) {
    const { height, width, channels } = this.contract.input;
    return tf.tidy(() => {
      const input = tf.tensor4d(batch, [count, height, width, channels]);
      const output = /** @type {tf.Tensor} */ (this.model.execute(input));
      return /** @type {Float32Array} */ (output.dataSync());
    });
  }

  /** Frees the network's memory. */
  dispose() {
    this.model.dispose();
  }
}

/** The width of the output as the converter wrote it into the bundle; 0 where the bundle does not say. @param {GraphModel} model */
function declaredWidth(model) {
  const { outputs = {} } = /** @type {Signature} */ (model.modelSignature ?? {});
  const size = Number(Object.values(outputs)[0]?.tensorShape?.dim?.at(-1)?.size);
  return Number.isInteger(size) && size > 0 ? size : 0;
}
