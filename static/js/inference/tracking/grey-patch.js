/**
 * A reduced grey picture of a part of a frame, to follow faces in. Pure.
 *
 * @typedef {object} Grey
 * @property {Float32Array} data  row by row, 0..255
 * @property {number} width
 * @property {number} height
 * @property {number} x  of its left edge, in pixels of the frame
 * @property {number} y  of its upper edge
 * @property {number} scale  pixels of the frame, across and down, for one of this
 */

/** At most this many pixels across and down are read of those that make one. */
const READ = 3;

/**
 * @param {import('../../types.js').Pixels} pixels  of a part of the frame
 * @param {{x: number, y: number}} corner  that part's upper left one, in the frame
 * @param {number} scale  a whole number
 * @returns {Grey}
 */
export function greyOf({ data, width, height }, corner, scale) {
  const [columns, rows] = [Math.max(1, Math.floor(width / scale)), Math.max(1, Math.floor(height / scale))];
  const [across, down] = [Math.min(scale, width), Math.min(scale, height)];
  const reads = Math.min(READ, across, down);
  const grey = new Float32Array(columns * rows);
  const share = 1 / (reads * reads);
  const xs = Array.from({ length: reads }, (_, i) => Math.floor(((i + 0.5) * across) / reads) * 4);
  const ys = Array.from({ length: reads }, (_, i) => Math.floor(((i + 0.5) * down) / reads));
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
 * The value at a place between pixels; at the edge and beyond it that of the edge.
 *
 * @param {Grey} grey
 * @param {number} x  in pixels of the frame
 * @param {number} y
 */
export function between({ data, width, height, x: left, y: top, scale }, x, y) {
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
