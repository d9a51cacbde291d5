/**
 * Search a frame for faces with BlazeFace 256, at several sizes. Twin of app/inference/detection/face_search.py.
 *
 * The network finds faces of about 16 to 200 pixels, at any tilt. A frame is therefore searched at one size, and reduced
 * within a border for a face that fills it: without surroundings, and where it is larger than 200 pixels, the network
 * misplaces a face or takes parts of it for faces. A picture in which both find nothing is searched at a larger size.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('./face-detector.js').FaceDetector} FaceDetector
 * @typedef {import('./face-finder.js').Frame} Frame
 *
 * @typedef {object} Search  One run of the network.
 * @property {number} size  longer side of the picture that it receives, in pixels
 * @property {number} minScore  detections of less are dropped, 0..1
 * @property {number} border  as of `letterbox`
 */

import { SIZE_STEP } from './blazeface-decoder.js';
import { letterbox } from './letterbox.js';

/** Of a picture. @type {Search} */
export const PICTURE = { size: 384, minScore: 0.65, border: 0 };
/** Of a picture in which there is no larger face. @type {Search} */
export const SMALL_FACES = { size: 640, minScore: 0.7, border: 0 };
/** For a face that fills the frame. @type {Search} */
export const LARGE_FACES = { size: 192, minScore: 0.6, border: 1 / 6 };
/**
 * Of a video's frame. At 0.5 two more of a hundred faces are missed; at 0.3 no more are found; at 0.2 there are many
 * false detections. @type {Search}
 */
export const VIDEO_FRAME = { size: 256, minScore: 0.4, border: 0 };
/** Of a video's frame, at a quarter of the cost. @type {Search} */
export const REDUCED_FRAME = { size: 128, minScore: 0.4, border: 0 };
/** `LARGE_FACES` is for faces whose side is at least this part of the frame's longer side. */
const LARGE = 0.35;
/** Detections of the other searches that are larger than this, in pixels of their picture, are not reliable. */
const TOO_LARGE = 200;
/** A box is dropped when more than this part of the smaller of the two is in a large face's box. */
const COVERED = 0.5;

/**
 * Boxes of the faces in a picture, most certain first.
 *
 * @param {FaceDetector} detector
 * @param {Frame} frame
 * @returns {Box[]} in pixels of the frame
 */
export function searchPicture(detector, frame) {
  const found = withLarge(detector, frame, PICTURE);
  const isSmall = Math.max(frame.width, frame.height) <= PICTURE.size;
  return found.length > 0 || isSmall ? found : run(detector, frame, SMALL_FACES);
}

/**
 * Boxes of the faces in a video's frame, most certain first.
 *
 * @param {FaceDetector} detector
 * @param {Frame} frame
 * @param {boolean} [reduced]  at a quarter of the cost; small faces are not found
 * @returns {Box[]} in pixels of the frame
 */
export function searchFrame(detector, frame, reduced = false) {
  return reduced ? run(detector, frame, REDUCED_FRAME) : withLarge(detector, frame, VIDEO_FRAME);
}

/**
 * The faces that a search finds, and those of `LARGE_FACES`, which come first.
 *
 * @param {FaceDetector} detector
 * @param {Frame} frame
 * @param {Search} search
 */
function withLarge(detector, frame, search) {
  const least = LARGE * Math.max(frame.width, frame.height);
  const large = run(detector, frame, LARGE_FACES).filter(({ width }) => width >= least);
  const others = run(detector, frame, search).filter((box) => !large.some((one) => isIn(box, one)));
  return [...large, ...others];
}

/** @param {FaceDetector} detector @param {Frame} frame @param {Search} search */
function run(detector, frame, search) {
  const { size, minScore, border } = search;
  const place = letterbox(frame.width, frame.height, size, SIZE_STEP, border);
  const boxes = detector.detect(frame.letterboxed(place), place, minScore);
  return search === LARGE_FACES ? boxes : boxes.filter(({ width }) => width <= TOO_LARGE * place.scaleX);
}

/** @param {Box} box @param {Box} large */
function isIn(box, large) {
  const width = Math.min(box.x + box.width, large.x + large.width) - Math.max(box.x, large.x);
  const height = Math.min(box.y + box.height, large.y + large.height) - Math.max(box.y, large.y);
  const smaller = Math.min(box.width * box.height, large.width * large.height);
  return Math.max(0, width) * Math.max(0, height) > COVERED * smaller;
}
