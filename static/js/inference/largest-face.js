/**
 * Which of a frame's faces is looked at where there is to be only one: the largest, but of two that are nearly as
 * large the one it was before. Pure.
 *
 * @typedef {import('../types.js').Box} Box
 */

/** The face of the frame before stays chosen while its side is at least this part of the largest one's. */
export const STAYS = 0.8;
/** Between two frames the same face has moved by less than this part of its side, and grown by less than twice. */
const STEP = 0.6;

/**
 * @param {Box[]} boxes
 * @param {Box | null} before  the box chosen in the frame before; null where there was none
 * @returns {{box: Box, same: boolean} | null} `same`: it is the face of the frame before; null where there is no face
 */
export function largestFace(boxes, before) {
  if (boxes.length === 0) return null;
  const largest = boxes.reduce((one, other) => (side(other) > side(one) ? other : one));
  if (before === null) return { box: largest, same: false };
  const near = boxes
    .filter((box) => distance(box, before) < STEP && side(box) < 2 * side(before) && side(before) < 2 * side(box))
    .sort((a, b) => distance(a, before) - distance(b, before));
  const [kept] = near;
  if (kept && side(kept) >= STAYS * side(largest)) return { box: kept, same: true };
  return { box: largest, same: false };
}

/** @param {Box} box */
const side = (box) => Math.sqrt(box.width * box.height);

/** Between their centres, in sides of `before`. @param {Box} box @param {Box} before */
function distance(box, before) {
  return (
    Math.hypot(
      box.x + box.width / 2 - before.x - before.width / 2,
      box.y + box.height / 2 - before.y - before.height / 2,
    ) / side(before)
  );
}
