/**
 * Where the faces are in each frame of a video, and who is who: detects now and then, and follows in between what
 * is known. Detecting costs several times what telling an expression does, following next to nothing.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('../../types.js').Pixels} Pixels
 * @typedef {import('./template-alignment.js').Look} Look
 * @typedef {import('./template-alignment.js').Pose} Pose
 * @typedef {import('../recognizer.js').Frame} Frame
 *
 * @typedef {object} Known  A face in view.
 * @property {number} id
 * @property {Box} box
 * @property {Look | null} look  null: it cannot be followed, only detected
 * @property {Pose} pose
 * @property {number} missed  how often detecting has not found it since it did
 * @property {{pixels: Pixels, region: Box}} [patch]  the pixels round it in this frame
 */

import { boxOf, follow, lookAt, poseOf } from './template-alignment.js';
import { greyOf } from './grey-patch.js';
import { Tracker, iou } from './track-assignment.js';

/** A face that comes into view is found within this time. */
export const DETECT_MS = 250;
/** And so is one that was lost, for as long as it may come back soon. */
export const SEARCH_MS = 100;
const SOON_MS = 1000;
/** A followed face must be like its look to this degree (correlation); otherwise it is detected at once. */
export const SURE = 0.7;
/** From one frame to the next a face grows or shrinks by no more than this factor. */
const LARGEST_GROWTH = 1.3;
/** A face that is followed surely stays although detecting misses it, but not for more than this. */
const MOST_MISSED = 1;
/** Two boxes that overlap more than this are one face. */
const SAME_FACE = 0.5;
/** How many points of the reduced picture a face is across. */
const POINTS = 32;

export class FaceFollower {
  /** @param {(frame: Frame, glance: boolean) => Box[]} detect  most certain first; glance: at a quarter of the cost */
  constructor(detect) {
    this.detect = detect;
    this.fresh = true;
    this.tracker = new Tracker();
    /** @type {Known[]} */
    this.known = [];
    this.last = -Infinity;
    this.detected = -Infinity;
    this.lost = -Infinity;
    this.size = '';
  }

  /**
   * The faces of the next frame.
   *
   * @param {Frame} frame
   * @param {number} timestamp  in milliseconds; one before that of the last frame starts afresh
   * @returns {{known: Known[], detected: boolean}}
   */
  update(frame, timestamp) {
    const size = `${frame.width} x ${frame.height}`;
    if (timestamp < this.last || size !== this.size) {
      this.known = [];
      this.detected = -Infinity;
    }
    this.size = size;
    const passed = timestamp - this.last;
    this.last = timestamp;
    this.tracker.begin(timestamp);
    const sure = this.known.map((face) => this.#follow(face, frame, timestamp, passed));
    const detected = this.#isDue(timestamp) || sure.includes(false);
    if (detected) this.#detect(frame, timestamp, sure);
    return { known: this.known, detected };
  }

  /** @param {number} timestamp */
  #isDue(timestamp) {
    const soon = timestamp - this.lost < SOON_MS || this.known.length === 0;
    return timestamp - this.detected >= (soon ? SEARCH_MS : DETECT_MS);
  }

  /**
   * @param {Known} face
   * @param {Frame} frame
   * @param {number} timestamp
   * @param {number} passed  milliseconds since the last frame
   * @returns {boolean} whether it was found
   */
  #follow(face, frame, timestamp, passed) {
    face.patch = undefined;
    const place = this.tracker.expect(face.id, timestamp);
    if (face.look === null || place === null) return false;
    const side = Math.hypot(face.pose.right, face.pose.down);
    const patch = patchOf(frame, place, Math.min(0.2 + passed / 250, 0.6));
    const grey = greyOf(patch.pixels, patch.region, Math.max(1, Math.round(side / POINTS)));
    const from = { ...face.pose, x: place.x + place.width / 2, y: place.y + place.height / 2 };
    const { pose, likeness } = follow(grey, face.look, from);
    const grown = Math.hypot(pose.right, pose.down) / side;
    if (likeness < SURE || grown > LARGEST_GROWTH || grown < 1 / LARGEST_GROWTH || !isInside(pose, frame)) return false;
    face.pose = pose;
    face.box = boxOf(pose);
    face.patch = patch;
    this.tracker.follow(face.id, face.box, timestamp);
    return true;
  }

  /**
   * The first look of all is a glance: the networks' code is cold, and a visitor waits. If it shows a face, the next
   * frame is looked at in full.
   *
   * @param {Frame} frame
   * @param {number} timestamp
   */
  #boxes(frame, timestamp) {
    const glanced = this.fresh ? this.detect(frame, true) : [];
    this.fresh = false;
    this.detected = glanced.length ? -Infinity : timestamp;
    return glanced.length ? glanced : this.detect(frame, false);
  }

  /**
   * @param {Frame} frame
   * @param {number} timestamp
   * @param {boolean[]} sure  of each known face: whether it was followed to this frame
   */
  #detect(frame, timestamp, sure) {
    const boxes = this.#boxes(frame, timestamp);
    const patches = boxes.map((box) => patchOf(frame, box, 0.2));
    const looks = boxes.map((box, i) =>
      lookAt(greyOf(patches[i].pixels, patches[i].region, Math.max(1, Math.round(box.width / POINTS))), box),
    );
    const ids = this.tracker.update(boxes, timestamp, looks);
    const before = this.known;
    this.known = boxes.map((box, i) => ({
      id: ids[i], box, look: looks[i], pose: poseOf(box), missed: 0, patch: patches[i],
    }));
    before.forEach((face, i) => {
      if (ids.includes(face.id)) return;
      const hidden = boxes.some((box) => iou(box, face.box) > SAME_FACE);
      if (sure[i] && !hidden && face.missed < MOST_MISSED) {
        this.known.push({ ...face, missed: face.missed + 1 });
      } else this.lost = timestamp;
    });
  }
}

/**
 * The pixels of a box and of some room round it.
 *
 * @param {Frame} frame
 * @param {Box} box
 * @param {number} room  on each side, in sides of the box
 */
function patchOf(frame, { x, y, width, height }, room) {
  const left = clamp(Math.floor(x - room * width), 0, frame.width - 1);
  const top = clamp(Math.floor(y - room * height), 0, frame.height - 1);
  const region = {
    x: left,
    y: top,
    width: clamp(Math.ceil(x + width + room * width), left + 1, frame.width) - left,
    height: clamp(Math.ceil(y + height + room * height), top + 1, frame.height) - top,
  };
  return { pixels: frame.pixels(region), region };
}

/** @param {Pose} pose @param {Frame} frame */
function isInside({ x, y }, { width, height }) {
  return x > 0 && y > 0 && x < width && y < height;
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
