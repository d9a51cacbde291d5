/**
 * Recognise the expressions of the faces in a frame: find, crop, classify. Twin of app/inference/recognizer.py;
 * independent of where frames come from.
 *
 * @typedef {import('../types.js').Result} Result
 */

import { expressionOf } from '../argmax.js';
import { FaceCrops } from './face-crops.js';
import { DETECTOR } from './face-detector.js';
import { FaceFinder } from './face-finder.js';
import { FaceScorer } from './face-scorer.js';

export class ExpressionRecognizer {
  /**
   * @param {import('./face-detector.js').FaceDetector} detector
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   */
  constructor(detector, classifier) {
    this.detector = detector;
    this.classifier = classifier;
    this.finder = new FaceFinder(detector);
    this.scorer = new FaceScorer(classifier);
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
    if (track) this.scorer.keep(this.finder.rememberedIds());
    const found = performance.now();
    const crops = new FaceCrops(frame);
    const { scores, timings } = track
      ? this.scorer.scoreFrame(crops, faces, timestamp)
      : this.scorer.scorePicture(crops, faces);
    const { contract } = this.classifier;
    return {
      faces: faces.map(({ id, steadyBox }, i) => {
        return { id, box: steadyBox, detector: DETECTOR, ...expressionOf(scores[i], contract) };
      }),
      timings: { detect: found - started, ...timings, total: performance.now() - started },
      image: { width, height },
      timestamp,
      detected,
    };
  }
}
