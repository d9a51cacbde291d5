/**
 * Where frames come from: opening a camera.
 * Every way in which it can fail is a CameraError with a sentence that says what to do.
 */

import { appAround } from './in-app-browser.js';

/**
 * @typedef {'insecure' | 'unsupported' | 'in-app' | 'refused' | 'withdrawn' | 'missing' | 'busy' | 'unplugged' | 'failed'} CameraErrorCode
 */

/**
 * @typedef {object} Camera  An open camera.
 * @property {MediaStream} stream
 * @property {string} deviceId  '' where the browser does not tell
 * @property {boolean} facesAway  true for a phone's back camera, whose picture nobody expects mirrored
 * @property {() => void} stop  release the camera; its light goes out
 *
 * @typedef {object} OpenOptions
 * @property {string} [deviceId]  one camera; otherwise the one that faces the visitor
 * @property {(error: CameraError) => void} onEnded  called once, when the camera stops by itself (unplugged, permission
 *   withdrawn, switched off)
 * @property {(silent: boolean) => void} [onSilent]  called with true when the camera sends no pictures for the moment
 *   (another program or a call has it, its cover is shut, the device wakes up), and with false when it does again
 */

/** @type {Record<Exclude<CameraErrorCode, 'in-app'>, string>} */
const SENTENCES = {
  insecure:
    'Browsers give the camera only to pages served over HTTPS or from localhost, and this one is not. ' +
    'Open it with an address that begins with https://.',
  unsupported:
    'This browser gives pages no camera. If the page opened inside another app, open it in the ' +
    'browser of your device instead.',
  refused:
    'The browser was not allowed to use the camera. Allow it in the site settings, beside the ' +
    "address, and in your device's privacy settings, then try again.",
  withdrawn:
    'The permission to use the camera was withdrawn. Allow it again in the site settings, beside the address.',
  missing: 'No camera was found. Connect one or switch it on, then try again.',
  busy: 'The camera could not be read. Close other programs that use it, then try again.',
  unplugged: 'The camera stopped sending pictures. Connect it again or switch it on, then try again.',
  failed: 'The camera could not be started.',
};

/** @type {Record<string, CameraErrorCode>}  names of DOMException, Media Capture and Streams, 9.2.3 */
const CODES = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  PermissionDeniedError: 'refused',
  NotFoundError: 'missing',
  DevicesNotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  TrackStartError: 'busy',
  AbortError: 'busy',
};

export class CameraError extends Error {
  /**
   * @param {CameraErrorCode} code
   * @param {string} [reason]  what the browser said, added where we have no better words
   */
  constructor(code, reason = '') {
    super(sentenceOf(code, reason));
    this.name = 'CameraError';
    this.code = code;
  }

  /**
   * The CameraError for whatever getUserMedia rejected with.
   *
   * @param {unknown} error
   * @returns {CameraError}
   */
  static from(error) {
    if (error instanceof CameraError) return error;
    const name = error instanceof Error ? error.name : '';
    const reason = error instanceof Error ? error.message || name : String(error);
    return new CameraError(CODES[name] ?? 'failed', reason);
  }
}

/**
 * @param {CameraErrorCode} code
 * @param {string} reason
 */
function sentenceOf(code, reason) {
  if (code === 'failed' && reason) return `${SENTENCES.failed} The browser says: ${reason}`;
  if (code !== 'in-app') return SENTENCES[code];
  return `This page was opened inside ${reason}, which gives it no camera. Open it in the browser of your device, from the app's menu.`;
}

/**
 * Ask for a camera. The browser asks the visitor if it has not done so before.
 *
 * @param {OpenOptions} options
 * @returns {Promise<Camera>}
 * @throws {CameraError}
 */
export async function openCamera({ deviceId = '', onEnded, onSilent }) {
  if (!globalThis.isSecureContext) throw new CameraError('insecure');
  const app = appAround(navigator.userAgent);
  if (!navigator.mediaDevices?.getUserMedia) throw app ? new CameraError('in-app', app) : new CameraError('unsupported');
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (error) {
    const problem = CameraError.from(error);
    // A camera that was chosen before may be gone, or the browser has renamed it.
    if (deviceId && problem.code === 'missing') return openCamera({ onEnded, onSilent });
    throw problem.code === 'refused' && app ? new CameraError('in-app', app) : problem;
  }
  const [track] = stream.getVideoTracks();
  if (!track) throw new CameraError('missing');
  const settings = track.getSettings();
  track.addEventListener('ended', async () => onEnded(new CameraError((await permission()) === 'denied' ? 'withdrawn' : 'unplugged')), {
    once: true,
  });
  track.addEventListener('mute', () => onSilent?.(true));
  track.addEventListener('unmute', () => onSilent?.(false));
  return {
    stream,
    deviceId: settings.deviceId ?? '',
    facesAway: settings.facingMode === 'environment',
    stop: () => stream.getTracks().forEach((one) => one.stop()),
  };
}

/**
 * Whether this page may use cameras.
 *
 * @returns {Promise<PermissionState | null>} null where the browser does not tell
 */
export async function permission() {
  return (await permissionStatus())?.state ?? null;
}

/** @returns {Promise<PermissionStatus | null>} */
export async function permissionStatus() {
  try {
    return await navigator.permissions.query({ name: /** @type {PermissionName} */ ('camera') });
  } catch {
    return null;
  }
}

/**
 * The cameras there are. Their names are known only after one was opened.
 *
 * @returns {Promise<{deviceId: string, name: string}[]>}
 */
export async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map((device, index) => ({ deviceId: device.deviceId, name: device.label || `Camera ${index + 1}` }));
}
