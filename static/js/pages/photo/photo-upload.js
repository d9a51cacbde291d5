/**
 * Send one photo to the server. Uses XMLHttpRequest, because fetch does not report the progress of an upload.
 *
 * @typedef {import('./photo-export.js').Answer} Answer
 */

/** How often a photo is sent while the server is busy. */
const TRIES = 4;
/** Longest Retry-After, in seconds, that is waited for. */
const LONGEST_WAIT_S = 30;

export class SendError extends Error {
  /**
   * @param {string} sentence  shown to the user
   * @param {{canRetry?: boolean, waitS?: number | null}} [options]  `canRetry`: the same photo may succeed later;
   *   `waitS`: seconds that the server asks to wait
   */
  constructor(sentence, { canRetry = false, waitS = null } = {}) {
    super(sentence);
    this.name = 'SendError';
    this.canRetry = canRetry;
    this.waitS = waitS;
  }
}

/**
 * @param {string} url
 * @param {FormData} body
 * @param {{signal: AbortSignal, onSent: (share: number) => void, onWait: (seconds: number) => void}} options
 *   `onSent`: called with the part of the photo that was sent, 0..1; `onWait`: the server is busy and will be tried again
 *   in so many seconds
 * @returns {Promise<Answer>}
 * @throws {SendError}
 */
export async function sendPhoto(url, body, { signal, onSent, onWait }) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(url, body, signal, onSent);
    } catch (error) {
      const waitS = error instanceof SendError ? error.waitS : null;
      if (waitS === null || waitS > LONGEST_WAIT_S || tries === TRIES) throw error;
      onWait(waitS);
      await pause(waitS * 1000, signal);
    }
  }
}

/**
 * @param {string} url
 * @param {FormData} body
 * @param {AbortSignal} signal
 * @param {(share: number) => void} onSent
 * @returns {Promise<Answer>}
 */
function sendOnce(url, body, signal, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open('POST', url);
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.upload.onload = () => onSent(1);
    request.onload = () => {
      try {
        resolve(read(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () =>
      reject(new SendError('The server could not be reached. Check the connection and try again.', { canRetry: true }));
    request.onabort = () => reject(stopped());
    request.onloadend = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) reject(stopped());
    else request.send(body);
  });
}

/**
 * @param {XMLHttpRequest} request  with an answer
 * @returns {Answer}
 * @throws {SendError}
 */
function read(request) {
  const { status } = request;
  let data = null;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    // A page of a proxy, or nothing: only the status is known.
  }
  if (status === 200 && data) return data;
  const waitS = status === 503 || status === 429 ? Number(request.getResponseHeader('Retry-After') ?? NaN) : NaN;
  throw new SendError(data?.detail ?? `The server answered with status ${status}. Try again later.`, {
    canRetry: status >= 500 || status === 429 || status === 200,
    waitS: Number.isFinite(waitS) ? Math.max(1, waitS) : null,
  });
}

const stopped = () => new SendError('Stopped before the server answered.', { canRetry: true });

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(stopped());
    }, { once: true });
  });
}
