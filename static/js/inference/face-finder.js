/**
 * Find the faces of a frame: those of a picture by detection, those of a video's frames by tracking, with steady
 * boxes. Independent of where frames come from.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').Pixels} Pixels
 *
 * @typedef {object} Frame  A frame whose pixels can be read; see workers/frame-canvas.js.
 * @property {number} width
 * @property {number} height
 * @property {(place: import('./letterbox.js').Letterbox) => Pixels} letterboxed  the whole frame, reduced and with
 *   black or grey beside it
 * @property {(region: Box) => Pixels} pixels  whole pixels of the frame at its own size
 *
 * @typedef {object} LocatedFace  A face in a frame, before it is classified.
 * @property {number} id  of a video's face: the same from frame to frame; of a picture's: its place in the list
 * @property {Box} box  where it is in this frame: what is cut out for the classifier
 * @property {Box} steadyBox  where to show it: of a video's face smoothed over time, of a picture's the same as `box`
 * @property {{pixels: Pixels, region: Box}} [patch]  pixels round it that were read already
 */

import { VideoSearch, searchPicture } from './face-search.js';
import { BoxSmoother } from './tracking/box-smoothing.js';
import { FaceTracker } from './tracking/face-tracking.js';

export class FaceFinder {
  /** @param {import('./face-detector.js').FaceDetector} detector */
  constructor(detector) {
    this.detector = detector;
    const video = new VideoSearch(detector);
    this.tracker = new FaceTracker((frame, reduced) => video.search(frame, reduced));
    this.smoother = new BoxSmoother();
  }

  /**
   * @param {Frame} frame
   * @param {{timestamp: number, track: boolean}} options  timestamp in milliseconds; track: whether this is the next
   *   frame of a video, otherwise it is a picture by itself
   * @returns {{faces: LocatedFace[], detected: boolean}} faces: largest first; detected: whether they were detected in
   *   this frame, otherwise only tracked
   */
  find(frame, { timestamp, track }) {
    const found = track ? this.#track(frame, timestamp) : { faces: this.#detectAll(frame), detected: true };
    found.faces.sort((a, b) => area(b.box) - area(a.box));
    return found;
  }

  /** The ids of a video's faces that are in view or may come back soon. @returns {Set<number>} */
  rememberedIds() {
    return this.tracker.rememberedIds();
  }

  /** @param {Frame} frame @returns {LocatedFace[]} */
  #detectAll(frame) {
    const boxes = searchPicture(this.detector, frame).sort((a, b) => area(b) - area(a));
    return boxes.map((box, id) => ({ id, box, steadyBox: box }));
  }

  /** @param {Frame} frame @param {number} timestamp @returns {{faces: LocatedFace[], detected: boolean}} */
  #track(frame, timestamp) {
    const { faces, detected } = this.tracker.update(frame, timestamp);
    this.smoother.keep(this.rememberedIds());
    const located = faces.map(({ id, box, patch }) => {
      return { id, box, patch, steadyBox: this.smoother.update(id, box, timestamp) };
    });
    return { faces: located, detected };
  }
}

/** @param {Box} box */
const area = ({ width, height }) => width * height;
