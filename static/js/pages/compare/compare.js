/**
 * The compare page: one face, from the camera or a picture, and every model that is switched on. Only this module knows
 * all others.
 *
 * For scripts that listen:
 *   `mien:comparison` on document, once for each processed frame; detail is a Compared ({box, scores, failures, timings,
 *   image}).
 *   `document.documentElement.dataset.state` is idle, loading, running, paused or error.
 *
 * @typedef {import('./model-board.js').Model} Model
 */

import { listCameras } from '../../media/camera.js';
import { byId } from '../../ui/dom.js';
import { acceptFiles } from '../../ui/file-drop.js';
import { requestedModels, unknownModel } from '../../ui/model-select.js';
import { createPageState } from '../../ui/page-state.js';
import { createAnalysis } from './analysis.js';
import { createCompareOverlay } from './compare-overlay.js';
import { createCompareScreens } from './compare-screens.js';
import { createComparisonLoader } from './comparison-loader.js';
import { createModelBoard } from './model-board.js';
import { ModelQueue } from './model-queue.js';
import { createSources } from './sources.js';

const page = byId('content', HTMLElement);
const video = byId('video', HTMLVideoElement);
const image = byId('picture', HTMLImageElement);
const cameraSelect = byId('camera', HTMLSelectElement);
const screens = createCompareScreens(byId('columns', HTMLElement));
const overlay = createCompareOverlay({ video, image });
/** In the order of the page. @type {Model[]} */
const models = JSON.parse(byId('compare-models', HTMLElement).textContent ?? '[]');
const byName = new Map(models.map((model) => [model.name, model]));
const board = createModelBoard(models, {
  onSwitch: (name, on) => (on ? queue.switchOn(name) : queue.switchOff(name)),
  onRetry: (name) => queue.switchOn(name),
});
// The default model is loaded first, then the smallest ones.
const inLoadingOrder = [...models].sort((a, b) => Number(b.default) - Number(a.default) || a.bytes - b.bytes);
const queue = new ModelQueue(inLoadingOrder.map(({ name }) => name), showStatus);
const loader = createComparisonLoader(page.dataset, { byName, queue, onProgress: showProgress, onCrash });
const pageState = createPageState((state) => screens.show(state, sources.source?.kind === 'camera'));
const analysis = createAnalysis({ pageState, board, overlay, queue }, { onCrash, onError: (error) => sources.fail(error) });
const sources = createSources({ video, image, pageState, screens, overlay, queue, loader }, analysis, {
  onOpen: () => void showCameras(),
});

/**
 * The worker has ended. If it ended while a model was being loaded, that model is left out and the others go on.
 *
 * @param {unknown} error
 */
function onCrash(error) {
  const [loading] = queue.withStatus('loading');
  if (loading === undefined) return sources.fail(error);
  queue.fail(loading, error instanceof Error ? error.message : String(error));
  loader.drop();
  if (isActive()) void sources.start();
}

/** Whether a source is open or being opened. */
function isActive() {
  return !['idle', 'error'].includes(pageState.state);
}

/** Shows the status of a model that has changed. @param {string} name */
function showStatus(name) {
  board.showStatus(name, queue.status(name), { problem: queue.problem(name), started: loader.isStarted });
  screens.showDownload(queue.withStatus('waiting').map((waiting) => byName.get(waiting)?.bytes ?? 0));
  // A picture is classified again, for this model and for the vote.
  if (sources.source?.kind === 'picture') analysis.repeat();
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
  const { source } = sources;
  const cameras = source?.kind === 'camera' ? await listCameras() : [];
  byId('camera-field', HTMLElement).hidden = cameras.length < 2;
  cameraSelect.replaceChildren(
    ...cameras.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === source?.deviceId)),
  );
}

byId('start', HTMLButtonElement).addEventListener('click', () => sources.startCamera());
byId('retry', HTMLButtonElement).addEventListener('click', () => void sources.start());
byId('stop', HTMLButtonElement).addEventListener('click', sources.stop);
byId('cancel', HTMLButtonElement).addEventListener('click', sources.stop);
cameraSelect.addEventListener('change', () => sources.startCamera(cameraSelect.value));
acceptFiles({
  input: byId('file', HTMLInputElement),
  buttons: page.querySelectorAll('[data-choose]'),
  kinds: 'picture',
  onFile: (file) => void sources.startPicture(file),
  onRejected: screens.showMessage,
});
navigator.mediaDevices?.addEventListener('devicechange', () => void showCameras());
window.addEventListener('pagehide', () => pageState.state !== 'error' && sources.stop());
document.addEventListener('visibilitychange', () => {
  if (document.hidden && pageState.state === 'running') pageState.to('paused');
  else if (!document.hidden && pageState.state === 'paused') {
    pageState.to('running');
    analysis.repeat();
  }
});

for (const name of byName.keys()) showStatus(name);
const requested = requestedModels();
const problem = unknownModel(requested, [...byName.keys()]);
if (problem) screens.showMessage(problem);
else if (requested.length) for (const name of byName.keys()) if (!requested.includes(name)) queue.switchOff(name);
screens.ready(pageState.state);
