/**
 * Compute where a frame lies in the picture that the face detector receives: as large as it fits, centred, with black
 * or a border of grey beside it. Twin of app/inference/detection/letterbox.py. Pure.
 */

/**
 * @typedef {object} Letterbox
 * @property {number} x  left edge of the frame in the picture, a whole pixel
 * @property {number} y  top edge
 * @property {number} width  of the frame in the picture, a whole number of pixels
 * @property {number} height
 * @property {number} scaleX  pixels of the frame for one of the picture
 * @property {number} scaleY
 * @property {{width: number, height: number}} picture  size of the picture
 * @property {number} grey  level of the pixels beside the frame, 0..255
 */

const BORDER_GREY = 128;

/**
 * @param {number} width  of the frame
 * @param {number} height
 * @param {number} size  of the picture's longer side
 * @param {number} [step]  its shorter side is the least multiple of this that holds the frame; a square
 *   where not given
 * @param {number} [border]  at least this part of the picture's sides is a border of grey on each side of the frame;
 *   0: what the frame leaves of the picture is black
 * @returns {Letterbox}
 */
export function letterbox(width, height, size, step = size, border = 0) {
  const inside = 1 - 2 * border;
  const scale = (size * inside) / Math.max(width, height);
  const inner = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const picture = {
    // Less a trifle: a quotient that is a whole number may come out a little larger.
    width: Math.ceil(inner.width / inside / step - 1e-6) * step,
    height: Math.ceil(inner.height / inside / step - 1e-6) * step,
  };
  return {
    x: Math.floor((picture.width - inner.width) / 2),
    y: Math.floor((picture.height - inner.height) / 2),
    ...inner,
    picture,
    scaleX: width / inner.width,
    scaleY: height / inner.height,
    grey: border > 0 ? BORDER_GREY : 0,
  };
}
