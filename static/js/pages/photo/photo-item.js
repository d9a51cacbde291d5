/**
 * Show one photo in the list of the photo page: the photo with its faces drawn, its progress and its result. Fills a copy
 * of the template that templates/_faces.html writes.
 *
 * @typedef {import('./photo-export.js').Answer} Answer
 * @typedef {import('./photo-export.js').PhotoResult} PhotoResult
 * @typedef {ReturnType<typeof createPhoto>} Photo
 */

import { countFaces } from './photo-export.js';
import { drawAnnotated, sizeToSave } from '../../ui/annotated-image.js';
import { drawFaces } from '../../ui/overlay.js';
import { fitCanvas, readOverlayStyle } from '../../ui/canvas.js';
import { saveFile } from '../../ui/save-file.js';
import { createScoreBars } from '../../ui/score-bars.js';

/** Longer side, in pixels, at which a photo is shown, at least. */
const SHOWN = 720;

/**
 * @param {File} file
 * @param {HTMLTemplateElement} template
 * @param {{onRetry: () => void, drawOnServer: (file: File) => Promise<Blob>}} options  `onRetry`: the user wants to
 *   send the photo again; `drawOnServer` returns the photo with its faces drawn, for a photo that this browser cannot show
 */
export function createPhoto(file, template, { onRetry, drawOnServer }) {
  // cloneNode would leave the copy in the template's document, where images are not loaded.
  const root = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const part = partsOf(root);
  const scores = createScoreBars(part('.faces', HTMLElement), [], 'h4');
  const image = part('.preview img', HTMLImageElement);
  const canvas = part('.preview canvas', HTMLCanvasElement);
  const bar = part('progress', HTMLProgressElement);
  const message = part('.message', HTMLElement);
  const retry = part('.retry', HTMLElement);
  const link = part('.save a', HTMLAnchorElement);
  const url = URL.createObjectURL(file);
  /** Address of the picture that the server drew, for a photo that this browser cannot show. */
  let serverUrl = '';
  /** @type {PhotoResult | null} */
  let result = null;
  /** Whether this browser can show the photo. */
  let shown = false;
  let removed = false;

  part('.name', HTMLElement).textContent = file.name;
  for (const one of root.querySelectorAll('.visually-hidden')) if (!one.textContent?.trim()) one.textContent = ` ${file.name}`;
  image.alt = file.name;
  retry.querySelector('button')?.addEventListener('click', () => {
    root.tabIndex = -1;
    root.focus(); // the button is about to be hidden
    onRetry();
  });
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  const ready = preview();

  async function preview() {
    image.src = url;
    try {
      await image.decode();
    } catch {
      return; // this browser cannot show it; the server may still read it, or says what is wrong
    }
    shown = true;
    showPicture();
    draw();
  }

  function showPicture() {
    const { naturalWidth: width, naturalHeight: height } = image;
    const wanted = Math.round(width * Math.max(1, SHOWN / Math.max(width, height)));
    const frame = part('.preview', HTMLElement);
    frame.style.width = `min(100%, ${wanted}px, ${((75 * width) / height).toFixed(2)}vh)`;
    frame.hidden = false;
  }

  function draw() {
    const { context, view } = fitCanvas(canvas);
    context.clearRect(0, 0, view.width, view.height);
    if (!result || 'problem' in result) return;
    const style = readOverlayStyle(canvas);
    drawFaces(context, result.faces, { image: result.image, view, mirrored: false, style, still: 'beside scores' });
  }

  /**
   * Show the progress.
   *
   * @param {string} text
   * @param {number | null} share  the part that is done, 0..1; null: unknown
   */
  function showStep(text, share) {
    part('.progress', HTMLElement).hidden = false;
    part('.state', HTMLElement).textContent = text;
    if (share === null) bar.removeAttribute('value');
    else bar.value = share;
    message.hidden = retry.hidden = true;
    result = null;
  }

  /**
   * @param {Answer} answer
   * @returns {Promise<void>} resolves when the picture to save is ready too
   */
  function showAnswer(answer) {
    const { width, height } = answer.image;
    end({ name: file.name, ...answer });
    part('.no-face', HTMLElement).hidden = answer.faces.length > 0;
    part('.summary', HTMLElement).textContent =
      `${countFaces(answer.faces.length)} in a photo of ${width} × ${height} pixels; ${answer.model}; ` +
      `${Math.round(answer.timings_ms.total ?? 0)} ms on the server.`;
    scores.show(answer.faces);
    return offerPicture();
  }

  /**
   * @param {string} sentence
   * @param {boolean} canRetry
   */
  function showProblem(sentence, canRetry) {
    end({ name: file.name, problem: { detail: sentence } });
    message.textContent = sentence;
    message.hidden = false;
    retry.hidden = !canRetry;
  }

  /** @param {PhotoResult} found */
  function end(found) {
    result = found;
    part('.progress', HTMLElement).hidden = true;
    draw();
  }

  /** Offer the photo with its faces drawn as a file. Never rejects: without it, the result is still shown. */
  async function offerPicture() {
    await ready;
    link.download = `${file.name.replace(/\.[^.]*$/, '')}-mien.jpg`;
    if (shown) {
      link.href = url;
      link.onclick = saveDrawn;
    } else {
      const blob = await drawOnServer(file).catch(() => null);
      if (!blob || removed) return;
      URL.revokeObjectURL(serverUrl);
      link.href = image.src = serverUrl = URL.createObjectURL(blob);
      canvas.hidden = true;
      const decoded = await image.decode().then(() => true, () => false);
      if (!decoded || removed) return;
      showPicture();
    }
    part('.save', HTMLElement).hidden = false;
  }

  /** @param {MouseEvent} event */
  async function saveDrawn(event) {
    event.preventDefault();
    try {
      saveFile(await drawOnPhoto(), link.download);
      message.hidden = true;
    } catch {
      message.textContent = 'This browser could not draw the faces on the photo, perhaps because it has too little memory. Try a smaller photo.';
      message.hidden = false;
    }
  }

  /** @returns {Promise<Blob>} the photo and its faces, a JPEG file without metadata */
  async function drawOnPhoto() {
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!result || 'problem' in result) throw new Error('there is no result to draw');
    const annotated = drawAnnotated(image, sizeToSave({ width, height }), { faces: result.faces, image: result.image, style: readOverlayStyle(canvas) });
    return new Promise((resolve, reject) => {
      annotated.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/jpeg', 0.9);
    });
  }

  function remove() {
    removed = true;
    resized.disconnect();
    for (const one of [url, serverUrl]) URL.revokeObjectURL(one);
    root.remove();
  }

  return { file, root, showStep, showAnswer, showProblem, remove, get result() { return result; } };
}

/**
 * @param {HTMLElement} root
 * @returns {<T extends HTMLElement>(selector: string, kind: new () => T) => T} finds an element within `root`;
 *   throws an Error if there is none, which is a mistake in the template
 */
function partsOf(root) {
  return (selector, kind) => {
    const element = root.querySelector(selector);
    if (!(element instanceof kind)) throw new Error(`the template has no ${kind.name} ${selector}`);
    return element;
  };
}
