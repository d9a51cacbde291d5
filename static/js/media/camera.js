/**
 * Open and list cameras. Each way in which a camera can fail is a CameraError, whose message tells the visitor what to
 * do.
 *
 * @typedef {'insecure' | 'unsupported' | 'in-app' | 'refused' | 'withdrawn' | 'missing' | 'busy' | 'unplugged' | 'failed'} CameraErrorCode
 *
 * @typedef {object} Camera  An open camera.
 * @property {MediaStream} stream
 * @property {string} deviceId  '' where the browser does not tell
 * @property {boolean} facesAway  true for a phone's back camera, whose picture nobody expects mirrored
 * @property {() => void} stop  releases the camera; its light goes out
 *
 * @typedef {object} OpenOptions
 * @property {string} [deviceId]  of the camera; '' or not given: the one that faces the visitor
 * @property {(error: CameraError) => void} onEnded  called once, when the camera stops by itself (unplugged, permission
 *   withdrawn, switched off)
 * @property {(muted: boolean) => void} [onMute]  called with true when the camera stops sending pictures for a while
 *   (another program uses it, its cover is shut, the device wakes up), and with false when it sends them again
 */

import { inAppBrowser } from './in-app-browser.js';

/** @type {Record<Exclude<CameraErrorCode, 'in-app'>, string>} */
const MESSAGES = {
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

/** By name of the DOMException, see Media Capture and Streams, 9.2.3. @type {Record<string, CameraErrorCode>} */
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
   * @param {string} [reason]  the browser's own message, or the name of the app; see `messageOf`
   */
  constructor(code, reason = '') {
    super(messageOf(code, reason));
    this.name = 'CameraError';
    this.code = code;
  }

  /**
   * The CameraError for an error of getUserMedia.
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
function messageOf(code, reason) {
  if (code === 'failed' && reason) return `${MESSAGES.failed} The browser says: ${reason}`;
  if (code !== 'in-app') return MESSAGES[code];
  return `This page was opened inside ${reason}, which gives it no camera. Open it in the browser of your device, from the app's menu.`;
}

/**
 * Opens a camera. The browser asks the visitor for the permission if it has not done so before.
 *
 * @param {OpenOptions} options
 * @returns {Promise<Camera>}
 * @throws {CameraError}
 */
export async function openCamera({ deviceId = '', onEnded, onMute }) {
  if (!globalThis.isSecureContext) throw new CameraError('insecure');
  const app = inAppBrowser(navigator.userAgent);
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
    if (deviceId && problem.code === 'missing') return openCamera({ onEnded, onMute });
    throw problem.code === 'refused' && app ? new CameraError('in-app', app) : problem;
  }
  const [track] = stream.getVideoTracks();
  if (!track) throw new CameraError('missing');
  const settings = track.getSettings();
  track.addEventListener('ended', async () => onEnded(new CameraError((await permission()) === 'denied' ? 'withdrawn' : 'unplugged')), {
    once: true,
  });
  track.addEventListener('mute', () => onMute?.(true));
  track.addEventListener('unmute', () => onMute?.(false));
  return {
    stream,
    deviceId: settings.deviceId ?? '',
    facesAway: settings.facingMode === 'environment',
    stop: () => stream.getTracks().forEach((one) => one.stop()),
  };
}

/**
 * The permission of this page to use cameras.
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
 * All cameras of the device. Browsers tell their names only after one has been opened.
 *
 * @returns {Promise<{deviceId: string, name: string}[]>}
 */
export async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map((device, index) => ({ deviceId: device.deviceId, name: device.label || `Camera ${index + 1}` }));
}
