/**
 * Where frames come from: opening a camera.
 * Every way in which it can fail is a CameraError with a sentence that says what to do.
 */

/** @typedef {'insecure' | 'unsupported' | 'refused' | 'missing' | 'busy' | 'unplugged' | 'failed'} CameraErrorCode */

/**
 * @typedef {object} Camera  An open camera.
 * @property {MediaStream} stream
 * @property {string} deviceId  '' where the browser does not tell
 * @property {boolean} facesAway  true for a phone's back camera, whose picture nobody expects mirrored
 * @property {() => void} stop  release the camera; its light goes out
 */

/** @type {Record<CameraErrorCode, string>} */
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
    super(code === 'failed' && reason ? `${SENTENCES.failed} The browser says: ${reason}` : SENTENCES[code]);
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
 * Ask for a camera. The browser asks the visitor if it has not done so before.
 *
 * @param {{deviceId?: string, onEnded: (error: CameraError) => void}} options
 *   `deviceId` picks one camera, otherwise the one that faces the visitor; `onEnded` is called once,
 *   when the camera stops by itself (unplugged, permission withdrawn, switched off)
 * @returns {Promise<Camera>}
 * @throws {CameraError}
 */
export async function openCamera({ deviceId = '', onEnded }) {
  if (!globalThis.isSecureContext) throw new CameraError('insecure');
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('unsupported');
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (error) {
    throw CameraError.from(error);
  }
  const [track] = stream.getVideoTracks();
  if (!track) throw new CameraError('missing');
  const settings = track.getSettings();
  track.addEventListener('ended', () => onEnded(new CameraError('unplugged')), { once: true });
  return {
    stream,
    deviceId: settings.deviceId ?? '',
    facesAway: settings.facingMode === 'environment',
    stop: () => stream.getTracks().forEach((one) => one.stop()),
  };
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
