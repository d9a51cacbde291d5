/**
 * Compute where a frame lies in the picture that the face detector receives: as large as it fits, centred, with black
 * beside it. Pure.
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
 */

/**
 * @param {number} width  of the frame
 * @param {number} height
 * @param {number} size  of the picture's longer side
 * @param {number} [step]  its shorter side is the least multiple of this that holds the frame; a square
 *   where not given
 * @returns {Letterbox}
 */
export function letterbox(width, height, size, step = size) {
  const scale = size / Math.max(width, height);
  const inner = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const picture = {
    width: Math.ceil(inner.width / step) * step,
    height: Math.ceil(inner.height / step) * step,
  };
  return {
    x: Math.floor((picture.width - inner.width) / 2),
    y: Math.floor((picture.height - inner.height) / 2),
    ...inner,
    picture,
    scaleX: width / inner.width,
    scaleY: height / inner.height,
  };
}
