/**
 * Recognise the expressions of the faces in a frame: find, crop, classify. Twin of app/inference/recognizer.py;
 * independent of where frames come from.
 *
 * @typedef {import('../types.js').Result} Result
 */

import { expressionOf } from '../argmax.js';
import { Baselines } from './baselines.js';
import { FaceCrops } from './face-crops.js';
import { DETECTOR } from './face-detector.js';
import { FaceFinder } from './face-finder.js';
import { FaceScorer } from './face-scorer.js';

export class ExpressionRecognizer {
  /**
   * @param {import('./face-detector.js').FaceDetector} detector
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   * @param {{automatic?: boolean}} [options]  automatic: whether resting faces are found by themselves
   * @throws {import('../errors.js').RecognizerError} 'baseline' where that needs another model
   */
  constructor(detector, classifier, { automatic = false } = {}) {
    this.detector = detector;
    this.classifier = classifier;
    this.finder = new FaceFinder(detector);
    this.scorer = new FaceScorer(classifier);
    this.baselines = new Baselines(classifier.contract.labels, { automatic });
  }

  /**
   * The faces of one frame, largest first. Tracked, frames are those of one video: faces keep their ids from one to
   * the next; scores and boxes are smoothed. Otherwise ids count within this frame.
   *
   * @param {import('./face-finder.js').Frame} frame
   * @param {{timestamp: number, track: boolean, started?: number}} options  timestamp in milliseconds; started: since
   *   when to count the time spent, by performance.now()
   * @returns {Result}
   */
  recognize(frame, { timestamp, track, started = performance.now() }) {
    const { width, height } = frame;
    const { faces, detected } = this.finder.find(frame, { timestamp, track });
    if (track) {
      this.scorer.keep(this.finder.rememberedIds());
      this.baselines.keep(this.finder.rememberedIds());
    }
    const found = performance.now();
    const crops = new FaceCrops(frame);
    const { scores, timings } = track
      ? this.scorer.scoreFrame(crops, faces, timestamp)
      : this.scorer.scorePicture(crops, faces);
    return {
      faces: faces.map(({ id, steadyBox }, i) => {
        return { id, box: steadyBox, detector: DETECTOR, ...this.#expression(id, scores[i], track ? timestamp : null) };
      }),
      timings: { detect: found - started, ...timings, total: performance.now() - started },
      image: { width, height },
      timestamp,
      detected,
    };
  }

  /**
   * What a face shows: in a video compared with the person's resting face, where it is known.
   *
   * @param {number} id
   * @param {ArrayLike<number>} scores
   * @param {number | null} timestamp  of a video's frame; null for a picture
   */
  #expression(id, scores, timestamp) {
    const { contract } = this.classifier;
    const adjusted = timestamp === null ? null : this.baselines.apply(id, scores, timestamp);
    if (adjusted === null) return expressionOf(scores, contract);
    const named = (/** @type {ArrayLike<number>} */ values) =>
      Object.fromEntries(contract.labels.map((label, i) => [label, values[i]]));
    return {
      ...expressionOf(adjusted.scores, contract),
      change: named(adjusted.change),
      plain_scores: named(scores),
    };
  }
}
