/**
 * Draw frames with patterns in place of faces, by formulas that Python computes as well (tests/support/drawn_faces.py).
 *
 * @typedef {object} Drawn  A pattern in a frame.
 * @property {number} pattern  which one
 * @property {number} x  centre, in pixels
 * @property {number} y
 * @property {number} side  in pixels
 * @property {number} roll  in radians
 */

/**
 * @param {Drawn[]} faces  from back to front
 * @param {number} width
 * @param {number} height
 * @returns {import('../../../static/js/types.js').Pixels}
 */
export function drawnFrame(faces, width, height) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let value = 100 + 20 * Math.sin(column / 17) + 15 * Math.cos(row / 23);
      for (const { pattern, x, y, side, roll } of faces) {
        const [dx, dy] = [(column + 0.5 - x) / side, (row + 0.5 - y) / side];
        if (dx * dx + dy * dy > 0.3) continue;
        const u = dx * Math.cos(roll) + dy * Math.sin(roll);
        const v = dy * Math.cos(roll) - dx * Math.sin(roll);
        value = 120 + 60 * Math.sin((9 + pattern) * u + pattern) * Math.cos((7 - pattern) * v) + 40 * Math.sin(11 * v + 5 * u * pattern);
      }
      data.fill(Math.floor(value + 0.5), (row * width + column) * 4, (row * width + column) * 4 + 3);
    }
  }
  return { data, width, height };
}
