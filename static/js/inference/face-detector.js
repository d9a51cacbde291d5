/**
 * Detect faces with BlazeFace 256, on the TF.js runtime that the classifier runs on, and map each detection to the
 * box that a Haar cascade would give: the models are trained on such boxes.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').Pixels} Pixels
 * @typedef {import('./letterbox.js').Letterbox} Letterbox
 */

import * as tf from '@tensorflow/tfjs-core';

import { loadBundle } from '../runtime/model-bundle.js';
import { decode, merge } from './blazeface-decoder.js';
import { haarBox } from './haar-box.js';

/**
 * Logits and values of the 16-pixel grid, then of the 32-pixel one: the network's last convolutions, since its
 * outputs proper are brought into the shape of a 256 x 256 picture's.
 */
const OUTPUTS = [33, 35, 34, 36].map((n) => `StatefulPartitionedCall/functional_1/conv2d_${n}/BiasAdd`);
/** Its name in results. */
export const DETECTOR = /** @type {const} */ ('blazeface');
/** Detections whose IoU is above this are one face. */
const SAME_FACE = 0.3;

export class FaceDetector {
  /** @param {import('@tensorflow/tfjs-converter').GraphModel} model */
  constructor(model) {
    this.model = model;
  }

  /**
   * @param {string} url  of blazeface.json
   * @param {import('../runtime/model-bundle.js').Read} [read]
   * @returns {Promise<FaceDetector>}
   * @throws {import('../errors.js').RecognizerError} 'detector-missing' | 'model-damaged'
   */
  static async load(url, read) {
    const options = { name: 'face detector', read, adapt: acceptAnySize };
    const model = await loadBundle(url, { missing: 'detector-missing', ...options });
    return new FaceDetector(model);
  }

  /**
   * Boxes of the faces in a frame.
   *
   * @param {Pixels} picture  the frame in its letterbox; its sides are multiples of 32
   * @param {Letterbox} place  where the frame lies in the picture
   * @param {number} minScore  detections of less are dropped, 0..1
   * @returns {Box[]} in pixels of the frame, most certain first
   */
  detect(picture, place, minScore) {
    return this.find(picture, minScore).map((detection) => {
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
   * The network's own detections, in pixels of the picture.
   *
   * @param {Pixels} picture  its sides are multiples of 32
   * @param {number} minScore  detections of less are dropped, 0..1
   * @returns {import('./blazeface-decoder.js').Detection[]} most certain first
   */
  find({ data, width, height }, minScore) {
    const values = new Float32Array(width * height * 3);
    for (let from = 0, to = 0; to < values.length; from += 4, to += 3) {
      values[to] = data[from] / 127.5 - 1;
      values[to + 1] = data[from + 1] / 127.5 - 1;
      values[to + 2] = data[from + 2] / 127.5 - 1;
    }
    const outputs = tf.tidy(() => {
      const input = tf.tensor4d(values, [1, height, width, 3]);
      const tensors = /** @type {tf.Tensor[]} */ (this.model.execute(input, OUTPUTS));
      return tensors.map((tensor) => tensor.dataSync());
    });
    const [logits16, values16, logits32, values32] = outputs;
    return merge(
      [
        ...decode(0, logits16, values16, minScore, width),
        ...decode(1, logits32, values32, minScore, width),
      ],
      SAME_FACE,
    );
  }
}

/**
 * Makes the network accept pictures of any size: it consists of convolutions, so that a frame of 4:3 costs three
 * quarters of a square.
 *
 * @param {{modelTopology: {node: {op: string, attr: any}[]}}} json
 */
function acceptAnySize({ modelTopology }) {
  const input = modelTopology.node.find(({ op }) => op === 'Placeholder');
  if (input === undefined) throw new Error('it has no input');
  const size = [1, -1, -1, 3].map((length) => ({ size: String(length) }));
  input.attr.shape.shape.dim = size;
}
