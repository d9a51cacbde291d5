/**
 * Gives faces numbers that stay with them: through movement and crossing, and when they leave and come back
 * within two seconds. Pure.
 *
 * A face is expected where its motion carries it, more loosely the longer it has not been seen; known faces and
 * boxes are then joined so that all pairs together are as likely as they can be (see assign.js), by place, size
 * and, where it is known, look.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('./template-alignment.js').Look} Look
 *
 * @typedef {object} Track
 * @property {number} id
 * @property {Box} box  where it was last
 * @property {number} seen  when, in milliseconds
 * @property {number} right  velocity of its centre, in pixels a millisecond
 * @property {number} down
 * @property {Look | null} look  how it looked when it was last detected
 */

import { assign } from './hungarian.js';
import { likeness } from './template-alignment.js';

/** How long a face may be gone and still come back under its number. */
export const KEEP_MS = 2000;
/** Boxes may have grown or shrunk by this factor at most between two sightings. */
const LARGEST_GROWTH = 2;
/** How far from where it is expected a face may be, in mean sides, and what is added for each second unseen. */
const REACH = 1.2;
const REACH_GROWTH = 1;
/** A face that is not seen goes on for about as long, slowing down. */
const COAST_MS = 400;
/** Velocity is that of about the last this many milliseconds. */
const MOTION_MS = 120;
/** Of two people's faces 75 % are less alike than this, of one person's in two photos 75 % more. */
const ALIKE = 0.4;

export class Tracker {
  /** @param {{keepMs?: number}} [options] */
  constructor({ keepMs = KEEP_MS } = {}) {
    this.keepMs = keepMs;
    /** @type {Track[]} */
    this.tracks = [];
    this.nextId = 0;
    this.last = -Infinity;
  }

  /**
   * Numbers for the faces that were detected in one frame. What is left over is new. A frame older than the one
   * before it (a film set back) starts afresh.
   *
   * @param {Box[]} boxes
   * @param {number} timestamp  of the frame, in milliseconds
   * @param {(Look | null)[]} [looks]  one a box
   * @returns {number[]} one a box, in the same order
   */
  update(boxes, timestamp, looks = []) {
    this.begin(timestamp);
    const worth = boxes.map((box, i) =>
      this.tracks.map((track) => likelihood(track, box, looks[i] ?? null, timestamp)),
    );
    const joined = assign(worth);
    const known = this.tracks;
    return boxes.map((box, i) => {
      const look = looks[i] ?? null;
      if (joined[i] < 0) {
        this.tracks = [...this.tracks, { id: this.nextId, box, seen: timestamp, right: 0, down: 0, look }];
        return this.nextId++;
      }
      const track = known[joined[i]];
      move(track, box, timestamp);
      track.look = look;
      return track.id;
    });
  }

  /**
   * A face was followed to where it is in this frame, without detecting it.
   *
   * @param {number} id
   * @param {Box} box
   * @param {number} timestamp
   */
  follow(id, box, timestamp) {
    const track = this.tracks.find((one) => one.id === id);
    if (track) move(track, box, timestamp);
  }

  /**
   * Where a face is expected; null for one that is not remembered.
   *
   * @param {number} id
   * @param {number} timestamp
   * @returns {Box | null}
   */
  expect(id, timestamp) {
    const track = this.tracks.find((one) => one.id === id);
    return track ? expected(track, timestamp) : null;
  }

  /** Forgets who has been gone for too long. @param {number} timestamp */
  begin(timestamp) {
    if (timestamp < this.last) this.tracks = [];
    this.last = timestamp;
    this.tracks = this.tracks.filter(({ seen }) => timestamp - seen <= this.keepMs);
  }

  /** Numbers of all faces that are remembered, in view or not. @returns {Set<number>} */
  ids() {
    return new Set(this.tracks.map(({ id }) => id));
  }
}

/** @param {Track} track @param {Box} box @param {number} timestamp */
function move(track, box, timestamp) {
  const passed = timestamp - track.seen;
  if (passed > 0) {
    const weight = 1 - Math.exp(-passed / MOTION_MS);
    const [from, to] = [centre(track.box), centre(box)];
    track.right += weight * ((to.x - from.x) / passed - track.right);
    track.down += weight * ((to.y - from.y) / passed - track.down);
  }
  track.box = box;
  track.seen = timestamp;
}

/** @param {Track} track @param {number} timestamp @returns {Box} */
function expected({ box, seen, right, down }, timestamp) {
  const coasted = COAST_MS * (1 - Math.exp(-(timestamp - seen) / COAST_MS));
  return { ...box, x: box.x + right * coasted, y: box.y + down * coasted };
}

/**
 * How likely a box is to be a known face, from 0; null where it is too far away or of too different a size.
 *
 * @param {Track} track
 * @param {Box} box
 * @param {Look | null} look
 * @param {number} timestamp
 * @returns {number | null}
 */
function likelihood(track, box, look, timestamp) {
  const place = expected(track, timestamp);
  const [sideA, sideB] = [Math.sqrt(place.width * place.height), Math.sqrt(box.width * box.height)];
  const growth = Math.abs(Math.log(sideA / sideB)) / Math.log(LARGEST_GROWTH);
  if (growth > 1) return null;
  const side = (sideA + sideB) / 2;
  // Who is not seen may go on, or stay where they were last.
  const far = Math.min(distance(place, box), distance(track.box, box)) / side;
  const reach = REACH + (REACH_GROWTH * (timestamp - track.seen)) / 1000;
  if (far > reach) return null;
  const alike = look && track.look ? likeness(look, track.look) - ALIKE : 0;
  return Math.max(0.01, 1 - far / reach + iou(place, box) - 0.3 * growth + alike);
}

/** @param {Box} box */
const centre = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });

/** @param {Box} a @param {Box} b */
function distance(a, b) {
  const [from, to] = [centre(a), centre(b)];
  return Math.hypot(to.x - from.x, to.y - from.y);
}

/** Intersection over union, 0..1. @param {Box} a @param {Box} b */
export function iou(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}
