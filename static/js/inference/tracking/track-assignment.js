/**
 * Assign an id to each face. A face keeps its id when it moves, when it crosses another face, and when it leaves and
 * comes back within two seconds. Pure.
 *
 * A face's place is predicted from its motion, with less certainty the longer it has not been seen. Tracks and boxes
 * are then assigned to each other so that the sum of their likelihoods is as large as possible (see hungarian.js), by
 * place, size and, where it is known, template.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('./template-alignment.js').Template} Template
 *
 * @typedef {object} Track
 * @property {number} id
 * @property {Box} box  where it was last
 * @property {number} lastSeen  in milliseconds
 * @property {number} velocityX  of its centre, in pixels a millisecond
 * @property {number} velocityY
 * @property {Template | null} template  of its last detection
 */

import { assignMaximum } from './hungarian.js';
import { similarityOf } from './template-alignment.js';

/** How long a face may be out of view and still come back under its id. */
export const KEEP_MS = 2000;
/** The largest factor by which a box may have grown or shrunk between two sightings. */
const LARGEST_GROWTH = 2;
/** How far from its predicted place a face may be, in mean sides, and what is added for each second unseen. */
const REACH = 1.2;
const REACH_GROWTH = 1;
/**
 * What is added instead where the templates are at least this similar: a head can move by four sides a second, and a slow
 * device sees it two or three times a second.
 */
const ALIKE_REACH_GROWTH = 4;
const ALIKE_SIMILARITY = 0.6;
/** Time constant with which the predicted motion of an unseen face slows down. */
const COAST_MS = 400;
/** Time constant over which the velocity is averaged. */
const MOTION_MS = 120;
/** The similarity that 75 % of pairs of different people's faces are below, and 75 % of pairs of one person's above. */
const NEUTRAL_SIMILARITY = 0.4;

export class TrackAssigner {
  constructor() {
    /** @type {Track[]} */
    this.tracks = [];
    this.nextId = 0;
    this.last = -Infinity;
  }

  /**
   * Assigns ids to the faces that were detected in one frame; a box without a track gets a new id. A frame older than
   * the one before it (the video was set back) resets all tracks.
   *
   * @param {Box[]} boxes
   * @param {number} timestamp  of the frame, in milliseconds
   * @param {(Template | null)[]} [templates]  one for each box
   * @returns {number[]} one id for each box, in the same order
   */
  assign(boxes, timestamp, templates = []) {
    this.advance(timestamp);
    const weights = boxes.map((box, i) =>
      this.tracks.map((track) => likelihood(track, box, templates[i] ?? null, timestamp)),
    );
    const assigned = assignMaximum(weights);
    const before = this.tracks;
    return boxes.map((box, i) => {
      const template = templates[i] ?? null;
      if (assigned[i] < 0) {
        const track = { id: this.nextId++, box, lastSeen: timestamp, velocityX: 0, velocityY: 0, template };
        this.tracks = [...this.tracks, track];
        return track.id;
      }
      const track = before[assigned[i]];
      moveTo(track, box, timestamp);
      track.template = template;
      return track.id;
    });
  }

  /**
   * Records where a face is in this frame, found without detection.
   *
   * @param {number} id
   * @param {Box} box
   * @param {number} timestamp
   */
  move(id, box, timestamp) {
    const track = this.tracks.find((one) => one.id === id);
    if (track) moveTo(track, box, timestamp);
  }

  /**
   * The predicted place of a face; null for one that has no track.
   *
   * @param {number} id
   * @param {number} timestamp
   * @returns {Box | null}
   */
  predict(id, timestamp) {
    const track = this.tracks.find((one) => one.id === id);
    return track ? predicted(track, timestamp) : null;
  }

  /** Goes on to a time: drops the tracks of faces that have been out of view for too long. @param {number} timestamp */
  advance(timestamp) {
    if (timestamp < this.last) this.tracks = [];
    this.last = timestamp;
    this.tracks = this.tracks.filter(({ lastSeen }) => timestamp - lastSeen <= KEEP_MS);
  }

  /** The ids of all faces that have a track, in view or not. @returns {Set<number>} */
  ids() {
    return new Set(this.tracks.map(({ id }) => id));
  }
}

/** @param {Track} track @param {Box} box @param {number} timestamp */
function moveTo(track, box, timestamp) {
  const passed = timestamp - track.lastSeen;
  if (passed > 0) {
    const weight = 1 - Math.exp(-passed / MOTION_MS);
    const [from, to] = [centre(track.box), centre(box)];
    track.velocityX += weight * ((to.x - from.x) / passed - track.velocityX);
    track.velocityY += weight * ((to.y - from.y) / passed - track.velocityY);
  }
  track.box = box;
  track.lastSeen = timestamp;
}

/** @param {Track} track @param {number} timestamp @returns {Box} */
function predicted({ box, lastSeen, velocityX, velocityY }, timestamp) {
  const coasted = COAST_MS * (1 - Math.exp(-(timestamp - lastSeen) / COAST_MS));
  return { ...box, x: box.x + velocityX * coasted, y: box.y + velocityY * coasted };
}

/**
 * How likely a box is to be a track's face, above 0; null where it is too far away or of too different a size.
 *
 * @param {Track} track
 * @param {Box} box
 * @param {Template | null} template
 * @param {number} timestamp
 * @returns {number | null}
 */
function likelihood(track, box, template, timestamp) {
  const place = predicted(track, timestamp);
  const [sideA, sideB] = [Math.sqrt(place.width * place.height), Math.sqrt(box.width * box.height)];
  const growth = Math.abs(Math.log(sideA / sideB)) / Math.log(LARGEST_GROWTH);
  if (growth > 1) return null;
  const side = (sideA + sideB) / 2;
  // An unseen face may have gone on, or stayed where it was last.
  const far = Math.min(distance(place, box), distance(track.box, box)) / side;
  const similarity = template && track.template ? similarityOf(template, track.template) : NEUTRAL_SIMILARITY;
  const reachGrowth = similarity >= ALIKE_SIMILARITY ? ALIKE_REACH_GROWTH : REACH_GROWTH;
  const reach = REACH + (reachGrowth * (timestamp - track.lastSeen)) / 1000;
  if (far > reach) return null;
  return Math.max(0.01, 1 - far / reach + iou(place, box) - 0.3 * growth + similarity - NEUTRAL_SIMILARITY);
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
