/**
 * Transfer the networks' files from the page to the recognizer's worker. The page fetches them while the worker still
 * loads its own script, which saves a fifth of the time to the first result. Both ends are here.
 *
 * @typedef {import('../runtime/model-files.js').Read} Read
 * @typedef {object} TransferredFile  The message of one file.
 * @property {string} url
 * @property {ArrayBuffer} [bytes]
 * @property {string} [error]  why there are no bytes
 * @property {string[]} expected  the files that this one names, which the page sends as well
 */

import { fetchBytes, weightUrls } from '../runtime/model-files.js';

/**
 * Fetch a bundle's files and send each as it arrives: the page's end.
 *
 * @param {string} url  of its model.json
 * @param {(file: TransferredFile, transfer: Transferable[]) => void} send
 */
export async function sendBundle(url, send) {
  const expected = await sendFile(url, send, (bytes) => {
    try {
      return weightUrls(JSON.parse(new TextDecoder().decode(bytes)), url);
    } catch {
      return []; // the worker reads it, too, and reports the error
    }
  });
  await Promise.all(expected.map((one) => sendFile(one, send)));
}

/**
 * @param {string} url
 * @param {(file: TransferredFile, transfer: Transferable[]) => void} send
 * @param {(bytes: ArrayBuffer) => string[]} [namesIn]  the files that it names
 */
async function sendFile(url, send, namesIn = () => []) {
  try {
    const bytes = await fetchBytes(url);
    const expected = namesIn(bytes);
    send({ url, bytes, expected }, [bytes]);
    return expected;
  } catch (error) {
    send({ url, error: error instanceof Error ? error.message : String(error), expected: [] }, []);
    return [];
  }
}

/** The files that have arrived and those that are expected: the worker's end. */
export class IncomingFiles {
  constructor() {
    /** @type {Map<string, {bytes: Promise<ArrayBuffer>, settle: (file: TransferredFile) => void}>} */
    this.files = new Map();
  }

  /** @param {string[]} urls  files that the page sends */
  expect(urls) {
    for (const url of urls) {
      /** @type {(file: TransferredFile) => void} */
      let settle = () => {};
      /** @type {Promise<ArrayBuffer>} */
      const bytes = new Promise((resolve, reject) => {
        settle = ({ bytes: arrived, error }) => (arrived ? resolve(arrived) : reject(new Error(error)));
      });
      bytes.catch(() => {}); // `read` throws it
      this.files.set(url, { bytes, settle });
    }
  }

  /** Stores a file that has arrived. @param {TransferredFile} file */
  receive(file) {
    this.expect(file.expected);
    this.files.get(file.url)?.settle(file);
  }

  /** Returns a file, once; fetches one that is not expected. @type {Read} */
  read = async (url) => {
    const found = this.files.get(url);
    if (found === undefined) return fetchBytes(url);
    const bytes = await found.bytes;
    this.files.delete(url);
    return bytes;
  };
}
