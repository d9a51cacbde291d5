/**
 * Going on by itself: after an error that may pass, waits for a sign that it has passed.
 */

import { listCameras, openCamera, permission, permissionStatus } from './camera.js';

/** How long to wait, in milliseconds, before a camera that was busy is tried again. */
const BUSY_MS = 5000;
/** The same for one that stopped and is still there, as after a device's sleep. */
const SOON_MS = 1000;

/** @type {Record<string, Sign[]>}  by code of CameraError */
const SIGNS = {
  missing: ['plugged'],
  unplugged: ['plugged', 'soon'],
  busy: ['plugged', 'free'],
  refused: ['allowed', 'back'],
  withdrawn: ['allowed', 'back'],
};

/** @typedef {'plugged' | 'soon' | 'allowed' | 'back' | 'free'} Sign */

/**
 * @param {string} code  of the error
 * @param {() => void} again  called once, while the page is in view
 * @param {string} [deviceId]  of the camera that is waited for; '' or not given: whichever faces the visitor
 * @returns {() => void} gives up waiting
 */
export function waitForReturn(code, again, deviceId = '') {
  const waiting = new AbortController();
  const { signal } = waiting;
  const go = () => {
    if (signal.aborted) return;
    if (document.hidden) {
      document.addEventListener('visibilitychange', go, { signal, once: true });
      return;
    }
    waiting.abort();
    again();
  };
  for (const sign of SIGNS[code] ?? []) WAITS[sign](go, signal, deviceId);
  return () => waiting.abort();
}

/** @type {Record<Sign, (go: () => void, signal: AbortSignal, deviceId: string) => void>} */
const WAITS = {
  plugged(go, signal) {
    const look = async () => (await listCameras()).length > 0 && go();
    navigator.mediaDevices?.addEventListener('devicechange', () => void look(), { signal });
  },
  async allowed(go, signal) {
    const status = await permissionStatus();
    status?.addEventListener('change', () => status.state === 'granted' && go(), { signal });
  },
  soon(go, signal) {
    const timer = setTimeout(async () => (await permission()) === 'granted' && (await listCameras()).length > 0 && go(), SOON_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  },
  back(go, signal) {
    // Allowed to the page, but the system refuses it to the browser: of a change there no page is told. Whoever
    // changes it leaves the page and comes back.
    const look = async () => (await permission()) === 'granted' && go();
    addEventListener('focus', () => void look(), { signal });
  },
  free(go, signal, deviceId) {
    let busy = false;
    const look = async () => {
      // Only where nobody would be asked: a question that comes back every five seconds is a nuisance.
      if (busy || document.hidden || (await permission()) !== 'granted') return;
      busy = true;
      // The page stays as it is until the camera opens: a message that comes back every five seconds is one, too.
      const camera = await openCamera({ deviceId, onEnded() {} }).catch(() => null);
      busy = false;
      camera?.stop();
      if (camera) go();
    };
    const timer = setInterval(() => void look(), BUSY_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  },
};
