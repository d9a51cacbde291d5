/**
 * The photo page with scripts: photos that are chosen, dropped or pasted are shown at once and sent to the server
 * one after the other; what comes back is drawn over each. Without scripts the form does the same by itself.
 *
 * `document.documentElement.dataset.state` is idle, loading, done, or error where every photo of the last choice
 * failed.
 *
 * @typedef {import('./photo-export.js').PhotoResult} PhotoResult
 * @typedef {import('./photo-item.js').Photo} Photo
 */

import { byId } from '../../ui/dom.js';
import { countPhotos, tally, toCsv, toJson } from './photo-export.js';
import { createPhoto } from './photo-item.js';
import { SendError, sendPhoto } from './photo-upload.js';
import { saveFile } from '../../ui/save-file.js';

const UNKNOWN = 'The answer could not be shown. Reload the page and try again.';
const form = byId('photo-form', HTMLFormElement);
const input = byId('photo', HTMLInputElement);
const message = byId('photo-error', HTMLElement);
const words = byId('photo-status', HTMLElement);
const list = byId('photos', HTMLOListElement);
const page = document.documentElement;
const apiUrl = form.dataset.apiUrl ?? '';
/** @type {Photo[]}  as the list shows them */
let photos = [];
/** @type {Photo[]}  waiting to be sent */
let waiting = [];
/** @type {AbortController | null}  of the photo under way */
let underWay = null;

/** @param {File[]} files */
function add(files) {
  if (files.length === 0) return;
  dropServersAnswer();
  message.hidden = true;
  byId('result', HTMLElement).hidden = false;
  const added = files.map((file) => {
    const onAgain = () => queue([photo]);
    const photo = createPhoto(file, byId('photo-template', HTMLTemplateElement), { onAgain, drawOnServer });
    return photo;
  });
  // What was chosen last is seen first.
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
  if (!underWay) void work();
}

/** Send what waits, one photo at a time: the server takes few at once, and the first should not wait for the last. */
async function work() {
  page.dataset.state = 'loading';
  const stop = new AbortController();
  underWay = stop;
  let succeeded = false;
  for (let photo = waiting.shift(); photo; photo = waiting.shift()) {
    sayProgress();
    const good = await recognise(photo, stop.signal);
    if (stop.signal.aborted) return;
    succeeded ||= good;
    showExports();
  }
  underWay = null;
  words.textContent = tally(results());
  page.dataset.state = succeeded ? 'done' : 'error';
}

/**
 * @param {Photo} photo
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether it was answered
 */
async function recognise(photo, signal) {
  const limit = Number(form.dataset.maxBytes ?? Infinity);
  photo.showStep('Sending, 0%', 0);
  try {
    if (photo.file.size > limit) {
      // The server would close the line in mid-upload, and the browser could not say why.
      throw new SendError(`The file has ${inMebibytes(photo.file.size)} MiB; at most ${inMebibytes(limit)} MiB are taken.`);
    }
    const answer = await sendPhoto(apiUrl, bodyOf(photo.file), {
      signal,
      onSent: (share) =>
        share < 1
          ? photo.showStep(`Sending, ${Math.floor(share * 100)}%`, share)
          : photo.showStep('Looking for faces', null),
      onWait: (seconds) => photo.showStep(`The server is busy; trying again in ${seconds} s`, null),
    });
    await photo.showAnswer(answer);
    return true;
  } catch (error) {
    const known = error instanceof SendError;
    if (!known) console.error(error); // a mistake of ours: its words are for us
    if (!signal.aborted) photo.showProblem(known ? error.message : UNKNOWN, known && error.again);
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

function sayProgress() {
  const left = waiting.length + 1;
  words.textContent = left === 1 ? 'Looking for faces' : `Looking for faces in ${countPhotos(left)}`;
}

/** @returns {PhotoResult[]} of the photos that are through, in the list's order */
const results = () => photos.map((photo) => photo.result).filter((result) => result !== null);

/** Files can be saved once there is a result. */
function showExports() {
  for (const id of ['json', 'csv']) byId(id, HTMLElement).hidden = results().length === 0;
}

/**
 * Have a link save a file of the results that there are when it is pressed.
 *
 * @param {string} id
 * @param {string} type
 * @param {(results: PhotoResult[]) => string} write
 */
function offer(id, type, write) {
  const link = byId(id, HTMLAnchorElement);
  link.href = '#'; // without an address it could not be reached by keyboard
  link.addEventListener('click', (event) => {
    event.preventDefault();
    saveFile(new Blob([write(results())], { type }), link.download);
  });
}

function clear() {
  underWay?.abort();
  underWay = null;
  waiting = [];
  for (const photo of photos) photo.remove();
  photos = [];
  message.hidden = true;
  words.textContent = '';
  byId('result', HTMLElement).hidden = true;
  page.dataset.state = 'idle';
  input.focus();
}

/** What the form without scripts left on the page. */
function dropServersAnswer() {
  if (photos.length === 0) list.replaceChildren();
}

/**
 * The files of a drop or a paste, or a sentence on why there are none.
 *
 * @param {DataTransfer | null} given
 */
function take(given) {
  const items = [...(given?.items ?? [])].filter((item) => item.kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory).length;
  const files = folders ? [] : [...(given?.files ?? [])];
  add(files);
  if (files.length > 0) return;
  message.textContent = folders
    ? 'That was a folder. Drop the photos in it, or choose them.'
    : 'That was not a file. Drop or paste pictures, or choose photos.';
  message.hidden = false;
  byId('result', HTMLElement).hidden = false;
}

/** @param {number} bytes */
const inMebibytes = (bytes) => (bytes / 1048576).toFixed(1).replace(/\.0$/, '');

form.addEventListener('submit', (event) => event.preventDefault());
input.addEventListener('change', () => {
  add([...(input.files ?? [])]);
  input.value = ''; // so that the same file may be chosen again
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
byId('clear', HTMLButtonElement).addEventListener('click', clear);
offer('json', 'application/json', toJson);
offer('csv', 'text/csv', toCsv);

byId('drop-words', HTMLElement).hidden = false;
// Photos are sent as soon as they are chosen, each by itself.
byId('send', HTMLElement).hidden = true;
byId('form-limits', HTMLElement).hidden = true;
page.dataset.state = 'idle';
