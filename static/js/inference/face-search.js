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
/** In a video a face is large from this on, in longer sides of the frame. The other runs are reliable up to 0.75. */
const NEAR = 0.45;
/** Of so many searches of a video's frames at least one is also for large faces. */
const LARGE_EVERY = 4;
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
  const found = withLarge(largeFaces(detector, frame), run(detector, frame, PICTURE));
  const isSmall = Math.max(frame.width, frame.height) <= PICTURE.size;
  return found.length > 0 || isSmall ? found : run(detector, frame, SMALL_FACES);
}

/**
 * Searches the frames of a video. The run for large faces takes half as long as the other one, so it is made only where a
 * large face may be: where one was found in this frame or by the search before, where nothing was found, and every now
 * and then, since of a face that fills the frame the other run may find a part.
 */
export class VideoSearch {
  /** @param {FaceDetector} detector */
  constructor(detector) {
    this.detector = detector;
    this.isLarge = false;
    this.searches = 0;
  }

  /**
   * Boxes of the faces in the next frame, most certain first.
   *
   * @param {Frame} frame
   * @param {boolean} [reduced]  at a quarter of the cost; small faces are not found
   * @returns {Box[]} in pixels of the frame
   */
  search(frame, reduced = false) {
    if (reduced) return run(this.detector, frame, REDUCED_FRAME);
    const found = run(this.detector, frame, VIDEO_FRAME);
    const near = NEAR * Math.max(frame.width, frame.height);
    const isDue = this.searches++ % LARGE_EVERY === 0;
    if (!isDue && !this.isLarge && found.length > 0 && found.every(({ width }) => width < near)) return found;
    const large = largeFaces(this.detector, frame);
    this.isLarge = large.length > 0;
    return withLarge(large, found);
  }
}

/** The faces that fill the frame. @param {FaceDetector} detector @param {Frame} frame */
function largeFaces(detector, frame) {
  const least = LARGE * Math.max(frame.width, frame.height);
  return run(detector, frame, LARGE_FACES).filter(({ width }) => width >= least);
}

/** The large faces, then those of another search that are not in them. @param {Box[]} large @param {Box[]} found */
function withLarge(large, found) {
  return [...large, ...found.filter((box) => !large.some((one) => isIn(box, one)))];
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
