/**
 * The compare page: one face, from the camera or a picture, and every model that is switched on. Only this module knows
 * all others.
 *
 * For scripts that listen:
 *   `mien:comparison` on document, once for each processed frame; detail is a Compared ({box, scores, failures, timings,
 *   image}).
 *   `document.documentElement.dataset.state` is idle, loading, running, paused or error.
 *
 * @typedef {import('../../workers/comparison-client.js').ComparisonClient} ComparisonClient
 * @typedef {import('../../media/camera-source.js').FrameSource} FrameSource
 * @typedef {import('../../ui/attempts.js').Attempt} Attempt
 * @typedef {import('./model-board.js').Model} Model
 */

import { listCameras } from '../../media/camera.js';
import { cameraSource, pictureSource } from '../../media/camera-source.js';
import { createFrameLoop } from '../../media/frame-loop.js';
import { createAttempts } from '../../ui/attempts.js';
import { byId } from '../../ui/dom.js';
import { acceptFiles } from '../../ui/file-drop.js';
import { describeError } from '../../ui/messages.js';
import { requestedModels, unknownModel } from '../../ui/model-select.js';
import { createPageState } from '../../ui/page-state.js';
import { createRateMeter, createThrottle } from '../../ui/throttle.js';
import { createCompareOverlay } from './compare-overlay.js';
import { createCompareScreens } from './compare-screens.js';
import { createComparisonLoader } from './comparison-loader.js';
import { createModelBoard } from './model-board.js';
import { ModelQueue } from './model-queue.js';

/** How often a picture is classified, so that the times shown are medians here, too. */
const PICTURE_RUNS = 5;
const RATE_MS = 500;

const page = byId('content', HTMLElement);
const video = byId('video', HTMLVideoElement);
const image = byId('picture', HTMLImageElement);
const cameraSelect = byId('camera', HTMLSelectElement);
const screens = createCompareScreens(byId('columns', HTMLElement));
const overlay = createCompareOverlay({ video, image });
/** In the order of the page. @type {Model[]} */
const models = JSON.parse(byId('compare-models', HTMLElement).textContent ?? '[]');
const byName = new Map(models.map((model) => [model.name, model]));

const pageState = createPageState((state) => screens.show(state, source?.kind === 'camera'));
const board = createModelBoard(models, {
  onSwitch: (name, on) => (on ? queue.switchOn(name) : queue.switchOff(name)),
  onRetry: (name) => queue.switchOn(name),
});
// The default model is loaded first, then the smallest ones.
const inLoadingOrder = [...models].sort((a, b) => Number(b.default) - Number(a.default) || a.bytes - b.bytes);
const queue = new ModelQueue(inLoadingOrder.map(({ name }) => name), showStatus);
const loader = createComparisonLoader(page.dataset, { byName, queue, onProgress: showProgress, onCrash });
const attempts = createAttempts();
/** @type {FrameSource | null} */
let source = null;
/** @type {ReturnType<typeof createFrameLoop> | null} */
let loop = null;
/** Opens the source of the last start. @type {() => Promise<FrameSource>} */
let open = () => openCamera();

/** @param {string} [deviceId] @returns {Promise<FrameSource>} */
function openCamera(deviceId = '') {
  const attempt = attempts.current;
  return cameraSource(video, { deviceId, onEnded: (error) => attempt.isCurrent() && fail(error) });
}

/** Opens the source and runs the models on it. */
async function start() {
  const attempt = release();
  if (!loader.isStarted) showProgress('backend', 0);
  pageState.to('loading');
  screens.showMessage('');
  const opening = open();
  const loading = loader.load();
  // Models are loaded also while the visitor is still asked for the camera.
  loading.then((comparison) => attempt.isCurrent() && loader.loadModels(comparison), () => {});
  try {
    const opened = await opening;
    screens.showPermissionHint(false);
    const comparison = await loading;
    if (!attempt.isCurrent()) return;
    source = opened;
    overlay.showSource(source.kind);
    await source.show();
    if (!attempt.isCurrent()) return;
    pageState.to('running');
    // The loading screen was tall: without this, a phone would now show the part of the page far below the picture.
    byId('running-title', HTMLElement).scrollIntoView({ block: 'nearest' });
    overlay.mirror(source.mirrored);
    void showCameras();
    run(comparison, source, attempt);
    if (document.hidden) pageState.to('paused');
  } catch (error) {
    if (attempt.isCurrent()) fail(error);
  } finally {
    // After an error or a newer start, no camera may stay on that the page does not show.
    loading.catch(() => {});
    if (source === null || !attempt.isCurrent()) opening.then((one) => one !== source && one.close(), () => {});
  }
}

/**
 * @param {ComparisonClient} comparison
 * @param {FrameSource} from
 * @param {Attempt} attempt
 */
function run(comparison, from, attempt) {
  const track = from.kind === 'camera';
  const rate = createRateMeter();
  const rateIsDue = createThrottle(RATE_MS);
  loop = createFrameLoop(from.eachFrame, {
    process: async (timestamp) => comparison.compare(await from.takeFrame(), { timestamp, track }),
    isActive: () => attempt.isCurrent() && pageState.state === 'running',
    onResult(compared) {
      // A model that was switched off while the frame was being processed is left out.
      const result = { ...compared, scores: compared.scores.filter(({ name }) => queue.status(name) === 'on') };
      for (const { name, problem } of result.failures) queue.fail(name, problem);
      board.show(result, track);
      overlay.show(result);
      const now = performance.now();
      const perSecond = String(Math.round(rate(now)));
      if (rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
      document.dispatchEvent(new CustomEvent('mien:comparison', { detail: result }));
      if (!track && result.box && isMeasuring()) loop?.repeat();
    },
    onError(error) {
      if (attempt.isCurrent()) comparison.ended ? onCrash(error) : fail(error);
      return false;
    },
  });
}

/** Whether a picture is to be classified again, so that the times shown are medians. */
function isMeasuring() {
  return queue.withStatus('on').some((name) => board.runs(name) < PICTURE_RUNS);
}

/**
 * The worker has ended. If it ended while a model was being loaded, that model is left out and the others go on.
 *
 * @param {unknown} error
 */
function onCrash(error) {
  const [loading] = queue.withStatus('loading');
  if (loading === undefined) return fail(error);
  queue.fail(loading, error instanceof Error ? error.message : String(error));
  const wasActive = pageState.state !== 'idle' && pageState.state !== 'error';
  loader.drop();
  if (wasActive) void start();
}

/** Shows the status of a model that has changed. @param {string} name */
function showStatus(name) {
  board.showStatus(name, queue.status(name), { problem: queue.problem(name), started: loader.isStarted });
  screens.showDownload(queue.withStatus('waiting').map((waiting) => byName.get(waiting)?.bytes ?? 0));
  // A picture is classified again, for this model and for the vote.
  if (source?.kind === 'picture') loop?.repeat();
}

/** Closes the source and ends everything that the last start began. @returns {Attempt} the new attempt */
function release() {
  loop?.stop();
  loop = null;
  source?.close();
  source = null;
  overlay.show(null);
  overlay.showSource(null);
  board.clear();
  screens.showPermissionHint(true);
  return attempts.begin();
}

function stop() {
  release();
  queue.pause();
  pageState.to('idle');
}

/** @param {unknown} error */
function fail(error) {
  release();
  queue.pause();
  if (error instanceof Error && error.name === 'RecognizerError') loader.drop();
  screens.showFailure(describeError(error));
  pageState.to('error');
}

/**
 * @param {string} step
 * @param {number} fraction  0..1
 */
function showProgress(step, fraction) {
  if (step === 'model') {
    for (const name of queue.withStatus('loading')) board.showProgress(name, fraction);
  } else {
    screens.showProgress(step, fraction);
  }
}

async function showCameras() {
  const cameras = source?.kind === 'camera' ? await listCameras() : [];
  byId('camera-field', HTMLElement).hidden = cameras.length < 2;
  cameraSelect.replaceChildren(
    ...cameras.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === source?.deviceId)),
  );
}

/** @param {() => Promise<FrameSource>} opener */
function startWith(opener) {
  open = opener;
  void start();
}

/** @param {File} file */
async function startPicture(file) {
  try {
    // Opened before the present source is closed: if it cannot be read, the camera goes on.
    /** @type {FrameSource | null} */
    let ready = await pictureSource(image, file);
    startWith(async () => {
      const opened = ready ?? (await pictureSource(image, file));
      ready = null;
      return opened;
    });
  } catch (error) {
    screens.showMessage(error instanceof Error ? error.message : String(error));
  }
}

byId('start', HTMLButtonElement).addEventListener('click', () => startWith(openCamera));
byId('retry', HTMLButtonElement).addEventListener('click', () => void start());
byId('stop', HTMLButtonElement).addEventListener('click', stop);
byId('cancel', HTMLButtonElement).addEventListener('click', stop);
cameraSelect.addEventListener('change', () => startWith(() => openCamera(cameraSelect.value)));
acceptFiles({
  input: byId('file', HTMLInputElement),
  buttons: page.querySelectorAll('[data-choose]'),
  kinds: 'picture',
  onFile: (file) => void startPicture(file),
  onRejected: screens.showMessage,
});
navigator.mediaDevices?.addEventListener('devicechange', () => void showCameras());
window.addEventListener('pagehide', () => pageState.state !== 'error' && stop());
document.addEventListener('visibilitychange', () => {
  if (document.hidden && pageState.state === 'running') pageState.to('paused');
  else if (!document.hidden && pageState.state === 'paused') {
    pageState.to('running');
    loop?.repeat();
  }
});

for (const name of byName.keys()) showStatus(name);
const requested = requestedModels();
const problem = unknownModel(requested, [...byName.keys()]);
if (problem) screens.showMessage(problem);
else if (requested.length) for (const name of byName.keys()) if (!requested.includes(name)) queue.switchOff(name);
screens.ready(pageState.state);
