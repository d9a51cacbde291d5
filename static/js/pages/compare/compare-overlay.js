/**
 * Show the compare page's picture: the video or the image, mirrored or not, and the box of the face over it.
 *
 * @typedef {import('../../inference/comparison.js').Compared} Compared
 */

import { byId } from '../../ui/dom.js';
import { drawBox } from '../../ui/overlay.js';
import { boxInView, lineUnit } from '../../ui/overlay-layout.js';
import { fitCanvas, readOverlayStyle } from '../../ui/canvas.js';

/** @param {{video: HTMLVideoElement, image: HTMLImageElement}} elements */
export function createCompareOverlay({ video, image }) {
  const canvas = byId('overlay', HTMLCanvasElement);
  const mirror = byId('mirror', HTMLInputElement);
  /** @type {Compared | null} */
  let shown = null;

  function draw() {
    const { context, view } = fitCanvas(canvas);
    context.clearRect(0, 0, view.width, view.height);
    if (!shown?.box) return;
    const box = boxInView(shown.box, shown.image, view, mirror.checked);
    drawBox(context, box, false, lineUnit(view), readOverlayStyle(canvas));
  }

  function applyMirror() {
    video.classList.toggle('mirrored', mirror.checked);
    draw();
  }

  mirror.addEventListener('change', applyMirror);
  new ResizeObserver(draw).observe(canvas);

  return {
    /** @param {'camera' | 'picture' | null} kind  of the source; null: there is none */
    showSource(kind) {
      video.hidden = kind !== 'camera';
      image.hidden = kind !== 'picture';
    },

    /** @param {Compared | null} compared  null: there is no result */
    show(compared) {
      shown = compared;
      draw();
    },

    /** @param {boolean} mirrored */
    mirror(mirrored) {
      mirror.checked = mirrored;
      applyMirror();
    },
  };
}
