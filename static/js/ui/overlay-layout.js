/**
 * Compute the layout of the overlay: boxes in the view, places and sizes of captions. Pure. The server uses the same
 * measures, overlay-style.json (app/photos/overlay_layout.py).
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').Face} Face
 * @typedef {import('./overlay.js').Size} Size
 */

import STYLE from './overlay-style.json' with { type: 'json' };

/**
 * Convert a box from pixels of the image to units of a view that shows the whole image as large as possible, centred
 * (CSS `object-fit: contain`).
 *
 * @param {Box} box  in pixels of the image, unmirrored
 * @param {Size} image  size of the image
 * @param {Size} view  size of the view
 * @param {boolean} mirrored  whether the view shows the image mirrored, left to right
 * @returns {Box} in units of the view
 */
export function boxInView(box, image, view, mirrored) {
  const scale = Math.min(view.width / image.width, view.height / image.height);
  const left = (view.width - image.width * scale) / 2;
  const top = (view.height - image.height * scale) / 2;
  const x = mirrored ? image.width - box.x - box.width : box.x;
  return { x: left + x * scale, y: top + box.y * scale, width: box.width * scale, height: box.height * scale };
}

/**
 * Place a caption chip: above its box if there is space, else inside the box at its upper edge; never outside the view.
 *
 * @param {Box} box  in units of the view
 * @param {Size} chip
 * @param {Size} view
 * @param {number} gap  between chip and box
 * @returns {{x: number, y: number}} the chip's top left corner
 */
export function chipPlace(box, chip, view, gap) {
  const above = box.y - gap - chip.height;
  return {
    x: Math.max(0, Math.min(box.x, view.width - chip.width)),
    y: Math.max(0, Math.min(above >= 0 ? above : box.y + gap, view.height - chip.height)),
  };
}

/**
 * Place a caption chip where it covers the fewest other chips and faces: above its box, below it or inside it; never
 * outside the view.
 *
 * @param {Box} box  in units of the view
 * @param {Size} chip
 * @param {Size} view
 * @param {number} gap  between chip and box
 * @param {Box[]} chips  the chips that are already placed
 * @param {Box[]} boxes  the boxes of all faces
 * @returns {{x: number, y: number}} the chip's top left corner
 */
export function freeChipPlace(box, chip, view, gap, chips, boxes) {
  const bottom = box.y + box.height;
  const tops = [box.y - gap - chip.height, bottom + gap, box.y + gap, bottom - gap - chip.height];
  let best = { x: 0, y: 0 };
  let fewest = Infinity;
  for (const y of tops.filter((top) => top >= 0 && top + chip.height <= view.height)) {
    for (const left of [box.x, box.x + box.width - chip.width]) {
      const x = Math.max(0, Math.min(left, view.width - chip.width));
      const covers = (/** @type {Box} */ other) => overlap({ x, y, ...chip }, other);
      // Covering a caption is worse than covering any number of faces.
      const cost = chips.filter(covers).length * 1000 + boxes.filter(covers).length;
      if (cost < fewest) [best, fewest] = [{ x, y }, cost];
    }
  }
  return best;
}

/**
 * @param {Box} one
 * @param {Box} other
 */
export const overlap = (one, other) =>
  one.x < other.x + other.width && other.x < one.x + one.width &&
  one.y < other.y + other.height && other.y < one.y + one.height;

/**
 * Compute a font size for captions that fits the sizes of the faces and is readable.
 *
 * @param {Face[]} faces
 * @param {Size} image
 * @param {Size} view
 * @returns {number} in units of the view
 */
export function captionSize(faces, image, view) {
  const scale = Math.min(view.width / image.width, view.height / image.height);
  const sides = [image.width * scale, image.height * scale].sort((a, b) => a - b);
  const [shorter = 0, longer = 0] = sides;
  const widths = faces.map((face) => face.box.width * scale).sort((a, b) => a - b);
  const size = STYLE.caption.size;
  const wanted = (widths[Math.floor(widths.length / 2)] ?? 0) / size.face_width_divisor;
  const least = Math.max(wanted, longer / size.min_longer_side_divisor);
  return Math.max(size.min, Math.min(least, longer / size.max_longer_side_divisor, shorter / size.max_shorter_side_divisor));
}

/**
 * Compute the unit of the line widths, radii and gaps in overlay-style.json.
 *
 * @param {Size} view
 * @returns {number} in units of the view
 */
export function lineUnit({ width, height }) {
  return Math.max(STYLE.unit.min, Math.min(width, height) / STYLE.unit.shorter_side_divisor);
}

/** @param {Size} view @returns {number} font size of the captions of a moving picture, in units of the view */
export function movingCaptionSize({ width, height }) {
  const size = STYLE.caption.moving_size;
  return Math.max(size.min, Math.min(width, height) / size.shorter_side_divisor);
}
