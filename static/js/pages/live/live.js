/**
 * The live page: creates its parts and connects them. Only this module knows all others.
 *
 * For scripts that listen:
 *   `mien:result` on document, once for each processed frame; detail is a Result ({faces, timings, image, timestamp}).
 *   `document.documentElement.dataset.state` is idle, loading, running, paused, done (a picture) or error.
 */

import { listCameras } from '../../media/camera.js';
import { byId } from '../../ui/dom.js';
import { createModelSelect } from '../../ui/model-select.js';
import { createPageState } from '../../ui/page-state.js';
import { createScreens } from '../../ui/screens.js';
import { createAnalysis } from './analysis.js';
import { createAttempts } from '../../ui/attempts.js';
import { createControls } from './controls.js';
import { followSeeks } from './paused-frame.js';
import { createPausing } from './pausing.js';
import { createPreferences } from './preferences.js';
import { createRecognizerLoader } from './recognizer-loader.js';
import { createRestingFaceButton } from './resting-face-button.js';
import { createScorePanel } from './score-panel.js';
import { createServiceWorkerClient } from './service-worker-client.js';
import { createSession } from './session.js';
import { createSources } from './sources.js';
import { createVideoSeek } from './video-seek.js';
import { createVideoStage } from './video-stage.js';

const page = byId('live', HTMLElement);
const video = byId('video', HTMLVideoElement);
const preferences = createPreferences(() => localStorage);
const screens = createScreens(page);
const session = createSession({ preferences, onSeek: createVideoSeek(video).seek });
const loader = createRecognizerLoader(page, screens.showProgress);
const parts = {
  video,
  screens,
  session,
  pageState: createPageState(screens.show),
  stage: createVideoStage({
    frame: byId('content', HTMLElement),
    video,
    still: byId('still', HTMLCanvasElement),
    overlay: byId('overlay', HTMLCanvasElement),
  }),
  scorePanel: createScorePanel(),
  restingFace: createRestingFaceButton(loader),
  loader,
  attempts: createAttempts(),
};
const { pageState, stage } = parts;

const serviceWorker = createServiceWorkerClient({
  url: page.dataset.offlineUrl ?? '',
  isIdle: () => pageState.state === 'idle' && session.isEmpty,
});
const analysis = createAnalysis(parts, {
  onRun: serviceWorker.register,
  onError: (error) => sources.fail(error),
});
const pausing = createPausing(parts, analysis);
followSeeks(parts, analysis);
const sources = createSources(parts, analysis, {
  preferences,
  onOpen: ({ kind, facing }) => controls.showSource(kind, facing),
  onCameras: (cameras, deviceId) => controls.showCameras(cameras, deviceId),
  onRunning: pausing.followVisibility,
});
const controls = createControls({
  preferences,
  session,
  startCamera: (deviceId) => void sources.startCamera(deviceId),
  startFile: (file) => void sources.startFile(file),
  retry: sources.retry,
  stop,
  togglePause: pausing.toggle,
  toggleStart: () => (isActive() ? stop() : void sources.startCamera()),
  mirror: stage.mirror,
  takePicture: stage.toPng,
  showMessage: screens.showMessage,
});

/** Whether a source is open or being opened. */
function isActive() {
  return !['idle', 'error'].includes(pageState.state);
}

function stop() {
  sources.stop();
  serviceWorker.updateIfIdle();
}

video.addEventListener('ended', () => pausing.pause('end'));
video.addEventListener('error', () => {
  if (sources.source?.kind !== 'video' || pageState.state === 'loading') return;
  pausing.pause('end');
  screens.showMessage('The video cannot be read beyond this point: the file is damaged or incomplete.');
});
navigator.mediaDevices?.addEventListener('devicechange', async () => {
  const cameras = await listCameras();
  if (sources.source?.kind === 'camera') controls.showCameras(cameras, sources.source.deviceId);
});
window.addEventListener('pagehide', () => isActive() && stop());
document.addEventListener('visibilitychange', pausing.followVisibility);
createModelSelect(byId('model-select', HTMLElement), (url) => {
  if (loader.choose(url) && isActive()) sources.retry();
});

screens.ready();
loader.preloadWorker();
