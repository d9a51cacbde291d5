/**
 * Finds a known face again in the next frame, for a hundredth of what detecting it costs: its look is matched
 * under shift, scale and roll by inverse compositional alignment of normalised grey values (Baker & Matthews
 * 2004, "Lucas-Kanade 20 Years On"), begun where the face was expected, or, where that does not fit, at the best
 * place of a coarse search by normalised cross-correlation. Pure.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('./grey-patch.js').Grey} Grey
 *
 * @typedef {object} Look  How a face looked when it was detected: normalised grey values on a grid of points
 *   within the circle inscribed in its box.
 * @property {Float32Array} values  mean 0, norm 1
 * @property {Float32Array} slopes  4 numbers a point: how its value changes with shift, growth and roll
 * @property {Float64Array} inverse  4 x 4, of the slopes' products
 * @property {Float32Array} coarse  the values on the coarse grid, mean 0, norm 1
 *
 * @typedef {object} Pose  Where the face is now.
 * @property {number} x  centre, in pixels of the frame
 * @property {number} y
 * @property {number} right  the box's side times the cosine of the roll
 * @property {number} down  the box's side times the sine of the roll
 */

import { between } from './grey-patch.js';
import { dot, invert, normalise, products, times } from './matrix4.js';

/** Points across the box; and on the coarse grid. */
const FINE = 24;
const COARSE = 12;
const STEPS = 8;
/** An alignment ends when it moves the box by less than this part of its side. */
const STILL = 0.001;
/** The coarse search is made where the face is less like its look than this. */
const GOOD = 0.9;

const FINE_POINTS = circle(FINE);
const COARSE_POINTS = circle(COARSE);

/**
 * @param {Box} box  a square
 * @returns {Pose}
 */
export function poseOf({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2, right: width, down: 0 };
}

/** @param {Pose} pose @returns {Box} a square with level sides */
export function boxOf({ x, y, right, down }) {
  const side = Math.hypot(right, down);
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
}

/**
 * Learns how a face looks.
 *
 * @param {Grey} grey  a picture that holds the face
 * @param {Box} box
 * @returns {Look | null} null where there is nothing to see: all points are alike
 */
export function lookAt(grey, box) {
  const pose = poseOf(box);
  const values = new Float32Array(FINE_POINTS.length / 2);
  sample(grey, pose, FINE_POINTS, values);
  const norm = normalise(values);
  const coarse = new Float32Array(COARSE_POINTS.length / 2);
  sample(grey, pose, COARSE_POINTS, coarse);
  if (norm === 0 || normalise(coarse) === 0) return null;
  const slopes = slopesOf(grey, pose, values, norm);
  const inverse = invert(products(slopes));
  return inverse && { values, slopes, inverse, coarse };
}

/**
 * Looks for a face.
 *
 * @param {Grey} grey  a picture of where it may be
 * @param {Look} look
 * @param {Pose} expected
 * @returns {{pose: Pose, likeness: number}} likeness: the correlation with the look, -1..1
 */
export function follow(grey, look, expected) {
  const near = align(grey, look, expected);
  if (near.likeness >= GOOD) return near;
  const far = align(grey, look, search(grey, look, expected));
  return far.likeness > near.likeness ? far : near;
}

/**
 * How alike two looks are, whatever the light: the correlation of their values.
 *
 * @param {Look} a
 * @param {Look} b
 * @returns {number} -1..1
 */
export function likeness(a, b) {
  return dot(a.coarse, b.coarse);
}

/**
 * @param {Grey} grey
 * @param {Look} look
 * @param {Pose} from
 */
function align(grey, look, from) {
  const { values, slopes, inverse } = look;
  const seen = new Float32Array(values.length);
  const gradient = new Float64Array(4);
  let pose = from;
  for (let step = 0; step < STEPS; step++) {
    sample(grey, pose, FINE_POINTS, seen);
    if (normalise(seen) === 0) break;
    gradient.fill(0);
    for (let i = 0, at = 0; i < seen.length; i++, at += 4) {
      const off = seen[i] - values[i];
      for (let k = 0; k < 4; k++) gradient[k] += slopes[at + k] * off;
    }
    const [dx, dy, grown, rolled] = times(inverse, gradient);
    pose = undo(pose, dx, dy, 1 + grown, rolled);
    if (Math.abs(dx) + Math.abs(dy) + Math.abs(grown) + Math.abs(rolled) < STILL) break;
  }
  sample(grey, pose, FINE_POINTS, seen);
  return { pose, likeness: normalise(seen) === 0 ? -1 : dot(seen, values) };
}

/**
 * The pose without what the alignment found to be too much: W(pose) after the inverse of W(step). A shift in parts
 * of the box and a factor with a roll multiply like complex numbers.
 *
 * @param {Pose} pose
 * @param {number} dx
 * @param {number} dy
 * @param {number} real
 * @param {number} imaginary
 * @returns {Pose}
 */
function undo({ x, y, right, down }, dx, dy, real, imaginary) {
  const square = real * real + imaginary * imaginary;
  const newRight = (right * real + down * imaginary) / square;
  const newDown = (down * real - right * imaginary) / square;
  return {
    x: x - (newRight * dx - newDown * dy),
    y: y - (newRight * dy + newDown * dx),
    right: newRight,
    down: newDown,
  };
}

/**
 * The best of all shifts by whole steps of the coarse grid that the picture has room for.
 *
 * @param {Grey} grey
 * @param {Look} look
 * @param {Pose} from
 * @returns {Pose}
 */
function search(grey, { coarse }, from) {
  const step = Math.hypot(from.right, from.down) / COARSE;
  const room = Math.max(grey.width, grey.height) * grey.scale - step * COARSE;
  const reach = Math.min(Math.max(Math.ceil(room / 2 / step), 1), COARSE);
  const across = COARSE + 2 * reach;
  const field = new Float32Array(across * across);
  for (let row = 0, i = 0; row < across; row++) {
    const v = (row - reach + 0.5) / COARSE - 0.5;
    for (let column = 0; column < across; column++, i++) {
      const u = (column - reach + 0.5) / COARSE - 0.5;
      field[i] = between(grey, from.x + from.right * u - from.down * v, from.y + from.down * u + from.right * v);
    }
  }
  let best = -Infinity;
  let shift = [0, 0];
  const seen = new Float32Array(coarse.length);
  for (let down = 0; down <= 2 * reach; down++) {
    for (let right = 0; right <= 2 * reach; right++) {
      let k = 0;
      for (let i = 0; i < COARSE_POINTS.length; i += 2) {
        const column = Math.round((COARSE_POINTS[i] + 0.5) * COARSE - 0.5) + right;
        const row = Math.round((COARSE_POINTS[i + 1] + 0.5) * COARSE - 0.5) + down;
        seen[k++] = field[row * across + column];
      }
      const alike = normalise(seen) === 0 ? -1 : dot(seen, coarse);
      if (alike > best) {
        best = alike;
        shift = [(right - reach) / COARSE, (down - reach) / COARSE];
      }
    }
  }
  const [u, v] = shift;
  return { ...from, x: from.x + from.right * u - from.down * v, y: from.y + from.down * u + from.right * v };
}

/** Points of a grid within the inscribed circle, in parts of the box from its centre: x, y, x, y ...
 * @param {number} across
 */
function circle(across) {
  const points = [];
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      const [u, v] = [(column + 0.5) / across - 0.5, (row + 0.5) / across - 0.5];
      if (u * u + v * v <= 0.25) points.push(u, v);
    }
  }
  return Float32Array.from(points);
}

/**
 * @param {Grey} grey
 * @param {Pose} pose
 * @param {Float32Array} points
 * @param {Float32Array} out
 */
function sample(grey, { x, y, right, down }, points, out) {
  for (let i = 0; i < out.length; i++) {
    const [u, v] = [points[2 * i], points[2 * i + 1]];
    out[i] = between(grey, x + right * u - down * v, y + down * u + right * v);
  }
}

/**
 * How the normalised values change with a shift to the right, a shift down, growth and roll; less what mere
 * changes of light explain.
 *
 * @param {Grey} grey
 * @param {Pose} pose
 * @param {Float32Array} values  normalised
 * @param {number} norm
 */
function slopesOf(grey, pose, values, norm) {
  const half = 0.5 / FINE;
  const [left, right, above, below] = [0, 0, 0, 0].map(() => new Float32Array(values.length));
  const side = pose.right;
  sample(grey, { ...pose, x: pose.x - side * half }, FINE_POINTS, left);
  sample(grey, { ...pose, x: pose.x + side * half }, FINE_POINTS, right);
  sample(grey, { ...pose, y: pose.y - side * half }, FINE_POINTS, above);
  sample(grey, { ...pose, y: pose.y + side * half }, FINE_POINTS, below);
  const columns = [0, 1, 2, 3].map(() => new Float32Array(values.length));
  for (let i = 0; i < values.length; i++) {
    const [u, v] = [FINE_POINTS[2 * i], FINE_POINTS[2 * i + 1]];
    const dx = (right[i] - left[i]) / (2 * half * norm);
    const dy = (below[i] - above[i]) / (2 * half * norm);
    columns[0][i] = dx;
    columns[1][i] = dy;
    columns[2][i] = u * dx + v * dy;
    columns[3][i] = u * dy - v * dx;
  }
  const slopes = new Float32Array(values.length * 4);
  columns.forEach((column, k) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const along = dot(column, values);
    for (let i = 0; i < column.length; i++) slopes[4 * i + k] = column[i] - mean - along * values[i];
  });
  return slopes;
}
