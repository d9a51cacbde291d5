/**
 * The photo page with scripts: a photo that is chosen, dropped or pasted is shown at once, sent to the server,
 * and what comes back is drawn over it. Without scripts the form does the same by itself.
 *
 * @typedef {import('./types.js').Face} Face
 *
 * @typedef {object} Answer  POST /api/v1/recognize
 * @property {Face[]} faces
 * @property {{width: number, height: number}} image
 * @property {string} model
 * @property {Record<string, number>} timings_ms
 */

import { byId } from './elements.js';
import { drawFaces } from './overlay.js';
import { fitCanvas, readLook } from './paper.js';
import { createScores } from './scores.js';

const form = byId('photo-form', HTMLFormElement);
const input = byId('photo', HTMLInputElement);
const image = byId('preview-image', HTMLImageElement);
const canvas = byId('preview-overlay', HTMLCanvasElement);
const message = byId('photo-error', HTMLElement);
const words = byId('photo-status', HTMLElement);
const summary = byId('photo-summary', HTMLElement);
/** @type {ReturnType<typeof createScores> | null} */
let scores = null;
/** @type {Answer | null} */
let answer = null;
/** @type {AbortController | null}  of the request under way */
let underWay = null;

/** @param {File} photo */
async function recognise(photo) {
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  clear();
  await preview(photo);
  const limit = Number(form.dataset.maxBytes ?? Infinity);
  if (photo.size > limit) {
    // The server would close the line in mid-upload, and the browser could not say why.
    showError(`The file has ${inMebibytes(photo.size)} MiB; at most ${inMebibytes(limit)} MiB are taken.`);
    return;
  }
  words.textContent = 'Looking for faces';
  try {
    const found = await send(photo, mine.signal);
    if (mine === underWay) showAnswer(found);
  } catch (error) {
    if (mine === underWay) showError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {File} photo
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {Error} with the sentence to show
 */
async function send(photo, signal) {
  const body = new FormData(form);
  body.set('photo', photo, photo.name);
  let response;
  try {
    response = await fetch(form.dataset.apiUrl ?? '', { method: 'POST', body, signal });
  } catch {
    throw new Error('The server could not be reached. Check the connection and try again.');
  }
  const data = await response.json().catch(() => null);
  if (!response.ok || !data) {
    throw new Error(data?.detail ?? `The server answered with status ${response.status}. Try again in a while.`);
  }
  return data;
}

/** @param {File} photo */
async function preview(photo) {
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(photo);
  try {
    await image.decode();
    byId('preview', HTMLElement).hidden = false;
    byId('photo-bench', HTMLElement).hidden = false;
  } catch {
    // Not for this browser to show; the server may still read it, or says what is wrong with it.
  }
}

/** @param {Answer} found */
function showAnswer(found) {
  answer = found;
  byId('photo-bench', HTMLElement).hidden = false;
  words.textContent = found.faces.length ? '' : (byId('no-face-hint', HTMLTemplateElement).content.textContent ?? '').trim();
  const count = ['No face', 'One face'][found.faces.length] ?? `${found.faces.length} faces`;
  const { width, height } = found.image;
  const total = Math.round(found.timings_ms.total ?? 0);
  summary.textContent = `${count} in a photo of ${width} × ${height} pixels; ${found.model}; ${total} ms on the server.`;
  scores ??= createScores(byId('photo-scores', HTMLElement));
  scores.show(found.faces);
  draw();
  document.documentElement.dataset.state = 'done';
}

function draw() {
  const { context, view } = fitCanvas(canvas);
  context.clearRect(0, 0, view.width, view.height);
  if (answer) drawFaces(context, answer.faces, { image: answer.image, view, mirrored: false, look: readLook(canvas) });
}

/** @param {string} sentence */
function showError(sentence) {
  words.textContent = '';
  message.textContent = sentence;
  message.hidden = false;
  byId('photo-bench', HTMLElement).hidden = true;
  document.documentElement.dataset.state = 'error';
}

function clear() {
  document.documentElement.dataset.state = 'loading';
  document.getElementById('server-picture')?.remove();
  answer = null;
  scores ??= createScores(byId('photo-scores', HTMLElement));
  scores.show([]);
  message.hidden = true;
  words.textContent = '';
  summary.textContent = '';
  byId('preview', HTMLElement).hidden = true;
  byId('photo-bench', HTMLElement).hidden = true;
  byId('result', HTMLElement).hidden = false;
  draw();
}

/**
 * The first file of a drop or a paste, or a sentence on why there is none.
 *
 * @param {DataTransfer | null} given
 */
function take(given) {
  const file = given?.files[0];
  if (file) void recognise(file);
  else {
    underWay?.abort();
    underWay = null;
    clear();
    showError('That was not a file. Drop or paste a picture, or choose a photo.');
  }
}

/** @param {number} bytes */
const inMebibytes = (bytes) => (bytes / 1048576).toFixed(1).replace(/\.0$/, '');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const file = input.files?.[0];
  if (file) void recognise(file);
});
input.addEventListener('change', () => {
  const file = input.files?.[0];
  if (file) void recognise(file);
});
for (const kind of ['dragenter', 'dragover']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.add('over');
  });
}
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) form.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  form.classList.remove('over');
  take(event.dataTransfer);
});
document.addEventListener('paste', (event) => take(event.clipboardData));
new ResizeObserver(draw).observe(canvas);

byId('drop-words', HTMLElement).hidden = false;
// A photo is sent as soon as it is chosen.
byId('send', HTMLElement).hidden = true;
document.documentElement.dataset.state = 'idle';
