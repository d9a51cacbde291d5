/**
 * Several models on the same face: one detection a frame, one crop for all models that want the same, each
 * model's own input, and scores as the live page shows them. Without a word on where frames and models come from.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').ModelContract} ModelContract
 * @typedef {import('./recognizer.js').Frame} Frame
 *
 * @typedef {object} Score  What one model says of the face.
 * @property {string} name  the model's
 * @property {string} label  the one with the highest score
 * @property {number} score  0..1
 * @property {Record<string, number>} scores  label -> calibrated probability, in the contract's order
 * @property {boolean} unsure
 * @property {number} ms  how long the network took
 *
 * @typedef {object} Failure  A model that gave up; it has been taken out.
 * @property {string} name
 * @property {string} problem  a sentence
 *
 * @typedef {object} Compared  One frame.
 * @property {Box | null} box  of the face that was looked at, in pixels of the frame; null where there is none
 * @property {Score[]} scores  of the models whose turn it was, the lightest first
 * @property {Failure[]} failures
 * @property {{detect: number, total: number}} timings  milliseconds
 * @property {{width: number, height: number}} image
 */

import { expressionOf } from '../argmax.js';
import { SIZE, STEP } from './blazeface-decoder.js';
import { largestFace } from './largest-face.js';
import { letterbox } from './letterbox.js';
import { cropBox, pixelsUnder, toInput } from './preprocess.js';
import { ScoreSmoother } from './tracking/score-smoothing.js';
import { Turns } from './fair-scheduler.js';

/** The smoother's number of the one face. */
const FACE = 0;

export class Comparison {
  /** @param {import('./face-detector.js').FaceDetector} detector */
  constructor(detector) {
    this.detector = detector;
    /** @type {Map<string, {classifier: import('./classifier.js').ExpressionClassifier, smoother: ScoreSmoother}>} */
    this.models = new Map();
    this.turns = new Turns();
    /** @type {Box | null}  of the frame before */
    this.before = null;
  }

  /**
   * @param {string} name
   * @param {import('./classifier.js').ExpressionClassifier} classifier
   */
  add(name, classifier) {
    this.remove(name);
    this.models.set(name, { classifier, smoother: new ScoreSmoother() });
    this.turns.add(name);
  }

  /** Takes a model out and gives back its memory. @param {string} name */
  remove(name) {
    this.models.get(name)?.classifier.dispose();
    this.models.delete(name);
    this.turns.remove(name);
  }

  /**
   * @param {Frame} frame
   * @param {{timestamp: number, live: boolean, started?: number}} options  timestamp in milliseconds; live: the next
   *   frame of a video, where heavy models take turns and scores are smoothed over time; otherwise a picture, which
   *   every model sees; started: since when to count the time spent, by performance.now()
   * @returns {Compared}
   */
  compare(frame, { timestamp, live, started = performance.now() }) {
    const { width, height } = frame;
    const place = letterbox(width, height, SIZE, STEP);
    const found = largestFace(this.detector.detect(frame.picture(place), place), live ? this.before : null);
    const detected = performance.now();
    this.before = live ? (found?.box ?? null) : null;
    if (!found?.same) this.forget();
    /** @type {Score[]} */
    const scores = [];
    /** @type {Failure[]} */
    const failures = [];
    if (found) {
      const inputOf = inputs(frame, found.box);
      for (const name of live ? this.turns.next() : this.turns.all()) {
        try {
          scores.push(this.look(name, inputOf, timestamp));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          failures.push({ name, problem: `The model stopped working: ${reason}`.replace(/\.?$/, '.') });
          this.remove(name);
        }
      }
    }
    return {
      box: found?.box ?? null,
      scores,
      failures,
      timings: { detect: detected - started, total: performance.now() - started },
      image: { width, height },
    };
  }

  /**
   * @param {string} name
   * @param {(contract: ModelContract) => Float32Array} inputOf
   * @param {number} timestamp
   * @returns {Score}
   */
  look(name, inputOf, timestamp) {
    const { classifier, smoother } = /** @type {NonNullable<ReturnType<typeof this.models.get>>} */ (this.models.get(name));
    const input = inputOf(classifier.contract);
    const before = performance.now();
    const probabilities = classifier.predict(input, 1);
    const ms = performance.now() - before;
    this.turns.took(name, ms);
    const smooth = smoother.update(FACE, probabilities, timestamp);
    return { name, ...expressionOf(smooth, classifier.contract), ms };
  }

  /** Another face: what was seen before has nothing to do with it. */
  forget() {
    for (const { smoother } of this.models.values()) smoother.keep(new Set());
  }

  /** Gives back all networks' memory. */
  dispose() {
    for (const name of [...this.models.keys()]) this.remove(name);
    this.detector.dispose();
  }
}

/**
 * Makes each model's input of one face; models that want the same one share it.
 *
 * @param {Frame} frame
 * @param {Box} box
 * @returns {(contract: ModelContract) => Float32Array} (height, width, channels) in 0..255
 */
function inputs(frame, box) {
  /** @type {Map<string, Float32Array>} */
  const made = new Map();
  return ({ input, crop }) => {
    const key = [input.height, input.width, input.channels, crop.margin].join();
    let values = made.get(key);
    if (values === undefined) {
      const cut = cropBox(box, crop);
      const region = pixelsUnder(cut, frame);
      values = toInput(frame.pixels(region), { ...cut, x: cut.x - region.x, y: cut.y - region.y }, input);
      made.set(key, values);
    }
    return values;
  };
}
