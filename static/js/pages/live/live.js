/**
 * The live page: from a press of the button, or a file that is opened, to bars that move. Knows all other modules; they
 * know nothing of the page as a whole.
 *
 * For programs that listen:
 *   `mien:result` on document, once per processed frame; detail is a Result ({faces, timings, image, timestamp}).
 *   `mien:memory` dispatched on document is answered by `mien:memory-result`; detail is {numTensors, numBytes}.
 *   `document.documentElement.dataset.state` is idle, loading, running, paused, done (a picture) or error.
 *
 * @typedef {import('../../types.js').Result} Result
 * @typedef {import('../../mien.js').Recognizer} Recognizer
 * @typedef {import('./session.js').Origin} Origin
 *
 * @typedef {object} Source  What is analysed at present.
 * @property {Origin['kind']} kind
 * @property {boolean} facing  it is a camera that faces the visitor
 * @property {string} deviceId  of a camera
 * @property {() => void} close
 */

import { listCameras, openCamera } from '../../media/camera.js';
import { createPreferences } from './preferences.js';
import { createControls } from './controls.js';
import { byId } from '../../ui/dom.js';
import { openMediaFile, scaleFaces } from '../../media/media-file.js';
import { createModelSelect } from '../../ui/model-select.js';
import { createServiceWorkerClient } from './service-worker-client.js';
import { createVideoSeek } from './video-seek.js';
import { createScorePanel } from './score-panel.js';
import { createRecognizerLoader } from './recognizer-loader.js';
import { waitForReturn } from '../../media/camera-recovery.js';
import { createSession } from './session.js';
import { createScreens } from '../../ui/screens.js';
import { watchSilence } from '../../media/stall-watchdog.js';
import { createVideoStage } from './video-stage.js';
import { describeError } from '../../ui/messages.js';
import { createPageState } from '../../ui/page-state.js';

/** A second crash of the worker within this time, in milliseconds, is not overcome by starting it again. */
const CRASH_MS = 60_000;
/** So long without a picture, in milliseconds, and the visitor is told. */
const SILENT_MS = 3000;
const SILENT = 'The camera sends no pictures at the moment.';

const page = byId('live', HTMLElement);
const video = byId('video', HTMLVideoElement);
const preferences = createPreferences(() => localStorage);
const stage = createVideoStage({
  frame: byId('content', HTMLElement),
  video,
  still: byId('still', HTMLCanvasElement),
  overlay: byId('overlay', HTMLCanvasElement),
});
const screens = createScreens(page);
const recognizer = createRecognizerLoader(page, screens.showProgress);
const readings = createScorePanel();
const player = createVideoSeek(video);
const session = createSession({ preferences, onSeek: player.seek });
const status = createPageState(screens.show);
const controls = createControls({
  preferences,
  startCamera: (deviceId) => void startCamera(deviceId),
  startFile: (file) => void startFile(file),
  again: () => again(),
  stop,
  togglePause: () => (status.state === 'paused' ? void resume() : pause('visitor')),
  toggleStart: () => (['idle', 'error'].includes(status.state) ? void startCamera() : stop()),
  mirror: stage.mirror,
  tell: screens.showMessage,
  picture: stage.picture,
  session,
});

const offline = createServiceWorkerClient({
  url: page.dataset.offlineUrl ?? '',
  isFree: () => status.state === 'idle' && session.isEmpty,
});

/** Rises with each start and stop, so that what began before knows it is out of date. */
let attempt = 0;
/** @type {Source | null} */
let source = null;
let stopFrames = () => {};
let stopWaiting = () => {};
/** The camera that was asked for last; '' for whichever faces the visitor. */
let wanted = '';
/** The last start once more. */
let again = () => void startCamera();
/** @type {'visitor' | 'hidden' | 'end'}  why it rests, where it does */
let pausedBy = 'visitor';
let lastCrash = -Infinity;
/** Whether a camera that is shown goes on sending pictures. */
const silence = watchSilence(SILENT_MS, (silent) => screens.showToast(silent ? SILENT : ''));

/** @param {string} [deviceId] */
async function startCamera(deviceId = preferences.camera) {
  wanted = deviceId;
  again = () => void startCamera(deviceId);
  const mine = begin('camera');
  const opening = openCamera({
    deviceId,
    onEnded: (error) => mine === attempt && fail(error),
    onSilent: (silent) => mine === attempt && status.state === 'running' && screens.showToast(silent ? SILENT : ''),
  });
  const loading = recognizer.load();
  try {
    const camera = await opening;
    screens.cameraOpened();
    const ready = await loading;
    if (mine !== attempt) return;
    source = { kind: 'camera', facing: !camera.facesAway, deviceId: camera.deviceId, close: camera.stop };
    video.srcObject = camera.stream;
    const dark = setTimeout(screens.cameraSilent, SILENT_MS);
    await video.play().finally(() => clearTimeout(dark));
    if (mine === attempt) goOn(ready, { kind: 'camera', name: '', length: Infinity });
    void listCameras().then((cameras) => controls.showCameras(cameras, camera.deviceId));
  } catch (error) {
    if (mine === attempt) fail(error);
  } finally {
    // Whatever went wrong or was overtaken: no camera stays on that the page does not show.
    loading.catch(() => {});
    if (mine !== attempt || source === null) opening.then((one) => one.stop(), () => {});
  }
}

/** @param {File} file */
async function startFile(file) {
  const before = attempt;
  let media;
  try {
    // What cannot be read leaves everything as it is.
    media = await openMediaFile(file);
  } catch (error) {
    return screens.showMessage(error instanceof Error ? error.message : String(error));
  }
  // The visitor has begun something else meanwhile.
  if (before !== attempt) return media.close();
  again = () => void startFile(file);
  const mine = begin('file');
  source = { kind: media.kind, facing: false, deviceId: '', close: media.close };
  try {
    const ready = await recognizer.load();
    if (mine !== attempt) return media.close();
    if (media.kind === 'picture') {
      const result = await ready.recognize(media.bitmap);
      if (mine !== attempt) return media.close();
      showPicture(ready, media, result);
    } else {
      video.src = media.url;
      await video.play();
      if (mine === attempt) goOn(ready, { kind: 'video', name: media.name, length: video.duration });
    }
  } catch (error) {
    if (mine === attempt) fail(error);
    else media.close();
  }
}

/**
 * @param {'camera' | 'file'} what
 * @returns {number} the new attempt
 */
function begin(what) {
  const mine = release();
  // A recognizer kept from an earlier start is ready: only the source is waited for.
  screens.startLoading(what, recognizer.kept === null);
  status.to('loading');
  return mine;
}

/**
 * The source is open and plays.
 *
 * @param {Recognizer} ready
 * @param {Origin} origin
 */
function goOn(ready, origin) {
  session.begin(origin, ready.info.contract);
  readings.begin(ready.info.contract.labels);
  controls.showSource(origin.kind, source?.facing ?? false);
  stage.show('video');
  status.to('running');
  run(ready, attempt);
  if (document.hidden) pause('hidden');
}

/**
 * @param {Recognizer} ready
 * @param {number} mine
 */
function run(ready, mine) {
  session.run();
  readings.restart();
  offline.keep();
  stopFrames = ready.start(video, onResult, {
    onError: (error) => mine === attempt && void overcome(error, mine),
    onRestart: () => mine === attempt && screens.showToast('The graphics context was lost; the analysis starts again.', 8),
  }).stop;

  /** @param {Result} result */
  function onResult(result) {
    // Where the film stood when it showed this frame.
    const position = video.currentTime - (performance.now() - result.timestamp) / 1000;
    if (source?.kind === 'camera') silence.heard();
    showResult(result, position);
    document.dispatchEvent(new CustomEvent('mien:result', { detail: result }));
  }
}

/**
 * @param {Result} result
 * @param {number} position
 */
function showResult(result, position) {
  const faces = [...result.faces].sort((a, b) => a.id - b.id);
  const numbers = session.add({ ...result, faces }, position);
  const shown = { faces, numbers: session.several ? numbers : faces.map(() => null), image: result.image };
  stage.showFaces(shown);
  readings.show(shown, source?.kind !== 'picture');
}

/**
 * @param {Recognizer} ready
 * @param {import('../../media/media-file.js').Picture} picture
 * @param {Result} result
 */
function showPicture(ready, { name, bitmap, size }, result) {
  const faces = scaleFaces(result.faces, size.width / bitmap.width);
  session.begin({ kind: 'picture', name, length: 0 }, ready.info.contract);
  readings.begin(ready.info.contract.labels);
  controls.showSource('picture', false);
  stage.showStill(bitmap, name);
  status.to('done');
  showResult({ ...result, faces, image: size }, 0);
  session.rest();
}

/** @param {'visitor' | 'hidden' | 'end'} why */
function pause(why) {
  if (status.state !== 'running') return;
  pausedBy = why;
  stopFrames();
  silence.stop();
  video.pause();
  session.rest();
  readings.settle();
  status.to('paused');
  screens.showToast(why === 'end' ? 'The end of the video' : 'Paused');
  byId('pause-word', HTMLElement).textContent = why === 'end' ? 'Play again' : 'Resume';
}

async function resume() {
  const mine = attempt;
  const ready = await recognizer.kept?.catch(() => null);
  await video.play().catch(() => {});
  if (mine !== attempt || status.state !== 'paused' || !ready) return;
  screens.showToast('');
  status.to('running');
  run(ready, mine);
}

/**
 * Let go of the source and of everything the last start began.
 *
 * @returns {number} the new attempt
 */
function release() {
  stopWaiting();
  silence.stop();
  stopFrames();
  stopFrames = () => {};
  source?.close();
  source = null;
  video.pause();
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
  stage.show(null);
  session.rest();
  readings.clear();
  screens.showToast('');
  return ++attempt;
}

function stop() {
  release();
  status.to('idle');
  offline.check();
}

/**
 * A worker that crashed, or whose graphics context is lost, is replaced once; the source stays as it is.
 *
 * @param {unknown} error
 * @param {number} mine
 */
async function overcome(error, mine) {
  const now = performance.now();
  if (describeError(error).code !== 'worker-crashed' || now - lastCrash < CRASH_MS) return fail(error);
  lastCrash = now;
  recognizer.drop();
  silence.stop();
  session.restart();
  screens.showToast('The analysis stopped and is started again.');
  try {
    const ready = await recognizer.load();
    if (mine !== attempt || status.state !== 'running') return;
    run(ready, mine);
    screens.showToast('The analysis had stopped and was started again.', 8);
  } catch (next) {
    if (mine === attempt) fail(next);
  }
}

/** @param {unknown} error */
function fail(error) {
  release();
  const words = describeError(error);
  if (error instanceof Error && error.name === 'RecognizerError') recognizer.drop();
  screens.showFailure(words);
  status.to('error');
  stopWaiting = waitForReturn(words.code, () => again(), wanted);
}

video.addEventListener('ended', () => pause('end'));
video.addEventListener('error', () => {
  if (source?.kind !== 'video' || status.state === 'loading') return;
  pause('end');
  screens.showMessage('The video cannot be read beyond this point: the file is damaged or not whole.');
});
navigator.mediaDevices?.addEventListener('devicechange', async () => {
  if (source?.kind === 'camera') controls.showCameras(await listCameras(), source.deviceId);
});
window.addEventListener('pagehide', () => !['idle', 'error'].includes(status.state) && stop());
document.addEventListener('visibilitychange', () => {
  if (document.hidden) pause('hidden');
  else if (status.state === 'paused' && pausedBy === 'hidden') void resume();
});
createModelSelect(byId('model-choice', HTMLElement), (url) => {
  if (recognizer.choose(url) && !['idle', 'error'].includes(status.state)) again();
});

screens.ready();
recognizer.prepare();
