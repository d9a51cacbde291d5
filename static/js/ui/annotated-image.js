/**
 * A picture with its faces drawn on it, to be saved.
 *
 * @typedef {import('../types.js').Face} Face
 * @typedef {import('./overlay.js').Size} Size
 */

import { drawFaces } from './overlay.js';

/** Longer side, in pixels, of a picture that is saved: captions on a smaller one could not be read. */
const SHORTEST = 512;
const LONGEST = 4096;

/** @param {Size} size  of the picture there is @returns {Size} of the one that is saved, of the same shape */
export function sizeToSave({ width, height }) {
  const longer = Math.max(width, height);
  const scale = Math.min(Math.max(longer, SHORTEST), LONGEST) / longer;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {CanvasImageSource} source
 * @param {Size} size  of the picture that is made
 * @param {{faces: Face[], image: Size, look: import('./overlay.js').Look, mirrored?: boolean,
 *   numbers?: (number | null)[]}} marks  `image`: in whose pixels boxes are
 * @returns {HTMLCanvasElement}
 */
export function drawMarked(source, size, { faces, image, look, mirrored = false, numbers }) {
  const { width, height } = size;
  const [whole, marks] = [0, 1].map(() => Object.assign(document.createElement('canvas'), { width, height }));
  const [paper, over] = [whole, marks].map((one) => /** @type {CanvasRenderingContext2D} */ (one.getContext('2d')));
  paper.fillStyle = '#fff'; // behind what is transparent
  paper.fillRect(0, 0, width, height);
  if (mirrored) paper.setTransform(-1, 0, 0, 1, width, 0);
  paper.drawImage(source, 0, 0, width, height);
  paper.resetTransform();
  // Faces clear what they are drawn on, hence a canvas of their own.
  drawFaces(over, faces, { image, view: size, mirrored, look, still: 'alone', numbers });
  paper.drawImage(marks, 0, 0);
  return whole;
}
