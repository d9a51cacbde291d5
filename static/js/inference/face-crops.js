/**
 * Make the inputs of models from the faces of one frame: crop, resample, flip. Models that need the same input share
 * it. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').ModelContract} ModelContract
 * @typedef {import('./face-finder.js').Frame} Frame
 * @typedef {import('./face-finder.js').LocatedFace} LocatedFace
 */

import { pixelsUnder, toInput } from './preprocess.js';
import { AUGMENTATIONS, augmentedCrop, flipHorizontally } from './test-time-augmentation.js';

export class FaceCrops {
  /** @param {Frame} frame */
  constructor(frame) {
    this.frame = frame;
    /** @type {Map<string, Float32Array>} */
    this.inputs = new Map();
  }

  /**
   * @param {Pick<LocatedFace, 'id' | 'box' | 'patch'>} face
   * @param {number} augmentation  index in `AUGMENTATIONS`
   * @param {Pick<ModelContract, 'input' | 'crop'>} contract
   * @returns {Float32Array} (height, width, channels) in 0..255
   */
  input(face, augmentation, { input, crop }) {
    const key = [face.id, augmentation, input.height, input.width, input.channels, crop.margin].join();
    let values = this.inputs.get(key);
    if (values === undefined) {
      const { mirrored } = AUGMENTATIONS[augmentation];
      const cut = augmentedCrop(face.box, crop, AUGMENTATIONS[augmentation]);
      const { pixels, region } = this.#read(pixelsUnder(cut, this.frame), face.patch);
      values = toInput(pixels, { ...cut, x: cut.x - region.x, y: cut.y - region.y }, input);
      if (mirrored) flipHorizontally(values, input);
      this.inputs.set(key, values);
    }
    return values;
  }

  /** @param {Box} region @param {LocatedFace['patch']} patch  pixels that were read already */
  #read(region, patch) {
    return patch && contains(patch.region, region) ? patch : { pixels: this.frame.pixels(region), region };
  }
}

/** Whether a region contains another. @param {Box} outer @param {Box} inner */
function contains(outer, inner) {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}
