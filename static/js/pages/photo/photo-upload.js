/**
 * Sends one photo to the server and gives what it answers. XMLHttpRequest, since fetch says nothing of how far
 * an upload is.
 *
 * @typedef {import('./photo-export.js').Answer} Answer
 */

/** How often a photo is sent again by itself when the server is busy, and how long it may ask to wait. */
const TRIES = 4;
const LONGEST_WAIT_S = 30;

export class SendError extends Error {
  /**
   * @param {string} sentence  to show as it is
   * @param {{again?: boolean, waitS?: number | null, detail?: string}} [options]  `again`: the same photo may succeed
   *   later; `waitS`: the server asks to wait so many seconds
   */
  constructor(sentence, { again = false, waitS = null } = {}) {
    super(sentence);
    this.name = 'SendError';
    this.again = again;
    this.waitS = waitS;
  }
}

/**
 * @param {string} url
 * @param {FormData} body
 * @param {{signal: AbortSignal, onSent: (share: number) => void, onWait: (seconds: number) => void}} options
 *   `onSent` hears how much of the photo is on its way, 0..1; `onWait` that the server is busy
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
      reject(new SendError('The server could not be reached. Check the connection and try again.', { again: true }));
    request.onabort = () => reject(stopped());
    request.onloadend = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) reject(stopped());
    else request.send(body);
  });
}

/**
 * @param {XMLHttpRequest} request  answered
 * @returns {Answer}
 * @throws {SendError}
 */
function read(request) {
  const { status } = request;
  let data = null;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    // A proxy's own page, or nothing: the status says enough.
  }
  if (status === 200 && data) return data;
  const waitS = status === 503 || status === 429 ? Number(request.getResponseHeader('Retry-After') ?? NaN) : NaN;
  throw new SendError(data?.detail ?? `The server answered with status ${status}. Try again in a while.`, {
    again: status >= 500 || status === 429 || status === 200,
    waitS: Number.isFinite(waitS) ? Math.max(1, waitS) : null,
  });
}

const stopped = () => new SendError('Stopped before the server answered.', { again: true });

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
