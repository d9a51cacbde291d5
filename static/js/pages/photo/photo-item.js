/**
 * One photo in the list of the photo page: the picture with its faces drawn, what is being done with it, and what
 * was found. Fills a copy of the page's template, which templates/_faces.html writes.
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

/** Longer side, in pixels, of the picture that is shown, at least. */
const SHOWN = 720;

/**
 * @param {File} file
 * @param {HTMLTemplateElement} template
 * @param {{onAgain: () => void, drawOnServer: (file: File) => Promise<Blob>}} options  `onAgain`: the visitor asks for
 *   another try; `drawOnServer` gives the picture with its faces drawn, where this browser cannot show the photo
 */
export function createPhoto(file, template, { onAgain, drawOnServer }) {
  // A clone would stay in the template's own document, where no picture is loaded.
  const root = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const part = partsOf(root);
  const scores = createScoreBars(part('.faces', HTMLElement), [], 'h4');
  const image = part('.preview img', HTMLImageElement);
  const canvas = part('.preview canvas', HTMLCanvasElement);
  const bar = part('progress', HTMLProgressElement);
  const message = part('.message', HTMLElement);
  const again = part('.again', HTMLElement);
  const link = part('.save a', HTMLAnchorElement);
  const url = URL.createObjectURL(file);
  /** Of the picture that the server drew, where this browser cannot show the photo. */
  let drawn = '';
  /** @type {PhotoResult | null} */
  let result = null;
  /** Whether this browser can show the photo. */
  let shown = false;
  let removed = false;

  part('.name', HTMLElement).textContent = file.name;
  for (const one of root.querySelectorAll('.unseen')) if (!one.textContent?.trim()) one.textContent = ` ${file.name}`;
  image.alt = file.name;
  again.querySelector('button')?.addEventListener('click', () => {
    root.tabIndex = -1;
    root.focus(); // the button is about to go
    onAgain();
  });
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  const ready = preview();

  async function preview() {
    image.src = url;
    try {
      await image.decode();
    } catch {
      return; // not for this browser to show; the server may still read it, or says what is wrong with it
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
   * What is being done with it.
   *
   * @param {string} words
   * @param {number | null} share  0..1 of it done; null: nobody knows
   */
  function showStep(words, share) {
    part('.progress', HTMLElement).hidden = false;
    part('.state', HTMLElement).textContent = words;
    if (share === null) bar.removeAttribute('value');
    else bar.value = share;
    message.hidden = again.hidden = true;
    result = null;
  }

  /**
   * @param {Answer} answer
   * @returns {Promise<void>} when its picture is there too
   */
  function showAnswer(answer) {
    const { width, height } = answer.image;
    end({ name: file.name, ...answer });
    part('.no-face', HTMLElement).hidden = answer.faces.length > 0;
    part('.summary', HTMLElement).textContent =
      `${countFaces(answer.faces.length)} in a photo of ${width} × ${height} pixels; ${answer.model}; ` +
      `${Math.round(answer.timings_ms.total ?? 0)} ms on the server.`;
    scores.show(answer.faces);
    return offer();
  }

  /**
   * @param {string} sentence
   * @param {boolean} mayTryAgain
   */
  function showProblem(sentence, mayTryAgain) {
    end({ name: file.name, problem: { detail: sentence } });
    message.textContent = sentence;
    message.hidden = false;
    again.hidden = !mayTryAgain;
  }

  /** @param {PhotoResult} found */
  function end(found) {
    result = found;
    part('.progress', HTMLElement).hidden = true;
    draw();
  }

  /** Offer the picture with its faces drawn. Does not reject: what was found stays, with or without a picture. */
  async function offer() {
    await ready;
    link.download = `${file.name.replace(/\.[^.]*$/, '')}-mien.jpg`;
    if (shown) {
      link.href = url;
      link.onclick = saveDrawn;
    } else {
      const blob = await drawOnServer(file).catch(() => null);
      if (!blob || removed) return;
      URL.revokeObjectURL(drawn);
      link.href = image.src = drawn = URL.createObjectURL(blob);
      canvas.hidden = true;
      const whole = await image.decode().then(() => true, () => false);
      if (!whole || removed) return;
      showPicture();
    }
    part('.save', HTMLElement).hidden = false;
  }

  /** @param {MouseEvent} event */
  async function saveDrawn(event) {
    event.preventDefault();
    try {
      saveFile(await drawWhole(), link.download);
      message.hidden = true;
    } catch {
      message.textContent = 'This browser could not make the picture with its faces, perhaps for want of memory. A smaller photo may do.';
      message.hidden = false;
    }
  }

  /** @returns {Promise<Blob>} the photo and its faces, a JPEG file without metadata */
  async function drawWhole() {
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!result || 'problem' in result) throw new Error('there is nothing to draw');
    const whole = drawAnnotated(image, sizeToSave({ width, height }), { faces: result.faces, image: result.image, style: readOverlayStyle(canvas) });
    return new Promise((resolve, reject) => {
      whole.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/jpeg', 0.9);
    });
  }

  function remove() {
    removed = true;
    resized.disconnect();
    for (const one of [url, drawn]) URL.revokeObjectURL(one);
    root.remove();
  }

  return { file, root, showStep, showAnswer, showProblem, remove, get result() { return result; } };
}

/**
 * @param {HTMLElement} root
 * @returns {<T extends HTMLElement>(selector: string, kind: new () => T) => T} finds an element within it, which a
 *   mistake in the template alone could lack
 */
function partsOf(root) {
  return (selector, kind) => {
    const element = root.querySelector(selector);
    if (!(element instanceof kind)) throw new Error(`the template has no ${kind.name} ${selector}`);
    return element;
  };
}
