/**
 * Reads files as bundle.js wants them read, and says how far it is.
 */

/**
 * @param {object} options
 * @param {(bytes: number) => void} options.onBytes  called with each piece that arrives: bytes so far, of all files
 *   together, uncompressed
 * @param {AbortSignal} [options.signal]
 * @returns {import('./model-bundle.js').Read}
 */
export function countingRead({ onBytes, signal }) {
  let bytes = 0;
  return async (url) => {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
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
