/**
 * Save files that the page makes: join their pieces, name them, start the download.
 */

/** Longest time, in milliseconds, that joining pieces blocks the page before it yields. */
const SLICE_MS = 8;

/**
 * @param {Iterable<string>} pieces  of a file, in order
 * @param {string} type  MIME type
 * @returns {Promise<Blob>}
 */
export async function joinPieces(pieces, type) {
  const parts = [];
  let since = performance.now();
  for (const piece of pieces) {
    parts.push(piece);
    if (performance.now() - since < SLICE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  }
  return new Blob(parts, { type });
}

/**
 * Have the browser save a file.
 *
 * @param {Blob} blob
 * @param {string} name  of the file
 */
export function saveFile(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser needs the address until the download has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * @param {Date} now
 * @param {string} extension  without the dot
 * @returns {string} e.g. "mien-2026-01-05-070809.csv", in local time
 */
export function fileName(now, extension) {
  /** @param {number} value */
  const two = (value) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('');
  return `mien-${date}-${time}.${extension}`;
}
