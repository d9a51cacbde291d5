/**
 * Finds faces with BlazeFace 256 on the TF.js runtime that the classifier runs on, and maps what
 * it finds onto the box a Haar cascade would give, which is the box that the models know.
 *
 * @typedef {import('./types.js').Box} Box
 * @typedef {import('./types.js').Pixels} Pixels
 * @typedef {import('./letterbox.js').Letterbox} Letterbox
 */

import * as tf from '@tensorflow/tfjs-core';

import { loadBundle } from './bundle.js';
import { SIZE, decode, merge } from './detections.js';
import { haarBox } from './haar-box.js';

/** The network's outputs: logits and values of the 16-pixel grid, then of the 32-pixel one. */
const OUTPUTS = ['Identity', 'Identity_2', 'Identity_1', 'Identity_3'];
const LEAST_SCORE = 0.5;
const SAME_FACE = 0.3;

export class FaceDetector {
  /** @param {import('@tensorflow/tfjs-converter').GraphModel} model */
  constructor(model) {
    this.model = model;
    this.values = new Float32Array(SIZE * SIZE * 3);
  }

  /**
   * @param {string} url  of blazeface.json
   * @param {import('./bundle.js').Read} [read]
   * @returns {Promise<FaceDetector>}
   * @throws {import('./errors.js').RecognizerError} 'detector-missing' | 'model-damaged'
   */
  static async load(url, read) {
    const model = await loadBundle(url, { missing: 'detector-missing', name: 'face detector', read });
    return new FaceDetector(model);
  }

  /**
   * Boxes of the faces in a frame.
   *
   * @param {Pixels} square  the frame in its letterbox, 256 x 256
   * @param {Letterbox} place  where the frame lies in there
   * @returns {Box[]} in pixels of the frame, most certain first
   */
  detect(square, place) {
    return this.find(square).map((detection) => {
      const box = haarBox(detection);
      return {
        x: (box.x - place.x) * place.scaleX,
        y: (box.y - place.y) * place.scaleY,
        width: box.width * place.scaleX,
        height: box.height * place.scaleY,
      };
    });
  }

  /**
   * What the network itself finds, in pixels of the square.
   *
   * @param {Pixels} square  256 x 256
   * @returns {import('./detections.js').Detection[]} most certain first
   */
  find(square) {
    const { data } = square;
    const { values } = this;
    for (let from = 0, to = 0; to < values.length; from += 4, to += 3) {
      values[to] = data[from] / 127.5 - 1;
      values[to + 1] = data[from + 1] / 127.5 - 1;
      values[to + 2] = data[from + 2] / 127.5 - 1;
    }
    const outputs = tf.tidy(() => {
      const input = tf.tensor4d(values, [1, SIZE, SIZE, 3]);
      const tensors = /** @type {tf.Tensor[]} */ (this.model.execute(input, OUTPUTS));
      return tensors.map((tensor) => tensor.dataSync());
    });
    const [logits16, values16, logits32, values32] = outputs;
    return merge(
      [
        ...decode(0, logits16, values16, LEAST_SCORE),
        ...decode(1, logits32, values32, LEAST_SCORE),
      ],
      SAME_FACE,
    );
  }

  /** Gives back the network's memory. */
  dispose() {
    this.model.dispose();
  }
}
