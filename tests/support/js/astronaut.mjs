/** Read the picture of the astronaut, and make larger ones from it. */

import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

/** @typedef {import('../../../static/js/types.js').Pixels} Pixels */

const stored = JSON.parse(
  readFileSync(new URL('../fixtures/astronaut.json', import.meta.url), 'utf8'),
);

/** 256 x 256, grey, one smiling face. @returns {Pixels} */
export function astronaut() {
  const grey = inflateSync(Buffer.from(stored.grey, 'base64'));
  const data = new Uint8ClampedArray(grey.length * 4).fill(255);
  grey.forEach((value, i) => data.fill(value, i * 4, i * 4 + 3));
  return { data, width: stored.width, height: stored.height };
}

/** Where her face is: the mean of what OpenCV's two frontal cascades find, whose sides are 97 and 100. */
export const FACE = { x: 79, y: 65, width: 98.5, height: 98.5 };

/**
 * A grey frame with pictures in it.
 *
 * @param {number} width
 * @param {number} height
 * @param {{image: Pixels, x: number, y: number}[]} parts
 * @returns {Pixels}
 */
export function frameWith(width, height, parts) {
  const data = new Uint8ClampedArray(width * height * 4).fill(120);
  for (const { image, x, y } of parts) {
    for (let row = 0; row < image.height; row++) {
      const from = row * image.width * 4;
      const line = image.data.subarray(from, from + image.width * 4);
      data.set(line, ((y + row) * width + x) * 4);
    }
  }
  return { data, width, height };
}
