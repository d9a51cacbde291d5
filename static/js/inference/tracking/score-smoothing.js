/**
 * Smooth the scores of faces over time, so that a single frame does not change a label.
 *
 * Exponential smoothing by time, not by frames: after a gap of t the new scores have the weight
 * 1 - exp(-t / TIME_CONSTANT_MS), so that the result is the same at 5 and at 60 frames a second. Pure.
 */

/**
 * A change of expression shows to 63 % after this long, to 95 % after three times as long.
 * Short compared with an expression itself, which lasts half a second to four (Ekman 2003, "Emotions
 * Revealed"); long compared with a frame.
 */
export const TIME_CONSTANT_MS = 200;

export class ScoreSmoother {
  constructor() {
    /** @type {Map<number, {scores: Float64Array, time: number}>} */
    this.states = new Map();
  }

  /**
   * Adds the scores of one face at one time.
   *
   * @param {number} id  the face's number
   * @param {ArrayLike<number>} scores  probabilities
   * @param {number} timestamp  in milliseconds
   * @returns {Float64Array} smoothed probabilities, whose sum is that of `scores`
   */
  update(id, scores, timestamp) {
    const state = this.states.get(id);
    if (state === undefined) {
      const first = Float64Array.from(scores);
      this.states.set(id, { scores: first, time: timestamp });
      return first.slice();
    }
    const weight = 1 - Math.exp(-Math.max(0, timestamp - state.time) / TIME_CONSTANT_MS);
    state.time = timestamp;
    for (let i = 0; i < state.scores.length; i++) {
      state.scores[i] += weight * (scores[i] - state.scores[i]);
    }
    return state.scores.slice();
  }

  /**
   * Drops the state of all faces but these.
   *
   * @param {Set<number>} ids
   */
  keep(ids) {
    for (const id of this.states.keys()) if (!ids.has(id)) this.states.delete(id);
  }
}
