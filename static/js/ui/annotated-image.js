/**
 * Draw an image and its faces onto a new canvas, to be saved as a file.
 *
 * @typedef {import('../types.js').Face} Face
 * @typedef {import('./overlay.js').Size} Size
 */

import STYLE from './overlay-style.json' with { type: 'json' };
import { drawFaces } from './overlay.js';

/**
 * The longer side lies within the limits of overlay-style.json: captions on a smaller image are unreadable.
 *
 * @param {Size} size  of the image
 * @returns {Size} of the file that is saved, with the same aspect ratio
 */
export function sizeToSave({ width, height }) {
  const longer = Math.max(width, height);
  const scale = Math.min(Math.max(longer, STYLE.image.min_side), STYLE.image.max_side) / longer;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {CanvasImageSource} source
 * @param {Size} size  of the returned canvas
 * @param {{faces: Face[], image: Size, style: import('./overlay.js').OverlayStyle, mirrored?: boolean,
 *   numbers?: (number | null)[]}} annotations  `image`: size of the image whose pixels the boxes are in
 * @returns {HTMLCanvasElement}
 */
export function drawAnnotated(source, size, { faces, image, style, mirrored = false, numbers }) {
  const { width, height } = size;
  const [canvas, facesCanvas] = [0, 1].map(() => Object.assign(document.createElement('canvas'), { width, height }));
  const [context, facesContext] = [canvas, facesCanvas].map((one) => /** @type {CanvasRenderingContext2D} */ (one.getContext('2d')));
  context.fillStyle = '#fff'; // behind transparent pixels
  context.fillRect(0, 0, width, height);
  if (mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(source, 0, 0, width, height);
  context.resetTransform();
  // drawFaces clears its canvas, so the faces get a canvas of their own.
  drawFaces(facesContext, faces, { image, view: size, mirrored, style, still: 'alone', numbers });
  context.drawImage(facesCanvas, 0, 0);
  return canvas;
}
