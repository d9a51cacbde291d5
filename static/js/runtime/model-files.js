/**
 * Fetch the files of a TF.js graph model: model.json and the weight files that it names.
 *
 * @typedef {(url: string) => Promise<ArrayBuffer>} Read  Gives the bytes at a URL, or throws.
 */

/**
 * The bytes at a URL.
 *
 * @type {Read}
 */
export async function fetchBytes(url) {
  return (await request(url)).arrayBuffer();
}

/**
 * Reads files and reports how many bytes have arrived.
 *
 * @param {object} options
 * @param {(bytes: number) => void} options.onBytes  called with each piece that arrives: bytes so far, of all files
 *   together, uncompressed
 * @param {AbortSignal} [options.signal]
 * @returns {Read}
 */
export function countingRead({ onBytes, signal }) {
  let bytes = 0;
  return async (url) => {
    const response = await request(url, signal);
    if (response.body === null) return response.arrayBuffer();
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const pieces = [];
    const reader = response.body.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      pieces.push(step.value);
      bytes += step.value.byteLength;
      onBytes(bytes);
    }
    return new Blob(pieces).arrayBuffer();
  };
}

/** @param {string} url @param {AbortSignal} [signal] */
async function request(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
  return response;
}

/**
 * The addresses of a bundle's weight files.
 *
 * @param {{weightsManifest: {paths: string[]}[]}} json  what model.json holds
 * @param {string} url  of model.json
 * @returns {string[]}
 */
export function weightUrls({ weightsManifest }, url) {
  const [address] = url.split('?');
  const folder = address.slice(0, address.lastIndexOf('/') + 1);
  return weightsManifest.flatMap(({ paths }) => paths).map((path) => folder + path);
}
