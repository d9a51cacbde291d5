/**
 * Template alignment: find a face again in the next frame, for a hundredth of what detecting it costs. Its template
 * is shifted, scaled and rotated until it fits: inverse compositional alignment of normalised grey values (Baker &
 * Matthews 2004, "Lucas-Kanade 20 Years On"). The alignment begins at the predicted place. Where it does not fit, it
 * begins again at the best place of a coarse search by normalised cross-correlation. Pure.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('./grey-patch.js').GreyPatch} GreyPatch
 *
 * @typedef {object} Template  A detected face: normalised grey values on a grid of points within the circle inscribed
 *   in its box.
 * @property {Float32Array} values  mean 0, norm 1
 * @property {Float32Array} slopes  steepest descent images: 4 numbers a point, how its value changes with a shift to the
 *   right, a shift down, growth and roll
 * @property {Float64Array} inverse  4 x 4, the inverse of the Hessian: of the Gram matrix of `slopes`
 * @property {Float32Array} coarse  the values on the coarse grid, mean 0, norm 1
 *
 * @typedef {object} Pose  Where the face is now.
 * @property {number} x  centre, in pixels of the frame
 * @property {number} y
 * @property {number} right  the box's side times the cosine of the roll
 * @property {number} down  the box's side times the sine of the roll
 */

import { interpolate } from './grey-patch.js';
import { dot, gramMatrix, invert, multiply, normalise } from './matrix4.js';

/** Points across the box, on the fine and on the coarse grid. */
const FINE = 24;
const COARSE = 12;
const MAX_STEPS = 8;
/** An alignment ends when a step moves the box by less than this part of its side. */
const CONVERGED = 0.001;
/** The coarse search is made where the similarity is below this. */
const CERTAIN = 0.9;

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
 * Makes the template of a face.
 *
 * @param {GreyPatch} patch  contains the face
 * @param {Box} box
 * @returns {Template | null} null where all points have the same value
 */
export function createTemplate(patch, box) {
  const pose = poseOf(box);
  const values = new Float32Array(FINE_POINTS.length / 2);
  sample(patch, pose, FINE_POINTS, values);
  const norm = normalise(values);
  const coarse = new Float32Array(COARSE_POINTS.length / 2);
  sample(patch, pose, COARSE_POINTS, coarse);
  if (norm === 0 || normalise(coarse) === 0) return null;
  const slopes = steepestDescent(patch, pose, values, norm);
  const inverse = invert(gramMatrix(slopes));
  return inverse && { values, slopes, inverse, coarse };
}

/**
 * Finds a template.
 *
 * @param {GreyPatch} patch  the part of the frame where it may be
 * @param {Template} template
 * @param {Pose} expected
 * @returns {{pose: Pose, similarity: number}} similarity: the correlation with the template, -1..1
 */
export function alignTemplate(patch, template, expected) {
  const near = align(patch, template, expected);
  if (near.similarity >= CERTAIN) return near;
  const far = align(patch, template, search(patch, template, expected));
  return far.similarity > near.similarity ? far : near;
}

/**
 * The similarity of two templates, independent of the light: the correlation of their values.
 *
 * @param {Template} a
 * @param {Template} b
 * @returns {number} -1..1
 */
export function similarityOf(a, b) {
  return dot(a.coarse, b.coarse);
}

/**
 * Aligns a template, by Gauss-Newton steps from a first pose.
 *
 * @param {GreyPatch} patch
 * @param {Template} template
 * @param {Pose} from
 * @returns {{pose: Pose, similarity: number}}
 */
function align(patch, template, from) {
  const { values, slopes, inverse } = template;
  const sampled = new Float32Array(values.length);
  const gradient = new Float64Array(4);
  let pose = from;
  for (let step = 0; step < MAX_STEPS; step++) {
    sample(patch, pose, FINE_POINTS, sampled);
    if (normalise(sampled) === 0) break;
    gradient.fill(0);
    for (let i = 0, at = 0; i < sampled.length; i++, at += 4) {
      const off = sampled[i] - values[i];
      for (let k = 0; k < 4; k++) gradient[k] += slopes[at + k] * off;
    }
    const [dx, dy, growth, roll] = multiply(inverse, gradient);
    pose = composeInverse(pose, dx, dy, 1 + growth, roll);
    if (Math.abs(dx) + Math.abs(dy) + Math.abs(growth) + Math.abs(roll) < CONVERGED) break;
  }
  sample(patch, pose, FINE_POINTS, sampled);
  return { pose, similarity: normalise(sampled) === 0 ? -1 : dot(sampled, values) };
}

/**
 * Composes the pose with the inverse of an alignment step: W(pose) after the inverse of W(step). A scale factor and a
 * roll multiply like complex numbers.
 *
 * @param {Pose} pose
 * @param {number} dx  shift to the right, in sides of the box
 * @param {number} dy  shift down
 * @param {number} real  1 + growth
 * @param {number} imaginary  roll
 * @returns {Pose}
 */
function composeInverse({ x, y, right, down }, dx, dy, real, imaginary) {
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
 * The best of all shifts by whole steps of the coarse grid within the patch.
 *
 * @param {GreyPatch} patch
 * @param {Template} template
 * @param {Pose} from
 * @returns {Pose}
 */
function search(patch, { coarse }, from) {
  const step = Math.hypot(from.right, from.down) / COARSE;
  const room = Math.max(patch.width, patch.height) * patch.scale - step * COARSE;
  const reach = Math.min(Math.max(Math.ceil(room / 2 / step), 1), COARSE);
  const across = COARSE + 2 * reach;
  const field = new Float32Array(across * across);
  for (let row = 0, i = 0; row < across; row++) {
    const v = (row - reach + 0.5) / COARSE - 0.5;
    for (let column = 0; column < across; column++, i++) {
      const u = (column - reach + 0.5) / COARSE - 0.5;
      field[i] = interpolate(patch, from.x + from.right * u - from.down * v, from.y + from.down * u + from.right * v);
    }
  }
  let best = -Infinity;
  let shift = [0, 0];
  const sampled = new Float32Array(coarse.length);
  for (let down = 0; down <= 2 * reach; down++) {
    for (let right = 0; right <= 2 * reach; right++) {
      let k = 0;
      for (let i = 0; i < COARSE_POINTS.length; i += 2) {
        const column = Math.round((COARSE_POINTS[i] + 0.5) * COARSE - 0.5) + right;
        const row = Math.round((COARSE_POINTS[i + 1] + 0.5) * COARSE - 0.5) + down;
        sampled[k++] = field[row * across + column];
      }
      const alike = normalise(sampled) === 0 ? -1 : dot(sampled, coarse);
      if (alike > best) {
        best = alike;
        shift = [(right - reach) / COARSE, (down - reach) / COARSE];
      }
    }
  }
  const [u, v] = shift;
  return { ...from, x: from.x + from.right * u - from.down * v, y: from.y + from.down * u + from.right * v };
}

/** Points of a grid within the inscribed circle, relative to the centre, in sides of the box: x, y, x, y ...
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
 * Reads the patch at points of a pose.
 *
 * @param {GreyPatch} patch
 * @param {Pose} pose
 * @param {Float32Array} points  as `circle` gives them
 * @param {Float32Array} out  one value for each point
 */
function sample(patch, { x, y, right, down }, points, out) {
  for (let i = 0; i < out.length; i++) {
    const [u, v] = [points[2 * i], points[2 * i + 1]];
    out[i] = interpolate(patch, x + right * u - down * v, y + down * u + right * v);
  }
}

/**
 * The steepest descent images: how the normalised values change with a shift to the right, a shift down, growth and
 * roll, without the components that changes of light explain.
 *
 * @param {GreyPatch} patch
 * @param {Pose} pose
 * @param {Float32Array} values  normalised
 * @param {number} norm
 */
function steepestDescent(patch, pose, values, norm) {
  const half = 0.5 / FINE;
  const [left, right, above, below] = [0, 0, 0, 0].map(() => new Float32Array(values.length));
  const side = pose.right;
  sample(patch, { ...pose, x: pose.x - side * half }, FINE_POINTS, left);
  sample(patch, { ...pose, x: pose.x + side * half }, FINE_POINTS, right);
  sample(patch, { ...pose, y: pose.y - side * half }, FINE_POINTS, above);
  sample(patch, { ...pose, y: pose.y + side * half }, FINE_POINTS, below);
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
