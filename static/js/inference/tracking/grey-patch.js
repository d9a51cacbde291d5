/**
 * Make a reduced grey copy of a part of a frame, in which faces are tracked. Pure.
 *
 * @typedef {object} GreyPatch
 * @property {Float32Array} data  row by row, 0..255
 * @property {number} width
 * @property {number} height
 * @property {number} x  left edge, in pixels of the frame
 * @property {number} y  top edge
 * @property {number} scale  pixels of the frame, across and down, for one pixel of the patch
 */

/** At most this many pixels across and down are averaged for one pixel of the patch. */
const SAMPLES = 3;

/**
 * Converts pixels to luma grey and reduces them by averaging.
 *
 * @param {import('../../types.js').Pixels} pixels  of a part of the frame
 * @param {{x: number, y: number}} corner  top left corner of that part, in the frame
 * @param {number} scale  a whole number
 * @returns {GreyPatch}
 */
export function greyPatch({ data, width, height }, corner, scale) {
  const [columns, rows] = [Math.max(1, Math.floor(width / scale)), Math.max(1, Math.floor(height / scale))];
  const [across, down] = [Math.min(scale, width), Math.min(scale, height)];
  const samples = Math.min(SAMPLES, across, down);
  const grey = new Float32Array(columns * rows);
  const share = 1 / (samples * samples);
  const xs = Array.from({ length: samples }, (_, i) => Math.floor(((i + 0.5) * across) / samples) * 4);
  const ys = Array.from({ length: samples }, (_, i) => Math.floor(((i + 0.5) * down) / samples));
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      let sum = 0;
      for (const y of ys) {
        const line = ((row * scale + y) * width + column * scale) * 4;
        for (const x of xs) {
          const at = line + x;
          sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
        }
      }
      grey[to] = sum * share;
    }
  }
  return { data: grey, width: columns, height: rows, x: corner.x, y: corner.y, scale };
}

/**
 * The value at a point, by bilinear interpolation; at and beyond an edge the value of the edge.
 *
 * @param {GreyPatch} patch
 * @param {number} x  in pixels of the frame
 * @param {number} y
 */
export function interpolate({ data, width, height, x: left, y: top, scale }, x, y) {
  const across = Math.min(Math.max((x - left) / scale - 0.5, 0), width - 1);
  const down = Math.min(Math.max((y - top) / scale - 0.5, 0), height - 1);
  const column = Math.min(across | 0, Math.max(width - 2, 0));
  const row = Math.min(down | 0, Math.max(height - 2, 0));
  const [right, under] = [across - column, down - row];
  const at = row * width + column;
  const next = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  const upper = data[at] + right * (data[at + next] - data[at]);
  const lower = data[at + below] + right * (data[at + below + next] - data[at + below]);
  return upper + under * (lower - upper);
}
