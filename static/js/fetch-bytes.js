/** @typedef {(url: string) => Promise<ArrayBuffer>} Read  gives the bytes at a URL, or throws */

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
