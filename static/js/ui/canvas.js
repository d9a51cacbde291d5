/**
 * Fit a canvas to the display's resolution, and read the overlay's colours from the style sheet.
 *
 * @typedef {import('./overlay.js').Size} Size
 * @typedef {import('./overlay.js').OverlayStyle} OverlayStyle
 */

/**
 * Give the canvas one pixel for each device pixel, and scale its context to CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Size} [view]  its size in CSS pixels, where the caller knows it: reading it from the element may force a layout
 * @returns {{context: CanvasRenderingContext2D, view: Size}} `view` in CSS pixels
 */
export function fitCanvas(canvas, view = { width: canvas.clientWidth, height: canvas.clientHeight }) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  // Setting a size, even the same one, clears the canvas and allocates its memory again.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, view };
}

/**
 * @param {HTMLElement} element
 * @returns {OverlayStyle} from the custom properties that apply to the element
 */
export function readOverlayStyle(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    line: read('--overlay-line'),
    halo: read('--overlay-halo'),
    chip: read('--overlay-chip'),
    text: read('--overlay-text'),
    font: style.fontFamily,
  };
}
