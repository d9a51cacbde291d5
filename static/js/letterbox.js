/**
 * Where a frame lies in the square picture that the face detector sees: as large as it fits,
 * centred, black beside it.
 */

/**
 * @typedef {object} Letterbox
 * @property {number} x  left edge of the frame in the square, a whole pixel
 * @property {number} y  top edge
 * @property {number} width  of the frame in the square, a whole number of pixels
 * @property {number} height
 * @property {number} scaleX  pixels of the frame for one of the square
 * @property {number} scaleY
 */

/**
 * @param {number} width  of the frame
 * @param {number} height
 * @param {number} size  side of the square
 * @returns {Letterbox}
 */
export function letterbox(width, height, size) {
  const scale = size / Math.max(width, height);
  const inner = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  return {
    x: Math.floor((size - inner.width) / 2),
    y: Math.floor((size - inner.height) / 2),
    ...inner,
    scaleX: width / inner.width,
    scaleY: height / inner.height,
  };
}
