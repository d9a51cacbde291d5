/**
 * The files of a TF.js graph model: model.json and the weight files it names.
 *
 * @typedef {(url: string) => Promise<ArrayBuffer>} Read  gives the bytes at a URL, or throws
 */

/**
 * The bytes at a URL.
 *
 * @type {Read}
 */
export async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
  return response.arrayBuffer();
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
