/** Make frames of a picture that moves before a camera, with the true place of its face. */

/** @typedef {import('../../../static/js/types.js').Box} Box */
/** @typedef {import('../../../static/js/types.js').Pixels} Pixels */

/**
 * Where the picture lies in a frame: pixel (0, 0) of it at (x, y), enlarged by `scale`, turned about its centre
 * by `roll` radians.
 *
 * @typedef {{x: number, y: number, scale: number, roll?: number}} Place
 */

/**
 * One frame: pictures on grey, with the noise and the light of a camera.
 *
 * @param {{picture: Pixels, place: Place}[]} parts  from back to front
 * @param {{width?: number, height?: number, noise?: number, light?: number, random?: () => number}} [camera]
 *   noise: standard deviation in grey levels; light: factor of the grey values
 * @returns {Pixels}
 */
export function filmed(parts, { width = 640, height = 480, noise = 0, light = 1, random = Math.random } = {}) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const grey = new Float32Array(width * height).fill(110);
  for (const { picture, place } of parts) {
    const { x, y, scale, roll = 0 } = place;
    const [cos, sin] = [Math.cos(roll) / scale, Math.sin(roll) / scale];
    const [halfX, halfY] = [(picture.width * scale) / 2, (picture.height * scale) / 2];
    const reach = Math.hypot(halfX, halfY);
    const [left, right] = [Math.max(0, Math.floor(x + halfX - reach)), Math.min(width, Math.ceil(x + halfX + reach))];
    const [top, bottom] = [Math.max(0, Math.floor(y + halfY - reach)), Math.min(height, Math.ceil(y + halfY + reach))];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const [dx, dy] = [column + 0.5 - x - halfX, row + 0.5 - y - halfY];
        const u = cos * dx + sin * dy + picture.width / 2 - 0.5;
        const v = cos * dy - sin * dx + picture.height / 2 - 0.5;
        if (u < 0 || v < 0 || u > picture.width - 1.001 || v > picture.height - 1.001) continue;
        grey[row * width + column] = bilinear(picture, u, v);
      }
    }
  }
  for (let i = 0; i < grey.length; i++) {
    // The sum of four uniform random numbers is nearly normal.
    const off = noise ? noise * 1.73 * (random() + random() + random() + random() - 2) : 0;
    data.fill(grey[i] * light + off, 4 * i, 4 * i + 3);
  }
  return { data, width, height };
}

/** The place of the picture's face in the frame. @param {Box} face @param {Pixels} picture @param {Place} place @returns {Box} */
export function faceAt(face, picture, { x, y, scale, roll = 0 }) {
  const [dx, dy] = [
    (face.x + face.width / 2 - picture.width / 2) * scale,
    (face.y + face.height / 2 - picture.height / 2) * scale,
  ];
  const centreX = x + (picture.width * scale) / 2 + dx * Math.cos(roll) - dy * Math.sin(roll);
  const centreY = y + (picture.height * scale) / 2 + dx * Math.sin(roll) + dy * Math.cos(roll);
  const side = face.width * scale;
  return { x: centreX - side / 2, y: centreY - side / 2, width: side, height: side };
}

/** @param {Pixels} picture @param {number} u @param {number} v */
function bilinear({ data, width }, u, v) {
  const [column, row] = [u | 0, v | 0];
  const [right, down] = [u - column, v - row];
  const at = (row * width + column) * 4;
  const upper = data[at] + right * (data[at + 4] - data[at]);
  const lower = data[at + width * 4] + right * (data[at + width * 4 + 4] - data[at + width * 4]);
  return upper + down * (lower - upper);
}
