/**
 * The comparing page: one face, from the camera or a picture, and every model that is switched on. Knows all other
 * modules; they know nothing of where it stands.
 *
 * For programs that listen:
 *   `mien:comparison` on document, once per processed frame; detail is a Compared ({box, scores, failures, timings,
 *   image}).
 *   `document.documentElement.dataset.state` is idle, loading, running, paused or error.
 *
 * @typedef {import('../../inference/comparison.js').Compared} Compared
 * @typedef {import('../../workers/comparison-client.js').ComparisonClient} Client
 * @typedef {import('../../media/camera-source.js').FrameSource} FrameSource
 * @typedef {import('./model-board.js').Model} Model
 */

import { listCameras } from '../../media/camera.js';
import { cameraSource, pictureSource } from '../../media/camera-source.js';
import { createFrameLoop } from '../../media/frame-loop.js';
import { createBoard } from './model-board.js';
import { createComparison } from '../../workers/comparison-client.js';
import { createSheets } from './compare-screens.js';
import { createView } from './compare-overlay.js';
import { byId } from '../../ui/dom.js';
import { acceptFiles } from '../../ui/file-drop.js';
import { requestedModels, unknownModel } from '../../ui/model-select.js';
import { Roster } from './model-queue.js';
import { describeError } from '../../ui/messages.js';
import { createPageState } from '../../ui/page-state.js';
import { createRateMeter, createThrottle } from '../../ui/throttle.js';

/** How often a picture is looked at, so that the milliseconds are a median here too. */
const PICTURE_LOOKS = 5;

const page = byId('content', HTMLElement);
const video = byId('video', HTMLVideoElement);
const image = byId('picture', HTMLImageElement);
const cameraSelect = byId('camera', HTMLSelectElement);
const sheets = createSheets(byId('bench', HTMLElement));
const view = createView();
/** @type {Model[]}  in the order of the page */
const models = JSON.parse(byId('compare-models', HTMLElement).textContent ?? '[]');
const byName = new Map(models.map((model) => [model.name, model]));

const status = createPageState((state) => sheets.show(state, source?.kind === 'camera'));
const board = createBoard(models, {
  onSwitch: (name, on) => (on ? roster.on(name) : roster.off(name)),
  onAgain: (name) => roster.on(name),
});
// The default model is seen first, and of the others those that come soonest.
const inLoadingOrder = [...models].sort((a, b) => Number(b.default) - Number(a.default) || a.bytes - b.bytes);
const roster = new Roster(inLoadingOrder.map(({ name }) => name), onPart);
/** Rises with each start and stop, so that what began before knows it is out of date. */
let attempt = 0;
/** @type {Promise<Client> | null}  kept from one start to the next, until it fails */
let comparison = null;
/** @type {FrameSource | null} */
let source = null;
/** @type {ReturnType<typeof createFrameLoop> | null} */
let loop = null;
/** What the last start was for. @type {() => Promise<FrameSource>} */
let open = () => openCamera();

/** @param {string} [deviceId] @returns {Promise<FrameSource>} */
function openCamera(deviceId = '') {
  const mine = attempt;
  return cameraSource(video, { deviceId, onEnded: (error) => mine === attempt && fail(error) });
}

/** Shows what `open` gives to all models. */
async function start() {
  const mine = release();
  if (!comparison) showProgress('backend', 0);
  status.to('loading');
  sheets.tell('');
  const opening = open();
  const loading = load();
  loading.then((client) => mine === attempt && loadModels(client), () => {});
  try {
    const opened = await opening;
    sheets.hint(false);
    const client = await loading;
    if (mine !== attempt) return;
    source = opened;
    view.showSource(source.kind);
    await source.show();
    if (mine !== attempt) return;
    status.to('running');
    // The sheet that went was tall: on a phone the page would now show what stood far below it.
    byId('running-title', HTMLElement).scrollIntoView({ block: 'nearest' });
    view.mirror(source.mirrored);
    void showCameras();
    run(client, source, mine);
    if (document.hidden) status.to('paused');
  } catch (error) {
    if (mine === attempt) fail(error);
  } finally {
    // Whatever went wrong or was overtaken: no camera stays on that the page does not show.
    loading.catch(() => {});
    if (source === null || mine !== attempt) opening.then((one) => one !== source && one.close(), () => {});
  }
}

/** @returns {Promise<Client>} */
function load() {
  if (comparison) return comparison;
  const { detectorUrl = '', workerUrl = '', wasmUrl = '' } = page.dataset;
  const wish = new URLSearchParams(location.search).get('backend');
  const backend = wish === 'wasm' || wish === 'webgl' ? wish : null;
  const mine = createComparison({ workerUrl, detectorUrl, wasmUrl, backend, onProgress: showProgress });
  comparison = mine;
  return mine;
}

/**
 * Loads the models that are switched on, also while the visitor is still asked for the camera.
 *
 * @param {Client} client
 */
function loadModels(client) {
  roster.attach({
    load: async (name) => {
      try {
        await client.load(/** @type {Model} */ (byName.get(name)));
      } catch (error) {
        if (client.ended && roster.part(name) === 'loading') crashed(error);
        throw error;
      }
    },
    unload: (name) => client.unload(name),
  });
}

/**
 * The worker is gone. Where a model was being loaded it is to blame, and the others go on without it.
 *
 * @param {unknown} error
 */
function crashed(error) {
  const [culprit] = roster.having('loading');
  if (culprit === undefined) return fail(error);
  roster.fail(culprit, error instanceof Error ? error.message : String(error));
  const wasOn = status.state !== 'idle' && status.state !== 'error';
  forget();
  if (wasOn) void start();
}

/** Lets go of a worker that is of no use any more. */
function forget() {
  comparison?.then((broken) => broken.dispose(), () => {});
  comparison = null;
  roster.detach();
}

/**
 * @param {Client} client
 * @param {FrameSource} from
 * @param {number} mine
 */
function run(client, from, mine) {
  const rate = createRateMeter();
  const rateIsDue = createThrottle(500);
  loop = createFrameLoop(from.eachFrame, {
    process: async (timestamp) => client.compare(await from.takeFrame(), { timestamp, track: from.kind === 'camera' }),
    isActive: () => mine === attempt && status.state === 'running',
    onResult(found) {
      // One that was switched off while the frame was under way has no say any more.
      const result = { ...found, scores: found.scores.filter(({ name }) => roster.part(name) === 'on') };
      for (const { name, problem } of result.failures) roster.fail(name, problem);
      board.show(result, from.kind === 'camera');
      view.show(result);
      const now = performance.now();
      const perSecond = String(Math.round(rate(now)));
      if (rateIsDue(perSecond, now)) byId('rate', HTMLOutputElement).value = perSecond;
      document.dispatchEvent(new CustomEvent('mien:comparison', { detail: result }));
      if (from.kind === 'picture' && result.box && isMeasuring()) loop?.repeat();
    },
    onError(error) {
      if (mine === attempt) client.ended ? crashed(error) : fail(error);
      return false;
    },
  });
}

/** Whether a picture is to be classified again, so that the times shown are medians. */
function isMeasuring() {
  return roster.having('on').some((name) => board.looks(name) < PICTURE_LOOKS);
}

/** @param {string} name */
function onPart(name) {
  board.showPart(name, roster.part(name), { problem: roster.problem(name), started: comparison !== null });
  sheets.showToLoad(roster.having('waiting').map((waiting) => byName.get(waiting)?.bytes ?? 0));
  // A picture is looked at again, for this model and for what most see.
  if (source?.kind === 'picture') loop?.repeat();
}

/**
 * Let go of the camera or picture and of everything the last start began.
 *
 * @returns {number} the new attempt
 */
function release() {
  loop?.stop();
  loop = null;
  source?.close();
  source = null;
  view.show(null);
  view.showSource(null);
  board.clear();
  sheets.hint(true);
  return ++attempt;
}

function stop() {
  release();
  roster.pause();
  status.to('idle');
}

/** @param {unknown} error */
function fail(error) {
  release();
  roster.pause();
  if (error instanceof Error && error.name === 'RecognizerError') forget();
  sheets.showFailure(describeError(error));
  status.to('error');
}

/**
 * @param {string} step
 * @param {number} fraction  0..1
 */
function showProgress(step, fraction) {
  if (step === 'model') {
    for (const name of roster.having('loading')) board.showProgress(name, fraction);
  } else {
    sheets.showProgress(step, fraction);
  }
}

async function showCameras() {
  const cameras = source?.kind === 'camera' ? await listCameras() : [];
  byId('camera-pick', HTMLElement).hidden = cameras.length < 2;
  cameraSelect.replaceChildren(
    ...cameras.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === source?.deviceId)),
  );
}

/** @param {() => Promise<FrameSource>} how */
function startWith(how) {
  open = how;
  void start();
}

/** @param {File} picture */
async function startPicture(picture) {
  try {
    // Read before anything else is let go: where it cannot be read, the camera goes on.
    /** @type {FrameSource | null} */
    let ready = await pictureSource(image, picture);
    startWith(async () => {
      const opened = ready ?? (await pictureSource(image, picture));
      ready = null;
      return opened;
    });
  } catch (error) {
    sheets.tell(error instanceof Error ? error.message : String(error));
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
  onRejected: sheets.tell,
});
navigator.mediaDevices?.addEventListener('devicechange', () => void showCameras());
window.addEventListener('pagehide', () => status.state !== 'error' && stop());
document.addEventListener('visibilitychange', () => {
  if (document.hidden && status.state === 'running') status.to('paused');
  else if (!document.hidden && status.state === 'paused') {
    status.to('running');
    loop?.repeat();
  }
});

for (const name of byName.keys()) onPart(name);
const asked = requestedModels();
const problem = unknownModel(asked, [...byName.keys()]);
if (problem) sheets.tell(problem);
else if (asked.length) for (const name of byName.keys()) if (!asked.includes(name)) roster.off(name);
sheets.ready(status.state);
