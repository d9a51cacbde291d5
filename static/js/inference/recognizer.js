/**
 * Detect, crop, input, predict, track, smooth: from a frame to its faces. Twin of
 * app/inference/recognizer.py, and like it without a word on where frames come from.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').Face} Face
 * @typedef {import('../types.js').Pixels} Pixels
 * @typedef {import('../types.js').Result} Result
 *
 * @typedef {object} Frame  A frame whose pixels can be read; see frame-canvas.js.
 * @property {number} width
 * @property {number} height
 * @property {(place: import('./letterbox.js').Letterbox) => Pixels} picture  the frame in its letterbox
 * @property {(region: Box) => Pixels} pixels  whole pixels of the frame at its own size
 */

import { expressionOf } from '../argmax.js';
import { SIZE, STEP } from './blazeface-decoder.js';
import { FaceFollower } from './tracking/face-tracking.js';
import { letterbox } from './letterbox.js';
import { BoxSmoother } from './tracking/box-smoothing.js';
import { pixelsUnder, toInput } from './preprocess.js';
import { ScoreSmoother } from './tracking/score-smoothing.js';
import { VIEWS, cropView, meanOf, mirror } from './test-time-augmentation.js';

/**
 * Of a video's faces at most this many are classified in one frame, in turn: with ten faces, a frame then costs
 * three times what it costs with one, and each face's scores are as new as if all were classified at once.
 */
export const TURN = 3;

/**
 * @typedef {object} Seen  A face in a frame, before it is classified.
 * @property {number} id
 * @property {Box} box
 * @property {{pixels: Pixels, region: Box}} [patch]  pixels round it that were read already
 *
 * @typedef {{face: Seen, view: number}} Job  One picture to classify: which of `VIEWS` of a face.
 *
 * @typedef {object} Known  What has been said of a face in a video.
 * @property {Float64Array} scores  smoothed
 * @property {number} turn  when it was classified last
 * @property {Float32Array[]} views  what was said last of each view
 * @property {number} next  the view whose turn it is
 */

export class Recognizer {
  /**
   * @param {import('./face-detector.js').FaceDetector} detector
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   */
  constructor(detector, classifier) {
    this.detector = detector;
    this.classifier = classifier;
    this.follower = new FaceFollower((frame, glance) => this.detect(frame, glance ? SIZE / 2 : SIZE));
    this.smoother = new ScoreSmoother();
    this.boxes = new BoxSmoother();
    /** @type {Map<number, Known>}  by id */
    this.scores = new Map();
    this.turn = 0;
  }

  /**
   * The faces of one frame, largest first. Tracked, frames are those of one video: faces are followed from one to
   * the next and keep their numbers, scores and boxes are smoothed. Otherwise they are numbered within this frame.
   *
   * @param {Frame} frame
   * @param {{timestamp: number, track: boolean, started?: number}} options  timestamp in
   *   milliseconds; started: since when to count the time spent, by performance.now()
   * @returns {Result}
   */
  recognize(frame, { timestamp, track, started = performance.now() }) {
    const { width, height } = frame;
    const { seen, detected } = track ? this.follow(frame, timestamp) : this.look(frame);
    seen.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
    const found = performance.now();
    // Of a video's faces one view a frame, in turn; of a picture's all.
    const jobs = track
      ? this.choose(seen).map((face) => ({ face, view: this.scores.get(face.id)?.next ?? 0 }))
      : seen.flatMap((face) => VIEWS.map((_, view) => ({ face, view })));
    const batch = this.toBatch(frame, jobs);
    const cropped = performance.now();
    const probabilities = this.classifier.predict(batch, jobs.length);
    const predicted = performance.now();
    const rows = rowsOf(probabilities, this.classifier.contract.labels.length);
    const faces = track
      ? this.toTracked(seen, jobs, rows, timestamp)
      : seen.map(({ id, box }, i) => this.toFace(id, box, meanOf(rows.slice(i * VIEWS.length, (i + 1) * VIEWS.length))));
    return {
      faces,
      timings: {
        detect: found - started,
        crop: cropped - found,
        predict: predicted - cropped,
        total: performance.now() - started,
      },
      image: { width, height },
      timestamp,
      detected,
    };
  }

  /**
   * Boxes of the faces in a frame, most certain first.
   *
   * @param {Frame} frame
   * @param {number} [size]  longer side of the picture that the detector sees
   * @returns {Box[]}
   */
  detect(frame, size = SIZE) {
    const place = letterbox(frame.width, frame.height, size, STEP);
    return this.detector.detect(frame.picture(place), place);
  }

  /** @param {Frame} frame @returns {{seen: Seen[], detected: boolean}} */
  look(frame) {
    const boxes = this.detect(frame).sort((a, b) => b.width * b.height - a.width * a.height);
    return { seen: boxes.map((box, id) => ({ id, box })), detected: true };
  }

  /** @param {Frame} frame @param {number} timestamp @returns {{seen: Seen[], detected: boolean}} */
  follow(frame, timestamp) {
    const { known, detected } = this.follower.update(frame, timestamp);
    const remembered = this.follower.tracker.ids();
    this.smoother.keep(remembered);
    this.boxes.keep(remembered);
    for (const id of this.scores.keys()) if (!remembered.has(id)) this.scores.delete(id);
    return { seen: [...known], detected };
  }

  /**
   * Whose turn it is to be classified: all who never were, then those who were longest ago.
   *
   * @param {Seen[]} seen
   * @returns {Seen[]}
   */
  choose(seen) {
    if (seen.length <= TURN) return seen;
    const last = (/** @type {Seen} */ { id }) => this.scores.get(id)?.turn ?? -1;
    const fresh = seen.filter((face) => last(face) < 0).length;
    return [...seen].sort((a, b) => last(a) - last(b)).slice(0, Math.max(fresh, TURN));
  }

  /**
   * @param {Frame} frame
   * @param {Job[]} jobs
   * @returns {Float32Array} (n, height, width, channels) in 0..255
   */
  toBatch(frame, jobs) {
    const { input, crop } = this.classifier.contract;
    const length = input.height * input.width * input.channels;
    const batch = new Float32Array(jobs.length * length);
    jobs.forEach(({ face: { box, patch }, view }, index) => {
      const cut = cropView(box, crop, VIEWS[view]);
      const under = pixelsUnder(cut, frame);
      const { pixels, region } =
        patch && holds(patch.region, under) ? patch : { pixels: frame.pixels(under), region: under };
      const own = batch.subarray(index * length, (index + 1) * length);
      toInput(pixels, { ...cut, x: cut.x - region.x, y: cut.y - region.y }, input, own);
      if (VIEWS[view].mirrored) mirror(own, input);
    });
    return batch;
  }

  /**
   * @param {Seen[]} seen
   * @param {Job[]} jobs  what was classified
   * @param {Float32Array[]} rows  their scores
   * @param {number} timestamp
   * @returns {Face[]}
   */
  toTracked(seen, jobs, rows, timestamp) {
    jobs.forEach(({ face: { id }, view }, index) => {
      const views = [...(this.scores.get(id)?.views ?? [])];
      views[view] = rows[index];
      const scores = this.smoother.update(id, meanOf(views), timestamp);
      this.scores.set(id, { scores, turn: this.turn++, views, next: (view + 1) % VIEWS.length });
    });
    return seen.map(({ id, box }) =>
      this.toFace(id, this.boxes.update(id, box, timestamp), this.scores.get(id)?.scores ?? []),
    );
  }

  /**
   * @param {number} id
   * @param {Box} box
   * @param {ArrayLike<number>} scores  in the contract's order
   * @returns {Face}
   */
  toFace(id, box, scores) {
    return { id, box, ...expressionOf(scores, this.classifier.contract) };
  }

  /** Gives back the networks' memory. */
  dispose() {
    this.detector.dispose();
    this.classifier.dispose();
  }
}

/** @param {Float32Array} values @param {number} width @returns {Float32Array[]} */
function rowsOf(values, width) {
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

/** Whether a region holds another. @param {Box} outer @param {Box} inner */
function holds(outer, inner) {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}
