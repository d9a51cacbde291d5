/**
 * Show the video or a still picture, mirrored or not, with the faces of the last result drawn over it. Reads layout
 * and style only when they change, not for each frame.
 *
 * @typedef {import('../../types.js').Face} Face
 * @typedef {import('../../ui/overlay.js').Size} Size
 * @typedef {import('../../ui/overlay.js').OverlayStyle} OverlayStyle
 *
 * @typedef {object} ShownFaces  The faces of a result, as they are drawn.
 * @property {Face[]} faces
 * @property {(number | null)[]} numbers  of the faces; null for a face without a number
 * @property {Size} image  size of the image whose pixels the boxes are in
 */

import { drawFaces } from '../../ui/overlay.js';
import { fitCanvas, readOverlayStyle } from '../../ui/canvas.js';
import { drawAnnotated, sizeToSave } from '../../ui/annotated-image.js';

/**
 * @param {{frame: HTMLElement, video: HTMLVideoElement, still: HTMLCanvasElement, overlay: HTMLCanvasElement}} elements
 *   `frame` gets the aspect ratio, width / height, as --ratio
 */
export function createVideoStage({ frame, video, still, overlay }) {
  let mirrored = false;
  /** @type {ShownFaces | null} */
  let shown = null;
  /** @type {{context: CanvasRenderingContext2D, view: Size, style: OverlayStyle} | null} */
  let target = null;

  new ResizeObserver(() => {
    target = null;
    draw();
  }).observe(overlay);
  for (const event of ['loadedmetadata', 'resize']) video.addEventListener(event, () => setRatio(video.videoWidth, video.videoHeight));

  /** @param {number} width @param {number} height */
  function setRatio(width, height) {
    if (width && height) frame.style.setProperty('--ratio', (width / height).toFixed(4));
  }

  function draw() {
    if (overlay.hidden) return;
    target ??= { ...fitCanvas(overlay), style: readOverlayStyle(overlay) };
    const { context, view, style } = target;
    if (shown) drawFaces(context, shown.faces, { ...shown, view, mirrored, style });
    else context.clearRect(0, 0, view.width, view.height);
  }

  /** @param {'video' | 'still' | null} what */
  function show(what) {
    video.hidden = what !== 'video';
    still.hidden = what !== 'still';
    overlay.hidden = what === null;
    if (what === null) shown = null;
    if (what !== 'still') Object.assign(still, { width: 1, height: 1 });
    target = null;
    draw();
  }

  return {
    video,
    show,

    /** @param {ImageBitmap} bitmap @param {string} name */
    showStill(bitmap, name) {
      Object.assign(still, { width: bitmap.width, height: bitmap.height });
      still.getContext('2d')?.drawImage(bitmap, 0, 0);
      still.setAttribute('aria-label', name);
      setRatio(bitmap.width, bitmap.height);
      show('still');
    },

    /** @param {ShownFaces | null} next */
    showFaces(next) {
      shown = next;
      draw();
    },

    /** @param {boolean} on */
    mirror(on) {
      mirrored = on;
      for (const element of [video, still]) element.classList.toggle('mirrored', on);
      draw();
    },

    /**
     * The current picture with its faces drawn; mirrored if the page shows it mirrored, except for the captions.
     *
     * @returns {Promise<Blob>} a PNG file
     * @throws {Error} there is no picture
     */
    toPng() {
      const source = still.hidden ? video : still;
      const size = still.hidden ? { width: video.videoWidth, height: video.videoHeight } : { width: still.width, height: still.height };
      const { faces, numbers, image } = shown ?? { faces: [], numbers: [], image: size };
      if (!size.width) return Promise.reject(new Error('there is no picture to save'));
      const canvas = drawAnnotated(source, sizeToSave(size), { faces, numbers, image, mirrored, style: readOverlayStyle(overlay) });
      return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('there is no picture to save'))), 'image/png');
      });
    },
  };
}
