/** Place FER2013 faces into larger frames, where the box of the face is known. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

const SIDE = 48;
const FRAME = { width: 640, height: 480 };
/** FER2013's images are Haar boxes with this margin on each side, as a fraction of the box. */
export const MARGIN = 0.02;

/** @typedef {{emotion: number, pixels: Uint8Array}} Sample  48 x 48 grey */

/**
 * Read random images of some splits of fer2013.csv or fer2013.csv.gz, none of a single grey level.
 *
 * @param {string} file
 * @param {Record<string, number>} counts  Usage -> number of images
 * @param {() => number} random
 * @returns {Promise<Record<string, Sample[]>>}
 */
export async function sampleFaces(file, counts, random) {
  const bytes = createReadStream(file);
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  /** @type {Record<string, string[]>} */
  const drawn = Object.fromEntries(Object.keys(counts).map((usage) => [usage, []]));
  /** @type {Record<string, number>} */
  const seen = {};
  for await (const line of createInterface({ input: text })) {
    const usage = line.slice(line.lastIndexOf(',') + 1).trim();
    const chosen = drawn[usage];
    if (chosen === undefined) continue;
    seen[usage] = (seen[usage] ?? 0) + 1;
    // Reservoir sampling: all lines of the split have the same probability.
    if (chosen.length < counts[usage]) chosen.push(line);
    else {
      const place = Math.floor(random() * seen[usage]);
      if (place < counts[usage]) chosen[place] = line;
    }
  }
  return Object.fromEntries(
    Object.entries(drawn).map(([usage, lines]) => [
      usage,
      lines.map(parse).filter(({ pixels }) => pixels.some((value) => value !== pixels[0])),
    ]),
  );
}

/** @param {string} line @returns {Sample} */
function parse(line) {
  const [emotion, pixels] = line.split(',');
  return { emotion: Number(emotion), pixels: Uint8Array.from(pixels.replaceAll('"', '').split(' '), Number) };
}

/**
 * One face in a 640 x 480 frame of grey and noise, at a random place, 64 to 400 pixels large.
 *
 * @param {Uint8Array} pixels  48 x 48 grey
 * @param {() => number} random
 * @returns {{image: import('../../static/js/types.js').Pixels,
 *   box: import('../../static/js/types.js').Box}} box: the Haar box
 */
export function faceInFrame(pixels, random) {
  const { width, height } = FRAME;
  const side = Math.round(64 * (400 / 64) ** random());
  const left = Math.floor(random() * (width - side));
  const top = Math.floor(random() * (height - side));
  const grey = 40 + 175 * random();
  const noise = 40 * random();
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const inside = x >= left && x < left + side && y >= top && y < top + side;
      const value = inside
        ? between(pixels, ((x - left + 0.5) * SIDE) / side - 0.5, ((y - top + 0.5) * SIDE) / side - 0.5)
        : grey + noise * (random() - 0.5);
      data.fill(value, at, at + 3);
      data[at + 3] = 255;
    }
  }
  const box = side / (1 + 2 * MARGIN);
  return {
    image: { data, width, height },
    box: { x: left + (side - box) / 2, y: top + (side - box) / 2, width: box, height: box },
  };
}

/** Bilinear interpolation at a position between pixels. @param {Uint8Array} pixels @param {number} x @param {number} y */
function between(pixels, x, y) {
  const left = Math.min(Math.max(Math.floor(x), 0), SIDE - 2);
  const top = Math.min(Math.max(Math.floor(y), 0), SIDE - 2);
  const right = Math.min(Math.max(x - left, 0), 1);
  const down = Math.min(Math.max(y - top, 0), 1);
  const at = top * SIDE + left;
  const upper = pixels[at] * (1 - right) + pixels[at + 1] * right;
  const lower = pixels[at + SIDE] * (1 - right) + pixels[at + SIDE + 1] * right;
  return upper * (1 - down) + lower * down;
}
