/**
 * The comparing page's picture: which way round it is shown, and the box drawn on it.
 *
 * @typedef {import('../../inference/comparison.js').Compared} Compared
 */

import { byId } from '../../ui/dom.js';
import { boxInView, drawBox } from '../../ui/overlay.js';
import { fitCanvas, readOverlayStyle } from '../../ui/canvas.js';

export function createView() {
  const video = byId('video', HTMLVideoElement);
  const image = byId('picture', HTMLImageElement);
  const canvas = byId('overlay', HTMLCanvasElement);
  const mirror = byId('mirror', HTMLInputElement);
  /** @type {Compared | null} */
  let last = null;

  function draw() {
    const { context, view } = fitCanvas(canvas);
    context.clearRect(0, 0, view.width, view.height);
    if (!last?.box) return;
    const box = boxInView(last.box, last.image, view, mirror.checked);
    drawBox(context, box, false, Math.max(1, Math.min(view.width, view.height) / 300), readOverlayStyle(canvas));
  }

  function turn() {
    video.classList.toggle('mirrored', mirror.checked);
    draw();
  }

  mirror.addEventListener('change', turn);
  new ResizeObserver(draw).observe(canvas);

  return {
    /** @param {'camera' | 'picture' | null} kind  of the source that is shown */
    showSource(kind) {
      video.hidden = kind !== 'camera';
      image.hidden = kind !== 'picture';
    },

    /** @param {Compared | null} compared  null: nothing is looked at any more */
    show(compared) {
      last = compared;
      draw();
    },

    /** @param {boolean} mirrored */
    mirror(mirrored) {
      mirror.checked = mirrored;
      turn();
    },
  };
}
