/**
 * The photo page: shows photos that are chosen, dropped or pasted, sends them to the server one after the other, and draws
 * the result over each. Without JavaScript, the form of the page does the same.
 *
 * `document.documentElement.dataset.state` is idle, loading, done, or error if every photo of the last
 * selection failed.
 *
 * @typedef {import('./photo-export.js').PhotoResult} PhotoResult
 * @typedef {import('./photo-item.js').Photo} Photo
 */

import { byId } from '../../ui/dom.js';
import { countPhotos, tally, toCsv, toJson } from './photo-export.js';
import { createPhoto } from './photo-item.js';
import { SendError, sendPhoto } from './photo-upload.js';
import { saveFile } from '../../ui/save-file.js';

const UNEXPECTED = 'The answer could not be shown. Reload the page and try again.';
const form = byId('photo-form', HTMLFormElement);
const input = byId('photo', HTMLInputElement);
const message = byId('photo-error', HTMLElement);
const statusLine = byId('photo-status', HTMLElement);
const list = byId('photos', HTMLOListElement);
const page = document.documentElement;
const apiUrl = form.dataset.apiUrl ?? '';
/** @type {Photo[]}  in the order of the list */
let photos = [];
/** @type {Photo[]}  waiting to be sent */
let waiting = [];
/** @type {AbortController | null}  stops the photos that are being sent; null: none is */
let sending = null;

/** @param {File[]} files */
function add(files) {
  if (files.length === 0) return;
  removeServerResult();
  message.hidden = true;
  byId('result', HTMLElement).hidden = false;
  const added = files.map((file) => {
    const onRetry = () => queue([photo]);
    const photo = createPhoto(file, byId('photo-template', HTMLTemplateElement), { onRetry, drawOnServer });
    return photo;
  });
  // The last selection comes first.
  photos = [...added, ...photos];
  list.prepend(...added.map((photo) => photo.root));
  byId('exports', HTMLElement).hidden = byId('clear', HTMLElement).hidden = false;
  showExports();
  queue(added);
}

/** @param {Photo[]} added */
function queue(added) {
  for (const photo of added) photo.showStep('Waiting', 0);
  waiting.push(...added);
  if (!sending) void sendWaiting();
}

/** Send the waiting photos one at a time: the server processes few at once, and the first result should come early. */
async function sendWaiting() {
  page.dataset.state = 'loading';
  const stop = new AbortController();
  sending = stop;
  let succeeded = false;
  for (let photo = waiting.shift(); photo; photo = waiting.shift()) {
    showProgress();
    const ok = await recognize(photo, stop.signal);
    if (stop.signal.aborted) return;
    succeeded ||= ok;
    showExports();
  }
  sending = null;
  statusLine.textContent = tally(results());
  page.dataset.state = succeeded ? 'done' : 'error';
}

/**
 * @param {Photo} photo
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether it has a result
 */
async function recognize(photo, signal) {
  const limit = Number(form.dataset.maxBytes ?? Infinity);
  photo.showStep('Sending, 0%', 0);
  try {
    if (photo.file.size > limit) {
      // The server would close the connection during the upload, and the browser could not tell why.
      throw new SendError(`The file has ${inMebibytes(photo.file.size)} MiB; the limit is ${inMebibytes(limit)} MiB.`);
    }
    const answer = await sendPhoto(apiUrl, bodyOf(photo.file), {
      signal,
      onSent: (share) =>
        share < 1
          ? photo.showStep(`Sending, ${Math.floor(share * 100)}%`, share)
          : photo.showStep('Looking for faces', null),
      onWait: (seconds) => photo.showStep(`The server is busy. Trying again in ${seconds} s`, null),
    });
    await photo.showAnswer(answer);
    return true;
  } catch (error) {
    const known = error instanceof SendError;
    if (!known) console.error(error); // a bug: its message is for developers
    if (!signal.aborted) photo.showProblem(known ? error.message : UNEXPECTED, known && error.canRetry);
    return false;
  }
}

/** @param {File} file */
async function drawOnServer(file) {
  const body = bodyOf(file);
  body.set('annotated', 'jpeg');
  const response = await fetch(apiUrl, { method: 'POST', body });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.blob();
}

/** @param {File} file */
function bodyOf(file) {
  const body = new FormData(form);
  body.set('photo', file, file.name);
  return body;
}

function showProgress() {
  const left = waiting.length + 1;
  statusLine.textContent = left === 1 ? 'Looking for faces' : `Looking for faces in ${countPhotos(left)}`;
}

/** @returns {PhotoResult[]} of the photos that have one, in the order of the list */
const results = () => photos.map((photo) => photo.result).filter((result) => result !== null);

/** Show the buttons that save files once there is a result. */
function showExports() {
  for (const id of ['json', 'csv']) byId(id, HTMLElement).hidden = results().length === 0;
}

/**
 * Make a link save a file of the present results when it is clicked.
 *
 * @param {string} id
 * @param {string} type
 * @param {(results: PhotoResult[]) => string} write
 */
function setExport(id, type, write) {
  const link = byId(id, HTMLAnchorElement);
  link.href = '#'; // a link without an address has no keyboard focus
  link.addEventListener('click', (event) => {
    event.preventDefault();
    saveFile(new Blob([write(results())], { type }), link.download);
  });
}

function clear() {
  sending?.abort();
  sending = null;
  waiting = [];
  for (const photo of photos) photo.remove();
  photos = [];
  message.hidden = true;
  statusLine.textContent = '';
  byId('result', HTMLElement).hidden = true;
  page.dataset.state = 'idle';
  input.focus();
}

/** Remove the result that the server wrote into the page (the form without JavaScript). */
function removeServerResult() {
  if (photos.length === 0) list.replaceChildren();
}

/**
 * Add the files of a drop or a paste, or show why there are none.
 *
 * @param {DataTransfer | null} transfer
 */
function accept(transfer) {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory).length;
  const files = folders ? [] : [...(transfer?.files ?? [])];
  add(files);
  if (files.length > 0) return;
  message.textContent = folders
    ? 'You dropped a folder. Drop the photos in it instead, or choose them.'
    : 'There was no file. Drop, paste or choose photos.';
  message.hidden = false;
  byId('result', HTMLElement).hidden = false;
}

/** @param {number} bytes */
const inMebibytes = (bytes) => (bytes / 1048576).toFixed(1).replace(/\.0$/, '');

form.addEventListener('submit', (event) => event.preventDefault());
input.addEventListener('change', () => {
  add([...(input.files ?? [])]);
  input.value = ''; // so that the same file can be chosen again
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
  accept(event.dataTransfer);
});
document.addEventListener('paste', (event) => accept(event.clipboardData));
byId('clear', HTMLButtonElement).addEventListener('click', clear);
setExport('json', 'application/json', toJson);
setExport('csv', 'text/csv', toCsv);

byId('drop-hint', HTMLElement).hidden = false;
// With JavaScript, photos are sent as soon as they are chosen, one at a time.
byId('send', HTMLElement).hidden = true;
byId('form-limits', HTMLElement).hidden = true;
page.dataset.state = 'idle';
