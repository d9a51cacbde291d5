/**
 * Files that the page hands to the visitor.
 */

/** Writing takes breaks after this long, in milliseconds, so that the page goes on meanwhile. */
const SLICE_MS = 8;

/**
 * @param {Iterable<string>} pieces  of a file, in order
 * @param {string} type
 * @returns {Promise<Blob>}
 */
export async function gather(pieces, type) {
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
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser needs the address until it has begun to save.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
