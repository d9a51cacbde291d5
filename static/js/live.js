/**
 * The live page: from a press of the button to bars that move. Knows all other modules; they know nothing of
 * the page.
 *
 * For programs that listen:
 *   `mien:result` on document, once per processed frame; detail is a Result ({faces, timings, image}).
 *   `mien:memory` dispatched on document is answered by `mien:memory-result`; detail is {numTensors, numBytes}.
 *   `document.documentElement.dataset.state` is idle, loading, running, paused or error.
 *
 * @typedef {import('./types.js').Face} Face
 * @typedef {import('./types.js').Result} Result
 * @typedef {import('./camera.js').Camera} Camera
 * @typedef {import('./mien.js').Recognizer} Recognizer
 */

import { listCameras, openCamera } from './camera.js';
import { byId } from './elements.js';
import { drawFaces } from './overlay.js';
import { createRecognizer } from './mien.js';
import { fitCanvas, readLook } from './paper.js';
import { createScores } from './scores.js';
import { createRate, createStatus, createThrottle, describe, sayFaces, sayStep } from './status.js';

const page = byId('live', HTMLElement);
const video = byId('video', HTMLVideoElement);
const canvas = byId('overlay', HTMLCanvasElement);
const mirror = byId('mirror', HTMLInputElement);
const cameraSelect = byId('camera', HTMLSelectElement);
const sheets = {
  idle: byId('notice', HTMLElement),
  loading: byId('loading', HTMLElement),
  error: byId('failure', HTMLElement),
};
/** @type {Partial<Record<import('./status.js').State, HTMLElement>>}  what gets the focus when its state begins */
const firstStops = {
  idle: byId('start', HTMLButtonElement),
  loading: byId('cancel', HTMLButtonElement),
  running: byId('stop', HTMLButtonElement),
  error: byId('failure-title', HTMLElement),
};

const status = createStatus(showState);
/** Rises with each start and stop, so that what began before knows it is out of date. */
let attempt = 0;
/** @type {Camera | null} */
let camera = null;
/** @type {Promise<Recognizer> | null}  kept from one start to the next, until it fails */
let recognizer = null;
/** @type {() => void} */
let stopFrames = () => {};
/** @type {ReturnType<typeof createScores> | null} */
let scores = null;
/** @type {Result | null} */
let lastResult = null;

/** @param {string} [deviceId] */
async function start(deviceId = '') {
  const mine = release();
  // A recognizer kept from an earlier start is ready: only the camera is waited for.
  if (!recognizer) showProgress('backend', 0);

  status.to('loading');
  const opening = openCamera({ deviceId, onEnded: (error) => mine === attempt && fail(error) });
  const loading = loadRecognizer();
  try {
    const opened = await opening;
    byId('loading-hint', HTMLElement).hidden = true;
    const ready = await loading;
    if (mine !== attempt) return;
    camera = opened;
    video.srcObject = camera.stream;
    await video.play();
    if (mine !== attempt) return;
    mirror.checked = !camera.facesAway;
    scores ??= createScores(byId('scores', HTMLElement), ready.info.contract.labels);
    status.to('running');
    showMirror();
    void showCameras();
    run(ready, mine);
    if (document.hidden) status.to('paused');
  } catch (error) {
    if (mine === attempt) fail(error);
  } finally {
    // Whatever went wrong or was overtaken: no camera stays on that the page does not show.
    loading.catch(() => {});
    if (camera === null || mine !== attempt) opening.then((one) => one.stop(), () => {});
  }
}

/** @returns {Promise<Recognizer>} */
function loadRecognizer() {
  const { modelUrl = '', detectorUrl = '', workerUrl = '', wasmUrl = '' } = page.dataset;
  const wish = new URLSearchParams(location.search).get('backend');
  const backend = wish === 'wasm' || wish === 'webgl' ? wish : null;
  recognizer ??= createRecognizer({ modelUrl, detectorUrl, workerUrl, wasmUrl, backend, onProgress: showProgress });
  return recognizer;
}

/**
 * @param {Recognizer} ready
 * @param {number} mine
 */
function run(ready, mine) {
  const rate = createRate();
  const rateIsDue = createThrottle(500);
  const speechIsDue = createThrottle(2000);
  stopFrames = ready.start(video, onResult, { onError: (error) => mine === attempt && fail(error) }).stop;

  /** @param {Result} result */
  function onResult(result) {
    const now = performance.now();
    const perSecond = String(Math.round(rate(now)));
    if (rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
    showResult(result);
    const sentence = sayFaces(result.faces);
    if (speechIsDue(sentence, now)) byId('said', HTMLElement).textContent = sentence;
  }
}

/** @param {Result} result */
function showResult(result) {
  lastResult = { ...result, faces: [...result.faces].sort((a, b) => a.id - b.id) };
  scores?.show(lastResult.faces);
  drawOverlay();
  document.dispatchEvent(new CustomEvent('mien:result', { detail: result }));
}

function drawOverlay() {
  if (!lastResult) return;
  const { context, view } = fitCanvas(canvas);
  drawFaces(context, lastResult.faces, { image: lastResult.image, view, mirrored: mirror.checked, look: readLook(canvas) });
}

/**
 * Let go of the camera and of everything the last start began.
 *
 * @returns {number} the new attempt
 */
function release() {
  stopFrames();
  stopFrames = () => {};
  camera?.stop();
  camera = null;
  video.srcObject = null;
  lastResult = null;
  scores?.show([]);
  byId('said', HTMLElement).textContent = '';
  byId('loading-hint', HTMLElement).hidden = false;
  return ++attempt;
}

function stop() {
  release();
  status.to('idle');
}

/** @param {unknown} error */
function fail(error) {
  release();
  const { code, title, sentence, advice } = describe(error);
  if (error instanceof Error && error.name === 'RecognizerError' && recognizer) {
    recognizer.then((broken) => broken.dispose(), () => {});
    recognizer = null;
  }
  sheets.error.dataset.code = code;
  byId('failure-title', HTMLElement).textContent = title;
  byId('failure-sentence', HTMLElement).textContent = sentence;
  byId('failure-advice', HTMLElement).textContent = advice;
  status.to('error');
}

/** @param {import('./status.js').State} state */
function showState(state) {
  document.documentElement.dataset.state = state;
  const focusWasHere = document.activeElement === document.body || page.contains(document.activeElement);
  const live = state === 'running' || state === 'paused';
  for (const [name, sheet] of Object.entries(sheets)) sheet.hidden = name !== state;
  for (const element of [video, canvas]) element.hidden = !live;
  byId('readings', HTMLElement).hidden = !live;
  byId('controls', HTMLElement).hidden = !live;
  if (focusWasHere) firstStops[state]?.focus({ preventScroll: true });
}

/**
 * @param {string} step
 * @param {number} fraction  0..1
 */
function showProgress(step, fraction) {
  byId('loading-step', HTMLElement).textContent = sayStep(step);
  byId('loading-progress', HTMLProgressElement).value = fraction;
}

function showMirror() {
  video.classList.toggle('mirrored', mirror.checked);
  drawOverlay();
}

async function showCameras() {
  const cameras = await listCameras();
  byId('camera-pick', HTMLElement).hidden = cameras.length < 2;
  cameraSelect.replaceChildren(
    ...cameras.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === camera?.deviceId)),
  );
}

byId('start', HTMLButtonElement).addEventListener('click', () => void start());
byId('retry', HTMLButtonElement).addEventListener('click', () => void start());
byId('stop', HTMLButtonElement).addEventListener('click', stop);
byId('cancel', HTMLButtonElement).addEventListener('click', stop);
mirror.addEventListener('change', showMirror);
cameraSelect.addEventListener('change', () => void start(cameraSelect.value));
navigator.mediaDevices?.addEventListener('devicechange', () => camera && void showCameras());
new ResizeObserver(drawOverlay).observe(canvas);
window.addEventListener('pagehide', () => status.state !== 'error' && stop());
document.addEventListener('visibilitychange', () => {
  if (document.hidden && status.state === 'running') status.to('paused');
  else if (!document.hidden && status.state === 'paused') status.to('running');
});
document.addEventListener('mien:memory', async () => {
  const detail = recognizer ? await (await recognizer).memory() : { numTensors: 0, numBytes: 0 };
  document.dispatchEvent(new CustomEvent('mien:memory-result', { detail }));
});

byId('slow-script', HTMLElement).hidden = true;
byId('start', HTMLButtonElement).hidden = false;
document.documentElement.dataset.state = status.state;
