/**
 * What the recognizer can be given, as frames that can be handed to its worker; and the frames of a
 * video as they come.
 *
 * @typedef {import('../types.js').Source} Source
 */

import { RecognizerError } from '../errors.js';

/** What can be looked at, for sentences. */
const SOURCES =
  'an image, video or canvas element, an OffscreenCanvas, ImageBitmap, ImageData, VideoFrame, or a Blob that holds a picture';

/**
 * A frame to hand to the worker; what was given is left as it is. Upright and unmirrored, whatever the page
 * shows.
 *
 * @param {Source} source
 * @returns {Promise<ImageBitmap>}
 * @throws {TypeError} `source` is nothing of the kind
 * @throws {RecognizerError} 'image-unreadable': it holds no picture, or none yet
 */
export async function takeFrame(source) {
  if (!isSource(source)) {
    throw new TypeError(`recognize was given ${nameOf(source)}, expected ${SOURCES}.`);
  }
  try {
    return await createImageBitmap(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecognizerError('image-unreadable', `The picture cannot be read: ${reason}.`.replace('..', '.'), {
      cause: error,
    });
  }
}

/** @param {unknown} value @returns {value is Source} */
function isSource(value) {
  const kinds = ['HTMLImageElement', 'HTMLVideoElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'ImageBitmap',
    'ImageData', 'VideoFrame', 'Blob'];
  return kinds.some((kind) => isA(value, kind));
}

/**
 * Whether a value is of a class of the browser's; false where the browser has no such class.
 *
 * @param {unknown} value
 * @param {string} kind
 */
export function isA(value, kind) {
  const made = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))[kind];
  return typeof made === 'function' && value instanceof made;
}

/** What a value is, for sentences. @param {unknown} value */
export function nameOf(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of class ${value.constructor?.name ?? 'Object'}`;
}

/**
 * Call back for each new frame of a video (or, where the browser cannot tell, for each frame the display
 * draws), and at once for the one that it shows now, until stopped.
 *
 * @param {HTMLVideoElement} video
 * @param {(now: number) => void} onFrame  `now` in milliseconds, as performance.now()
 * @returns {() => void} stops the calls
 */
export function followFrames(video, onFrame) {
  const byVideo = 'requestVideoFrameCallback' in video;
  let stopped = false;
  let handle = 0;
  /** @param {number} now */
  const step = (now) => {
    if (stopped) return;
    next();
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) onFrame(now);
  };
  const next = () => {
    handle = byVideo ? video.requestVideoFrameCallback(step) : requestAnimationFrame(step);
  };
  step(performance.now());
  return () => {
    stopped = true;
    if (byVideo) video.cancelVideoFrameCallback(handle);
    else cancelAnimationFrame(handle);
  };
}
