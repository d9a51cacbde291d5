/**
 * Gives faces numbers that stay with them from frame to frame.
 *
 * @typedef {import('./types.js').Box} Box
 * @typedef {{id: number, box: Box, seen: number}} Track
 */

/** How long a face may be gone and still come back under its number. */
export const KEEP_MS = 500;
/** Boxes may have grown or shrunk by this factor at most between two sightings. */
const LARGEST_GROWTH = 2;
/** Boxes that no longer overlap are the same face up to this distance, in mean sides. */
const LARGEST_STEP = 1.2;

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
   * Numbers for the boxes of one frame. Pairs of known face and box are joined greedily, the most
   * alike first; a box that is left over is a new face. A frame older than the one before it
   * (a film set back) starts afresh.
   *
   * @param {Box[]} boxes
   * @param {number} timestamp  of the frame, in milliseconds
   * @returns {number[]} one a box, in the same order
   */
  update(boxes, timestamp) {
    if (timestamp < this.last) this.tracks = [];
    this.last = timestamp;
    this.tracks = this.tracks.filter(({ seen }) => timestamp - seen <= this.keepMs);
    const pairs = [];
    for (const track of this.tracks) {
      for (let index = 0; index < boxes.length; index++) {
        const alike = likeness(track.box, boxes[index]);
        if (alike !== null) pairs.push({ track, index, alike });
      }
    }
    pairs.sort((a, b) => b.alike - a.alike);
    /** @type {(Track | undefined)[]} */
    const given = boxes.map(() => undefined);
    const taken = new Set();
    for (const { track, index } of pairs) {
      if (taken.has(track) || given[index] !== undefined) continue;
      taken.add(track);
      given[index] = track;
    }
    return boxes.map((box, index) => {
      const known = given[index];
      if (known === undefined) {
        this.tracks.push({ id: this.nextId, box, seen: timestamp });
        return this.nextId++;
      }
      known.box = box;
      known.seen = timestamp;
      return known.id;
    });
  }

  /** Numbers of all faces that are remembered, in view or not. @returns {Set<number>} */
  ids() {
    return new Set(this.tracks.map(({ id }) => id));
  }
}

/**
 * How alike two boxes are: IoU less their distance in mean sides, or null where they are too far
 * apart or too different in size to be one face.
 *
 * @param {Box} a
 * @param {Box} b
 * @returns {number | null}
 */
function likeness(a, b) {
  const sideA = Math.sqrt(a.width * a.height);
  const sideB = Math.sqrt(b.width * b.height);
  if (Math.max(sideA, sideB) > LARGEST_GROWTH * Math.min(sideA, sideB)) return null;
  const distance =
    Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2) /
    ((sideA + sideB) / 2);
  if (distance > LARGEST_STEP) return null;
  return iou(a, b) - distance;
}

/** Intersection over union, 0..1. @param {Box} a @param {Box} b */
function iou(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}
