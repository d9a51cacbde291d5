/**
 * Draws faces over a picture: where each box lies on the screen, and how it looks. Pure: needs no document,
 * only a canvas context, and its geometry runs under node.
 * The server draws by the same measures, overlay-style.json (app/photos/overlay_layout.py).
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').Face} Face
 *
 * @typedef {object} Size
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} OverlayStyle  CSS colours and a font family.
 * @property {string} line
 * @property {string} halo  drawn under the line, so that it stands out on any picture
 * @property {string} chip
 * @property {string} text
 * @property {string} font
 */

import { percent } from './format.js';
import STYLE from './overlay-style.json' with { type: 'json' };

/**
 * The box on the screen, in a view that shows the whole picture as large as it fits, centred
 * (CSS `object-fit: contain`).
 *
 * @param {Box} box  pixels of the picture, unmirrored
 * @param {Size} image  the picture's size
 * @param {Size} view  the view's size
 * @param {boolean} mirrored  the view shows the picture mirrored, left to right
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
 * Where a chip of this size stands: above the box where there is room, else inside its upper edge; never
 * outside the view.
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
 * Where a chip covers the fewest other chips and faces: above its box, below it or within it, never outside the view.
 *
 * @param {Box} box  in units of the view
 * @param {Size} chip
 * @param {Size} view
 * @param {number} gap  between chip and box
 * @param {Box[]} chips  that are placed already
 * @param {Box[]} boxes  of all faces
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
      const covers = (/** @type {Box} */ other) => meet({ x, y, ...chip }, other);
      // Another caption that cannot be read is worse than any face that is covered.
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
const meet = (one, other) =>
  one.x < other.x + other.width && other.x < one.x + one.width &&
  one.y < other.y + other.height && other.y < one.y + one.height;

/**
 * The size of captions that suits faces of these sizes and is readable.
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
 * The unit of line widths, radii and gaps in overlay-style.json.
 *
 * @param {Size} view
 * @returns {number} in units of the view
 */
export function lineUnit({ width, height }) {
  return Math.max(STYLE.unit.min, Math.min(width, height) / STYLE.unit.shorter_side_divisor);
}

/** @param {Size} view @returns {number} the size of captions of a moving picture, in units of the view */
function movingCaptionSize({ width, height }) {
  const size = STYLE.caption.moving_size;
  return Math.max(size.min, Math.min(width, height) / size.shorter_side_divisor);
}

/**
 * What stands beside a face: its number where there are several, its label (or "unsure") and its score.
 *
 * @param {Face} face
 * @param {number | null} number
 * @returns {string}
 */
export function caption(face, number) {
  return [number ?? '', face.unsure ? 'unsure' : `${face.label} ${percent(face.score)}`].join(' ').trim();
}

/**
 * The same, but of an unsure face its best guess: for a picture that stands by itself.
 *
 * @param {Face} face
 * @param {number | null} number
 * @returns {string}
 */
export function fullCaption(face, number) {
  return `${number ?? ''} ${face.unsure ? 'perhaps ' : ''}${face.label} ${percent(face.score)}`.trim();
}

/** @param {Face} _ @param {number | null} number */
const numberAlone = (_, number) => String(number ?? '');
/** @param {Face} face @param {number | null} number */
const withoutScore = (face, number) => [number ?? '', face.unsure ? 'unsure' : face.label].join(' ').trim();

/**
 * What captions say instead where they would cover each other, one after the other; nothing less where nothing else
 * says what they do.
 *
 * @type {Record<'moving' | 'alone' | 'beside scores', ((face: Face, number: number | null) => string)[]>}
 */
const SHORTER = { moving: [withoutScore, numberAlone], alone: [], 'beside scores': [numberAlone] };

/**
 * Clear the context and draw each face's box and caption.
 *
 * @param {CanvasRenderingContext2D} context  scaled so that its units are those of `view`
 * @param {Face[]} faces
 * @param {{image: Size, view: Size, mirrored: boolean, style: OverlayStyle, still?: 'alone' | 'beside scores',
 *   numbers?: (number | null)[]}} options  `still`: of a picture that does not move, where captions say all they know, are
 *   as large as the faces ask for and keep clear of each other. Where captions cannot, and the numbered scores stand beside
 *   the picture, as they do beside a moving one, they say less: in the end the numbers alone. `numbers`: of the faces, null for one without; 1, 2, 3 where not given, if
 *   there are several
 */
export function drawFaces(context, faces, { image, view, mirrored, style, still, numbers }) {
  const names = numbers ?? faces.map((_, index) => (faces.length > 1 ? index + 1 : null));
  context.clearRect(0, 0, view.width, view.height);
  const unit = lineUnit(view);
  const size = still ? captionSize(faces, image, view) : movingCaptionSize(view);
  const { padding, height, gap, radius } = STYLE.caption;
  const boxes = faces.map((face) => boxInView(face.box, image, view, mirrored));
  context.font = `600 ${size}px ${style.font}`;
  context.textBaseline = 'middle';
  for (const [index, face] of faces.entries()) {
    drawBox(context, /** @type {Box} */ (boxes[index]), face.unsure, unit, style);
  }
  /** @param {(face: Face, number: number | null) => string} write */
  const write = (write) => faces.map((face, index) => write(face, names[index] ?? null));
  let texts = write(still ? fullCaption : caption);
  let chips = place(texts);
  for (const shorter of SHORTER[still ?? 'moving']) {
    if (!chips.some((one, index) => chips.slice(0, index).some((other) => meet(one, other)))) break;
    texts = write(shorter);
    chips = place(texts);
  }
  for (const [index, chip] of chips.entries()) {
    if (!texts[index]) continue;
    path(context, chip, unit * radius);
    context.fillStyle = style.chip;
    context.fill();
    context.fillStyle = style.text;
    context.fillText(texts[index] ?? '', chip.x + size * padding, chip.y + chip.height / 2 + size * 0.04);
  }

  /** @param {string[]} captions */
  function place(captions) {
    /** @type {Box[]} */
    const placed = [];
    for (const [index, text] of captions.entries()) {
      const box = /** @type {Box} */ (boxes[index]);
      const chip = { width: context.measureText(text).width + 2 * padding * size, height: size * height };
      const corner = still
        ? freeChipPlace(box, chip, view, unit * gap, placed, boxes)
        : chipPlace(box, chip, view, unit * gap);
      placed.push({ ...corner, ...chip });
    }
    return placed;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {boolean} dashed
 * @param {number} unit  the lines' measure
 * @param {OverlayStyle} style
 */
export function drawBox(context, box, dashed, unit, style) {
  const { line_width, halo_width, radius, dash, dash_gap } = STYLE.box;
  context.setLineDash(dashed ? [unit * dash, unit * dash_gap] : []);
  path(context, box, unit * radius);
  context.strokeStyle = style.halo;
  context.lineWidth = unit * halo_width;
  context.stroke();
  context.strokeStyle = style.line;
  context.lineWidth = unit * line_width;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {number} radius
 */
function path(context, box, radius) {
  context.beginPath();
  // Browsers from before 2023 have no round corners to give.
  if ('roundRect' in context) context.roundRect(box.x, box.y, box.width, box.height, radius);
  else /** @type {CanvasRenderingContext2D} */ (context).rect(box.x, box.y, box.width, box.height);
}
