/**
 * Read the pixels of video frames and pictures. The frame is drawn once onto a canvas of its own size and from there,
 * reduced, onto a small one for the detector; of each face only the pixels that it needs are read. Measured in
 * Chromium: reading the whole frame back takes twice as long at 640 x 480 and ten times as long at 1280 x 720; drawing
 * a video frame a second time would cost as much as the first time.
 *
 * @typedef {import('../inference/face-finder.js').Frame} Frame
 */

export class FrameCanvas {
  constructor() {
    this.whole = createContext();
    this.small = createContext();
  }

  /**
   * A frame for `ExpressionRecognizer.recognize`, readable until the next one is drawn.
   *
   * @param {ImageBitmap | VideoFrame} source
   * @returns {Frame}
   */
  draw(source) {
    const { whole, small } = this;
    const { width, height } = sizeOf(source);
    clear(whole, width, height);
    whole.drawImage(source, 0, 0);
    return {
      width,
      height,
      letterboxed(place) {
        const { picture, grey } = place;
        clear(small, picture.width, picture.height);
        if (grey > 0) {
          small.fillStyle = `rgb(${grey} ${grey} ${grey})`;
          small.fillRect(0, 0, picture.width, picture.height);
        }
        small.drawImage(whole.canvas, place.x, place.y, place.width, place.height);
        return small.getImageData(0, 0, picture.width, picture.height);
      },
      pixels({ x, y, width: w, height: h }) {
        return whole.getImageData(x, y, w, h);
      },
    };
  }
}

/** @param {ImageBitmap | VideoFrame} source */
function sizeOf(source) {
  if ('displayWidth' in source) return { width: source.displayWidth, height: source.displayHeight };
  return { width: source.width, height: source.height };
}

/** Gives a canvas this size and clears it to transparent black, which is read as black.
 * @param {OffscreenCanvasRenderingContext2D} target
 * @param {number} width
 * @param {number} height
 */
function clear(target, width, height) {
  const { canvas } = target;
  if (canvas.width === width && canvas.height === height) target.clearRect(0, 0, width, height);
  else Object.assign(canvas, { width, height });
}

/** @returns {OffscreenCanvasRenderingContext2D} */
function createContext() {
  const made = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (made === null) throw new Error('this browser gives no canvas to a worker');
  return made;
}
