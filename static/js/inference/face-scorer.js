/**
 * Score faces with one model: for a picture the mean over all test-time augmentations, for a video one
 * augmentation a frame, each in its turn, averaged and smoothed over time. The live page and the comparison both score
 * with this class, so that the same frames give the same scores.
 *
 * @typedef {import('./face-finder.js').LocatedFace} LocatedFace
 *
 * @typedef {{face: LocatedFace, augmentation: number}} Crop  One input to classify: a face in one of `AUGMENTATIONS`.
 *
 * @typedef {object} FaceScores  What is known of a face in a video.
 * @property {Float64Array} smoothed
 * @property {number} order  rises with each classification: the lowest was classified longest ago
 * @property {Float32Array[]} latest  the latest scores of each augmentation
 * @property {number} next  the augmentation that comes next
 *
 * @typedef {object} Scored
 * @property {ArrayLike<number>[]} scores  of each face, calibrated probabilities in the contract's order
 * @property {number} crops  how many inputs were classified
 * @property {{crop: number, predict: number}} timings  milliseconds
 */

import { AUGMENTATIONS, meanScores } from './test-time-augmentation.js';
import { ScoreSmoother } from './tracking/score-smoothing.js';

/**
 * Of a video's faces at most this many are classified in one frame, in rotation: with ten faces, a frame then costs
 * three times what it costs with one, and each face's scores are as new as if all were classified at once.
 */
const FACES_PER_FRAME = 3;

export class FaceScorer {
  /** @param {import('./classifier.js').ExpressionClassifier} classifier */
  constructor(classifier) {
    this.classifier = classifier;
    this.smoother = new ScoreSmoother();
    /** @type {Map<number, FaceScores>}  by id */
    this.faces = new Map();
    this.order = 0;
  }

  /**
   * Scores the faces of a picture.
   *
   * @param {import('./face-crops.js').FaceCrops} frameCrops
   * @param {LocatedFace[]} faces
   * @returns {Scored}
   */
  scorePicture(frameCrops, faces) {
    const crops = faces.flatMap((face) => AUGMENTATIONS.map((_, augmentation) => ({ face, augmentation })));
    const { rows, timings } = this.#classify(frameCrops, crops);
    const count = AUGMENTATIONS.length;
    const scores = faces.map((_, i) => meanScores(rows.slice(i * count, (i + 1) * count)));
    return { scores, crops: crops.length, timings };
  }

  /**
   * Scores the faces of a video's next frame.
   *
   * @param {import('./face-crops.js').FaceCrops} frameCrops
   * @param {LocatedFace[]} faces
   * @param {number} timestamp  in milliseconds
   * @returns {Scored}
   */
  scoreFrame(frameCrops, faces, timestamp) {
    const crops = this.#due(faces).map((face) => ({ face, augmentation: this.faces.get(face.id)?.next ?? 0 }));
    const { rows, timings } = this.#classify(frameCrops, crops);
    crops.forEach(({ face: { id }, augmentation }, index) => {
      const latest = [...(this.faces.get(id)?.latest ?? [])];
      latest[augmentation] = rows[index];
      const smoothed = this.smoother.update(id, meanScores(latest), timestamp);
      const next = (augmentation + 1) % AUGMENTATIONS.length;
      this.faces.set(id, { smoothed, order: this.order++, latest, next });
    });
    const scores = faces.map(({ id }) => this.faces.get(id)?.smoothed ?? []);
    return { scores, crops: crops.length, timings };
  }

  /** Forgets a video's faces but these. @param {Set<number>} ids */
  keep(ids) {
    this.smoother.keep(ids);
    for (const id of this.faces.keys()) if (!ids.has(id)) this.faces.delete(id);
  }

  /**
   * The faces to classify in a video's frame: all that never were, then those that were longest ago.
   *
   * @param {LocatedFace[]} faces
   * @returns {LocatedFace[]}
   */
  #due(faces) {
    if (faces.length <= FACES_PER_FRAME) return faces;
    const last = (/** @type {LocatedFace} */ { id }) => this.faces.get(id)?.order ?? -1;
    const fresh = faces.filter((face) => last(face) < 0).length;
    return [...faces].sort((a, b) => last(a) - last(b)).slice(0, Math.max(fresh, FACES_PER_FRAME));
  }

  /** @param {import('./face-crops.js').FaceCrops} frameCrops @param {Crop[]} crops */
  #classify(frameCrops, crops) {
    const started = performance.now();
    const { input, labels } = this.classifier.contract;
    const length = input.height * input.width * input.channels;
    const batch = new Float32Array(crops.length * length);
    crops.forEach(({ face, augmentation }, index) => {
      batch.set(frameCrops.input(face, augmentation, this.classifier.contract), index * length);
    });
    const cropped = performance.now();
    const probabilities = this.classifier.predict(batch, crops.length);
    const rows = crops.map((_, i) => probabilities.subarray(i * labels.length, (i + 1) * labels.length));
    return { rows, timings: { crop: cropped - started, predict: performance.now() - cropped } };
  }
}
