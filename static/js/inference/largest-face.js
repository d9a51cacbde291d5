/**
 * Choose the one face of a frame that the comparison classifies: the largest. Of two faces of nearly the same size
 * it is the one that was chosen in the frame before. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 */

/** The face of the frame before stays chosen while its side is at least this part of the largest one's. */
const STAYS = 0.8;

/**
 * @template {{id: number, box: Box}} F
 * @param {F[]} faces
 * @param {number | null} before  id of the face that was chosen in the frame before; null where there was none
 * @returns {F | null} null where there is no face
 */
export function largestFace(faces, before) {
  if (faces.length === 0) return null;
  const largest = faces.reduce((one, other) => (side(other) > side(one) ? other : one));
  const kept = faces.find(({ id }) => id === before);
  return kept && side(kept) >= STAYS * side(largest) ? kept : largest;
}

/** @param {{box: Box}} face */
const side = ({ box }) => Math.sqrt(box.width * box.height);
