/** Run TF.js on WebAssembly under node, and replace what the browser gives: files by address, frames. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

import { toInput } from '../../../static/js/inference/preprocess.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WASM = path.dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')));

/** The face detector's network in its npm package. */
export const DETECTOR = path.join(ROOT, 'node_modules/@vladmandic/human/models/blazeface.json');

/** Starts TF.js on WebAssembly, on one thread. */
export async function startWasm() {
  setWasmPaths(`${WASM}/`);
  if (!(await tf.setBackend('wasm'))) throw new Error('TF.js cannot start WebAssembly under node');
}

/** Reads a bundle's file from the disk. @type {import('../../../static/js/runtime/model-bundle.js').Read} */
export async function readDisk(file) {
  return new Uint8Array(await readFile(file)).buffer;
}

/**
 * A frame for the recognizer, made of pixels in memory as frame-canvas.js makes one of a video frame.
 *
 * @param {import('../../../static/js/types.js').Pixels} image
 * @returns {import('../../../static/js/inference/face-finder.js').Frame}
 */
export function frameOf(image) {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  return {
    width: image.width,
    height: image.height,
    letterboxed({ x, y, width, height, picture, grey }) {
      const small = toInput(image, whole, { height, width, channels: 3 });
      const data = new Uint8ClampedArray(picture.width * picture.height * 4).fill(grey);
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const from = (row * width + column) * 3;
          data.set(small.subarray(from, from + 3), ((y + row) * picture.width + x + column) * 4);
        }
      }
      return { data, ...picture };
    },
    pixels({ x, y, width, height }) {
      const data = new Uint8ClampedArray(width * height * 4);
      for (let row = 0; row < height; row++) {
        const from = ((y + row) * image.width + x) * 4;
        data.set(image.data.subarray(from, from + width * 4), row * width * 4);
      }
      return { data, width, height };
    },
  };
}

/**
 * Random numbers in 0..1, the same for the same seed (mulberry32).
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
