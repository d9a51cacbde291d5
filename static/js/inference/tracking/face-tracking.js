/**
 * Track the faces of a video from frame to frame: detect them now and then, and align templates of them in
 * between. Detecting costs several times what classifying does, aligning hardly anything.
 *
 * @typedef {import('../../types.js').Box} Box
 * @typedef {import('../../types.js').Pixels} Pixels
 * @typedef {import('./template-alignment.js').Template} Template
 * @typedef {import('./template-alignment.js').Pose} Pose
 * @typedef {import('../face-finder.js').Frame} Frame
 *
 * @typedef {object} TrackedFace  A face in view.
 * @property {number} id
 * @property {Box} box
 * @property {Template | null} template  null: it cannot be aligned, only detected
 * @property {Pose} pose
 * @property {number} missed  how many detections have missed it since the last that found it
 * @property {{pixels: Pixels, region: Box}} [patch]  the pixels round it in this frame
 */

import { RecentMedian } from '../../median.js';
import { greyPatch } from './grey-patch.js';
import { alignTemplate, boxOf, createTemplate, poseOf } from './template-alignment.js';
import { TrackAssigner, iou } from './track-assignment.js';

/** Time between two detections: a face that comes into view is found within it. */
export const DETECT_MS = 250;
/** Time between two detections while there is no face, or for SOON_MS after one was lost. */
export const SEARCH_MS = 100;
const SOON_MS = 1000;
/**
 * Detecting takes at most about this part of the time, while faces can be aligned: a slow device would otherwise detect
 * in every frame.
 */
const DETECTION_SHARE = 1 / 3;
/** How many of the latest detections are considered: the machine does other work as well. */
const COSTS = 3;
/** The correlation that a tracked face must have with its template; otherwise faces are detected at once. */
const MIN_SIMILARITY = 0.7;
/** From one frame to the next a face grows or shrinks by no more than this factor. */
const LARGEST_GROWTH = 1.3;
/** A tracked face that the detector misses stays, but for no more than this many detections. */
const MAX_MISSED = 1;
/** Two boxes whose IoU is above this are one face. */
const SAME_FACE = 0.5;
/** Width of a face in its grey patch, in pixels. */
const PATCH_PIXELS = 32;

export class FaceTracker {
  /**
   * @param {(frame: Frame, reduced: boolean) => Box[]} detect  most certain first; reduced: at a quarter of the cost
   * @param {() => number} [now]  milliseconds, by which the cost of detecting is measured
   */
  constructor(detect, now = () => performance.now()) {
    this.detect = detect;
    this.now = now;
    this.costs = new RecentMedian(COSTS);
    this.isFirst = true;
    this.tracks = new TrackAssigner();
    /** @type {TrackedFace[]} */
    this.faces = [];
    this.last = -Infinity;
    this.detected = -Infinity;
    this.lost = -Infinity;
    this.size = '';
  }

  /**
   * The faces of the next frame.
   *
   * @param {Frame} frame
   * @param {number} timestamp  in milliseconds; one before that of the last frame resets the tracking
   * @returns {{faces: TrackedFace[], detected: boolean}}
   */
  update(frame, timestamp) {
    const size = `${frame.width} x ${frame.height}`;
    if (timestamp < this.last || size !== this.size) {
      this.faces = [];
      this.detected = -Infinity;
    }
    this.size = size;
    const passed = timestamp - this.last;
    this.last = timestamp;
    this.tracks.advance(timestamp);
    const aligned = this.faces.map((face) => this.#align(face, frame, timestamp, passed));
    const detected = this.#isDetectionDue(timestamp) || aligned.includes(false);
    if (detected) this.#detect(frame, timestamp, aligned);
    return { faces: [...this.faces], detected };
  }

  /** The ids of all faces that are in view or may come back soon. @returns {Set<number>} */
  rememberedIds() {
    return this.tracks.ids();
  }

  /** @param {number} timestamp */
  #isDetectionDue(timestamp) {
    const searching = timestamp - this.lost < SOON_MS || this.faces.length === 0;
    const least = (this.costs.value ?? 0) / DETECTION_SHARE;
    return timestamp - this.detected >= Math.max(searching ? SEARCH_MS : DETECT_MS, least);
  }

  /**
   * @param {TrackedFace} face
   * @param {Frame} frame
   * @param {number} timestamp
   * @param {number} passed  milliseconds since the last frame
   * @returns {boolean} whether its template was found
   */
  #align(face, frame, timestamp, passed) {
    face.patch = undefined;
    const place = this.tracks.predict(face.id, timestamp);
    if (face.template === null || place === null) return false;
    const side = Math.hypot(face.pose.right, face.pose.down);
    const patch = readPatch(frame, place, Math.min(0.2 + passed / 250, 0.6));
    const grey = greyPatch(patch.pixels, patch.region, Math.max(1, Math.round(side / PATCH_PIXELS)));
    const expected = { ...face.pose, x: place.x + place.width / 2, y: place.y + place.height / 2 };
    const { pose, similarity } = alignTemplate(grey, face.template, expected);
    const growth = Math.hypot(pose.right, pose.down) / side;
    if (similarity < MIN_SIMILARITY || growth > LARGEST_GROWTH || growth < 1 / LARGEST_GROWTH || !isInside(pose, frame)) return false;
    face.pose = pose;
    face.box = boxOf(pose);
    face.patch = patch;
    this.tracks.move(face.id, face.box, timestamp);
    return true;
  }

  /**
   * The first detection of all is done on a reduced frame: the networks' code is cold, and a visitor waits. If it finds
   * a face, the next frame is detected at full size.
   *
   * @param {Frame} frame
   * @param {number} timestamp
   */
  #boxes(frame, timestamp) {
    const quick = this.isFirst ? this.detect(frame, true) : [];
    this.isFirst = false;
    this.detected = quick.length ? -Infinity : timestamp;
    if (quick.length) return quick;
    const started = this.now();
    const boxes = this.detect(frame, false);
    this.costs.add(this.now() - started);
    return boxes;
  }

  /**
   * @param {Frame} frame
   * @param {number} timestamp
   * @param {boolean[]} aligned  of each face of the frame before: whether its template was found in this one
   */
  #detect(frame, timestamp, aligned) {
    const boxes = this.#boxes(frame, timestamp);
    const patches = boxes.map((box) => readPatch(frame, box, 0.2));
    const templates = boxes.map((box, i) =>
      createTemplate(greyPatch(patches[i].pixels, patches[i].region, Math.max(1, Math.round(box.width / PATCH_PIXELS))), box),
    );
    const ids = this.tracks.assign(boxes, timestamp, templates);
    const before = this.faces;
    this.faces = boxes.map((box, i) => ({
      id: ids[i], box, template: templates[i], pose: poseOf(box), missed: 0, patch: patches[i],
    }));
    before.forEach((face, i) => {
      if (ids.includes(face.id)) return;
      const hidden = boxes.some((box) => iou(box, face.box) > SAME_FACE);
      if (aligned[i] && !hidden && face.missed < MAX_MISSED) {
        this.faces.push({ ...face, missed: face.missed + 1 });
      } else this.lost = timestamp;
    });
  }
}

/**
 * The pixels of a box and of a margin round it.
 *
 * @param {Frame} frame
 * @param {Box} box
 * @param {number} margin  on each side, in sides of the box
 */
function readPatch(frame, { x, y, width, height }, margin) {
  const left = clamp(Math.floor(x - margin * width), 0, frame.width - 1);
  const top = clamp(Math.floor(y - margin * height), 0, frame.height - 1);
  const region = {
    x: left,
    y: top,
    width: clamp(Math.ceil(x + width + margin * width), left + 1, frame.width) - left,
    height: clamp(Math.ceil(y + height + margin * height), top + 1, frame.height) - top,
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
