/**
 * Brings the networks' files to the recognizer's worker. The page fetches them while the worker is still reading
 * its own script, which saves a fifth of the time to the first result; both ends are here.
 *
 * @typedef {import('../runtime/model-files.js').Read} Read
 * @typedef {object} File  What the page sends, one a file.
 * @property {string} url
 * @property {ArrayBuffer} [bytes]
 * @property {string} [error]  why there are none
 * @property {string[]} coming  the files that this one names, which are on their way
 */

import { fetchBytes, weightUrls } from '../runtime/model-files.js';

/**
 * The page's end: fetches a bundle's files and sends each as it comes.
 *
 * @param {string} url  of its model.json
 * @param {(file: File, transfer: Transferable[]) => void} send
 */
export async function sendBundle(url, send) {
  const coming = await sendFile(url, send, (bytes) => {
    try {
      return weightUrls(JSON.parse(new TextDecoder().decode(bytes)), url);
    } catch {
      return []; // the worker, which reads it too, says what is wrong with it
    }
  });
  await Promise.all(coming.map((one) => sendFile(one, send)));
}

/**
 * @param {string} url
 * @param {(file: File, transfer: Transferable[]) => void} send
 * @param {(bytes: ArrayBuffer) => string[]} [names]  the files that it names
 */
async function sendFile(url, send, names = () => []) {
  try {
    const bytes = await fetchBytes(url);
    const coming = names(bytes);
    send({ url, bytes, coming }, [bytes]);
    return coming;
  } catch (error) {
    send({ url, error: error instanceof Error ? error.message : String(error), coming: [] }, []);
    return [];
  }
}

/** The worker's end: files that have come, and those that are on their way. */
export class Files {
  constructor() {
    /** @type {Map<string, {bytes: Promise<ArrayBuffer>, take: (file: File) => void}>} */
    this.files = new Map();
  }

  /** @param {string[]} urls  files that are on their way */
  expect(urls) {
    for (const url of urls) {
      /** @type {(file: File) => void} */
      let take = () => {};
      /** @type {Promise<ArrayBuffer>} */
      const bytes = new Promise((resolve, reject) => {
        take = ({ bytes: come, error }) => (come ? resolve(come) : reject(new Error(error)));
      });
      bytes.catch(() => {}); // whoever reads it hears of it
      this.files.set(url, { bytes, take });
    }
  }

  /** @param {File} file */
  take(file) {
    this.expect(file.coming);
    this.files.get(file.url)?.take(file);
  }

  /** Gives a file, once, or fetches one that nobody sends. @type {Read} */
  read = async (url) => {
    const found = this.files.get(url);
    if (found === undefined) return fetchBytes(url);
    const bytes = await found.bytes;
    this.files.delete(url);
    return bytes;
  };
}
