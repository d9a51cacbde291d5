/**
 * A canvas laid over a picture, sharp on any display, in the colours of the style sheet.
 *
 * @typedef {import('./overlay.js').Size} Size
 * @typedef {import('./overlay.js').Look} Look
 */

/**
 * Give the canvas as many pixels as the display has where it stands, and a context in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Size} [view]  its size in CSS pixels, where the caller knows it: asking the browser may make it lay out the page
 * @returns {{context: CanvasRenderingContext2D, view: Size}} `view` in CSS pixels
 */
export function fitCanvas(canvas, view = { width: canvas.clientWidth, height: canvas.clientHeight }) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  // Setting a size, even the same one, empties the canvas and costs its memory again.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, view };
}

/**
 * @param {HTMLElement} element
 * @returns {Look} from the custom properties that hold for the element
 */
export function readLook(element) {
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
