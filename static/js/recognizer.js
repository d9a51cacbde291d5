/**
 * Detect, crop, input, predict, track, smooth: from a frame to its faces. Twin of
 * app/inference/recognizer.py, and like it without a word on where frames come from.
 *
 * @typedef {import('./types.js').Box} Box
 * @typedef {import('./types.js').Face} Face
 * @typedef {import('./types.js').Pixels} Pixels
 * @typedef {import('./types.js').Result} Result
 *
 * @typedef {object} Frame  A frame whose pixels can be read; see frame-canvas.js.
 * @property {number} width
 * @property {number} height
 * @property {(size: number, place: import('./letterbox.js').Letterbox) => Pixels} square
 *   the frame in its letterbox, size x size pixels
 * @property {(region: Box) => Pixels} pixels  whole pixels of the frame at its own size
 */

import { SIZE } from './detections.js';
import { letterbox } from './letterbox.js';
import { cropBox, pixelsUnder, toInput } from './preprocess.js';
import { ScoreSmoother } from './smoothing.js';
import { Tracker } from './tracker.js';

export class Recognizer {
  /**
   * @param {import('./face-detector.js').FaceDetector} detector
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   */
  constructor(detector, classifier) {
    this.detector = detector;
    this.classifier = classifier;
    this.tracker = new Tracker();
    this.smoother = new ScoreSmoother();
  }

  /**
   * The faces of one frame, largest first. Tracked, a face keeps its number from frame to frame
   * and its scores are smoothed; otherwise it is numbered within this frame.
   *
   * @param {Frame} frame
   * @param {{timestamp: number, track: boolean, started?: number}} options  timestamp in
   *   milliseconds; started: since when to count the time spent, by performance.now()
   * @returns {Result}
   */
  recognize(frame, { timestamp, track, started = performance.now() }) {
    const { width, height } = frame;
    const place = letterbox(width, height, SIZE);
    const boxes = this.detector
      .detect(frame.square(SIZE, place), place)
      .sort((a, b) => b.width * b.height - a.width * a.height);
    const detected = performance.now();
    const batch = this.toBatch(frame, boxes);
    const cropped = performance.now();
    const probabilities = this.classifier.predict(batch, boxes.length);
    const predicted = performance.now();
    const faces = this.toFaces(boxes, probabilities, timestamp, track);
    return {
      faces,
      timings: {
        detect: detected - started,
        crop: cropped - detected,
        predict: predicted - cropped,
        total: performance.now() - started,
      },
      image: { width, height },
      timestamp,
    };
  }

  /**
   * @param {Frame} frame
   * @param {Box[]} boxes
   * @returns {Float32Array} (n, height, width, channels) in 0..255
   */
  toBatch(frame, boxes) {
    const { input, crop } = this.classifier.contract;
    const length = input.height * input.width * input.channels;
    const batch = new Float32Array(boxes.length * length);
    boxes.forEach((box, index) => {
      const cut = cropBox(box, crop);
      const region = pixelsUnder(cut, frame);
      toInput(
        frame.pixels(region),
        { ...cut, x: cut.x - region.x, y: cut.y - region.y },
        input,
        batch.subarray(index * length, (index + 1) * length),
      );
    });
    return batch;
  }

  /**
   * @param {Box[]} boxes
   * @param {Float32Array} probabilities  (n, labels)
   * @param {number} timestamp
   * @param {boolean} track
   * @returns {Face[]}
   */
  toFaces(boxes, probabilities, timestamp, track) {
    const count = this.classifier.contract.labels.length;
    /** @param {number} index */
    const row = (index) => probabilities.subarray(index * count, (index + 1) * count);
    if (!track) return boxes.map((box, index) => this.toFace(index, box, row(index)));
    const ids = this.tracker.update(boxes, timestamp);
    this.smoother.keep(this.tracker.ids());
    return boxes.map((box, index) =>
      this.toFace(ids[index], box, this.smoother.update(ids[index], row(index), timestamp)),
    );
  }

  /**
   * @param {number} id
   * @param {Box} box
   * @param {ArrayLike<number>} scores  in the contract's order
   * @returns {Face}
   */
  toFace(id, box, scores) {
    const { labels, calibration } = this.classifier.contract;
    let best = 0;
    for (let i = 1; i < labels.length; i++) if (scores[i] > scores[best]) best = i;
    return {
      id,
      box,
      label: labels[best],
      score: scores[best],
      scores: Object.fromEntries(labels.map((label, i) => [label, scores[i]])),
      unsure: scores[best] < calibration.unsure_below,
    };
  }

  /** Gives back the networks' memory. */
  dispose() {
    this.detector.dispose();
    this.classifier.dispose();
  }
}
