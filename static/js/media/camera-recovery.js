/**
 * Recover from camera errors: wait for a sign that the cause of the error is gone.
 *
 * @typedef {'plugged' | 'soon' | 'allowed' | 'back' | 'free'} Sign
 */

import { listCameras, openCamera, permission, permissionStatus } from './camera.js';

/** Time between two attempts to open a camera that is busy, in milliseconds. */
const BUSY_MS = 5000;
/** Time before a camera that stopped but is still connected is opened again, as after a device's sleep. */
const SOON_MS = 1000;

/** The signs to wait for, by code of CameraError. @type {Record<string, Sign[]>} */
const SIGNS = {
  missing: ['plugged'],
  unplugged: ['plugged', 'soon'],
  busy: ['plugged', 'free'],
  refused: ['allowed', 'back'],
  withdrawn: ['allowed', 'back'],
};

/**
 * @param {string} code  of the error
 * @param {() => void} retry  called once, while the page is visible
 * @param {string} [deviceId]  of the camera; '' or not given: the one that faces the visitor
 * @returns {() => void} ends the waiting
 */
export function waitForRecovery(code, retry, deviceId = '') {
  const waiting = new AbortController();
  const { signal } = waiting;
  const recover = () => {
    if (signal.aborted) return;
    if (document.hidden) {
      document.addEventListener('visibilitychange', recover, { signal, once: true });
      return;
    }
    waiting.abort();
    retry();
  };
  for (const sign of SIGNS[code] ?? []) WAIT[sign](recover, signal, deviceId);
  return () => waiting.abort();
}

/** How to wait for each sign. @type {Record<Sign, (recover: () => void, signal: AbortSignal, deviceId: string) => void>} */
const WAIT = {
  plugged(recover, signal) {
    const check = async () => (await listCameras()).length > 0 && recover();
    navigator.mediaDevices?.addEventListener('devicechange', () => void check(), { signal });
  },
  async allowed(recover, signal) {
    const status = await permissionStatus();
    status?.addEventListener('change', () => status.state === 'granted' && recover(), { signal });
  },
  soon(recover, signal) {
    const timer = setTimeout(async () => (await permission()) === 'granted' && (await listCameras()).length > 0 && recover(), SOON_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  },
  back(recover, signal) {
    // The page is allowed, but the system refuses the camera to the browser. Pages are not told when that changes, but
    // a visitor who changes it leaves the page and comes back.
    const check = async () => (await permission()) === 'granted' && recover();
    addEventListener('focus', () => void check(), { signal });
  },
  free(recover, signal, deviceId) {
    let busy = false;
    const check = async () => {
      // Only where the browser would not ask the visitor: asking every five seconds would be a nuisance.
      if (busy || document.hidden || (await permission()) !== 'granted') return;
      busy = true;
      // The page does not change until the camera opens: a message every five seconds would be a nuisance, too.
      const camera = await openCamera({ deviceId, onEnded() {} }).catch(() => null);
      busy = false;
      camera?.stop();
      if (camera) recover();
    };
    const timer = setInterval(() => void check(), BUSY_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  },
};
