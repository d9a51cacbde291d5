/**
 * Going on by itself: after an error that may pass, waits for a sign that it has passed.
 */

import { listCameras, permission, permissionStatus } from './camera.js';

/** How long to wait, in milliseconds, before a camera that was busy is tried again. */
const BUSY_MS = 5000;
/** The same for one that stopped and is still there, as after a device's sleep. */
const SOON_MS = 1000;

/** @type {Record<string, Sign[]>}  by code of CameraError */
const SIGNS = {
  missing: ['plugged'],
  unplugged: ['plugged', 'soon'],
  busy: ['plugged', 'later'],
  refused: ['allowed'],
  withdrawn: ['allowed'],
};

/** @typedef {'plugged' | 'soon' | 'allowed' | 'later'} Sign */

/**
 * @param {string} code  of the error
 * @param {() => void} again  called once, while the page is in view
 * @returns {() => void} gives up waiting
 */
export function waitForReturn(code, again) {
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
  for (const sign of SIGNS[code] ?? []) WAITS[sign](go, signal);
  return () => waiting.abort();
}

/** @type {Record<Sign, (go: () => void, signal: AbortSignal) => void>} */
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
  later(go, signal) {
    // Only where nobody would be asked: a question that comes back every five seconds is a nuisance.
    const timer = setInterval(async () => !document.hidden && (await permission()) === 'granted' && go(), BUSY_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  },
};
