/**
 * Draw the boxes and captions of faces over an image. Pure: needs a canvas context, no document. The server uses the same
 * measures, overlay-style.json (app/photos/overlay_layout.py).
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
 * @property {string} halo  drawn under the line, so that the line is visible on any image
 * @property {string} chip
 * @property {string} text
 * @property {string} font
 */

import { percent } from './format.js';
import { boxInView, captionSize, chipPlace, freeChipPlace, lineUnit, movingCaptionSize, overlap } from './overlay-layout.js';
import STYLE from './overlay-style.json' with { type: 'json' };

/**
 * The caption of a face: its number if there are several faces, its label (or "unsure") and its score.
 *
 * @param {Face} face
 * @param {number | null} number
 * @returns {string}
 */
export function caption(face, number) {
  return [number ?? '', face.unsure ? 'unsure' : `${face.label} ${percent(face.score)}`].join(' ').trim();
}

/**
 * The caption of a face in a still picture: the same, with the best guess for an unsure face.
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
 * Shorter captions, tried in this order if captions would cover each other. There are none for a picture that is shown
 * without the scores beside it.
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
 *   numbers?: (number | null)[]}} options  `still`: given for a still picture, whose captions are complete, fit the sizes
 *   of the faces and avoid each other. If they cannot, and the scores are shown beside the picture ('beside scores', and a
 *   moving picture), captions are shortened, at last to the numbers. `numbers`: numbers of the faces, null for a face
 *   without one; 1, 2, 3 if not given and there are several faces
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
    if (!chips.some((one, index) => chips.slice(0, index).some((other) => overlap(one, other)))) break;
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
 * @param {number} unit  see lineUnit
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
  // Browsers from before 2023 do not have roundRect.
  if ('roundRect' in context) context.roundRect(box.x, box.y, box.width, box.height, radius);
  else /** @type {CanvasRenderingContext2D} */ (context).rect(box.x, box.y, box.width, box.height);
}
