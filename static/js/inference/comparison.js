/**
 * Run several models on the same face: one search for faces a frame, crops that the models share, and scores as the
 * live page gives them. Independent of where frames and models come from.
 *
 * Models score with the class that the recognizer scores with, on the boxes that the recognizer finds. Therefore a
 * picture gets the same scores as on the live page. A video gets them too, from each model that receives every frame.
 * A heavy model receives fewer frames (see fair-scheduler.js); its smoothing takes the time between them into account.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('./face-finder.js').Frame} Frame
 *
 * @typedef {object} Score  What one model gives for the face.
 * @property {string} name  the model's
 * @property {string} label  the one with the highest score
 * @property {number} score  0..1
 * @property {Record<string, number>} scores  label -> calibrated probability, in the contract's order
 * @property {boolean} unsure
 * @property {number} ms  milliseconds that the network took for one crop
 *
 * @typedef {object} Failure  A model that stopped working; it has been removed.
 * @property {string} name
 * @property {string} problem  a sentence
 *
 * @typedef {object} Compared  One frame.
 * @property {Box | null} box  of the face that was classified, in pixels of the frame; null where there is none
 * @property {Score[]} scores  of the models that received this frame, the fastest first
 * @property {Failure[]} failures
 * @property {{detect: number, total: number}} timings  milliseconds
 * @property {{width: number, height: number}} image
 */

import { expressionOf } from '../argmax.js';
import { FaceCrops } from './face-crops.js';
import { FaceFinder } from './face-finder.js';
import { FaceScorer } from './face-scorer.js';
import { FairScheduler } from './fair-scheduler.js';
import { largestFace } from './largest-face.js';

export class Comparison {
  /** @param {import('./face-detector.js').FaceDetector} detector */
  constructor(detector) {
    this.finder = new FaceFinder(detector);
    /** @type {Map<string, FaceScorer>}  by model */
    this.scorers = new Map();
    this.scheduler = new FairScheduler();
    /** @type {number | null}  id of the face that was classified in the video's frame before */
    this.before = null;
  }

  /**
   * Adds a model, in place of one of the same name.
   *
   * @param {string} name
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   */
  add(name, classifier) {
    this.remove(name);
    this.scorers.set(name, new FaceScorer(classifier));
    this.scheduler.add(name);
  }

  /** Removes a model and frees its memory. @param {string} name */
  remove(name) {
    this.scorers.get(name)?.classifier.dispose();
    this.scorers.delete(name);
    this.scheduler.remove(name);
  }

  /**
   * @param {Frame} frame
   * @param {{timestamp: number, track: boolean, started?: number}} options  timestamp in milliseconds; track: whether
   *   this is the next frame of a video, of which heavy models may receive only some, otherwise it is a picture, which
   *   every model receives; started: since when to count the time spent, by performance.now()
   * @returns {Compared}
   */
  compare(frame, { timestamp, track, started = performance.now() }) {
    const { width, height } = frame;
    const { faces } = this.finder.find(frame, { timestamp, track });
    const face = largestFace(faces, track ? this.before : null);
    const detected = performance.now();
    this.before = track ? (face?.id ?? null) : null;
    if (track) for (const scorer of this.scorers.values()) scorer.keep(this.finder.rememberedIds());
    /** @type {Score[]} */
    const scores = [];
    /** @type {Failure[]} */
    const failures = [];
    if (face) {
      const crops = new FaceCrops(frame);
      for (const name of track ? this.scheduler.due() : this.scheduler.all()) {
        try {
          scores.push(this.#score(name, crops, face, { timestamp, track }));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          failures.push({ name, problem: `The model stopped working: ${reason}`.replace(/\.?$/, '.') });
          this.remove(name);
        }
      }
    }
    return {
      box: face?.steadyBox ?? null,
      scores,
      failures,
      timings: { detect: detected - started, total: performance.now() - started },
      image: { width, height },
    };
  }

  /**
   * @param {string} name
   * @param {FaceCrops} frameCrops
   * @param {import('./face-finder.js').LocatedFace} face
   * @param {{timestamp: number, track: boolean}} options
   * @returns {Score}
   */
  #score(name, frameCrops, face, { timestamp, track }) {
    const scorer = /** @type {FaceScorer} */ (this.scorers.get(name));
    const { scores, crops, timings } = track
      ? scorer.scoreFrame(frameCrops, [face], timestamp)
      : scorer.scorePicture(frameCrops, [face]);
    const ms = timings.predict / crops;
    this.scheduler.report(name, ms);
    return { name, ...expressionOf(scores[0], scorer.classifier.contract), ms };
  }
}
