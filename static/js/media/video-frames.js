/**
 * Take frames from images, videos and canvases, in a form that can be sent to a worker; and report each new frame
 * of a video.
 *
 * @typedef {import('../types.js').Source} Source
 */

import { RecognizerError } from '../errors.js';

/** The accepted sources, for error messages. */
const SOURCES =
  'an image, video or canvas element, an OffscreenCanvas, ImageBitmap, ImageData, VideoFrame, or a Blob that holds a picture';

/**
 * A copy of the source's present frame, to be sent to a worker: upright and unmirrored, whatever the page shows.
 *
 * @param {Source} source
 * @returns {Promise<ImageBitmap>}
 * @throws {TypeError} `source` is none of the accepted kinds
 * @throws {RecognizerError} 'image-unreadable': it holds no picture, or none yet
 */
export async function takeFrame(source) {
  if (!isSource(source)) {
    throw new TypeError(`recognize was given ${describeValue(source)}, expected ${SOURCES}.`);
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
  return kinds.some((kind) => isInstance(value, kind));
}

/**
 * Whether a value is an instance of a class of the browser; false where the browser has no such class.
 *
 * @param {unknown} value
 * @param {string} kind
 */
export function isInstance(value, kind) {
  const made = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))[kind];
  return typeof made === 'function' && value instanceof made;
}

/** What a value is, for error messages. @param {unknown} value */
export function describeValue(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of class ${value.constructor?.name ?? 'Object'}`;
}

/**
 * Calls back for the frame that a video shows now and for each new one (where the browser cannot tell, for each frame
 * that the display draws).
 *
 * @param {HTMLVideoElement} video
 * @param {(now: number) => void} onFrame  `now` in milliseconds, as performance.now()
 * @returns {() => void} ends the calls
 */
export function eachVideoFrame(video, onFrame) {
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
