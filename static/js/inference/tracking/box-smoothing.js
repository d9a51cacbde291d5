/**
 * Smooth boxes over time, strongly while a head is still and hardly while it moves: the one-euro filter (Casiez,
 * Roussel & Vogel 2012, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems"). Pure.
 *
 * Movement is measured in units of the box's side, and size by its logarithm, so that near and far faces are treated
 * alike. Only the box that is drawn is smoothed; what is classified is steadied in face-finder.js.
 *
 * @typedef {import('../../types.js').Box} Box
 */

/**
 * The filter's parameters. `minCutoff`: cut-off frequency of a still box, in hertz. `beta`: what is added to it where the
 * box moves by its own side in a second, or doubles its size. `derivativeCutoff`: cut-off frequency of the speed. By tests/benchmarks/steadiness.mjs at 30
 * frames a second, the box of a still head jitters 2.5 times less than without the filter; the box of a head that moves
 * by three sides a second lags by 1.2 % of its side.
 */
export const PARAMETERS = { minCutoff: 0.5, beta: 12, derivativeCutoff: 3 };

export class BoxSmoother {
  /** @param {typeof PARAMETERS} [parameters] */
  constructor(parameters = PARAMETERS) {
    this.parameters = parameters;
    /** @type {Map<number, {time: number, values: number[], speeds: number[]}>} */
    this.states = new Map();
  }

  /**
   * Adds the measured box of a face at one time.
   *
   * @param {number} id  the face's number
   * @param {Box} box
   * @param {number} timestamp  in milliseconds
   * @returns {Box} the smoothed box
   */
  update(id, box, timestamp) {
    const now = [box.x + box.width / 2, box.y + box.height / 2, Math.log2(box.width), Math.log2(box.height)];
    const state = this.states.get(id);
    if (state === undefined) {
      this.states.set(id, { time: timestamp, values: now, speeds: [0, 0, 0, 0] });
      return box;
    }
    const seconds = (timestamp - state.time) / 1000;
    if (seconds > 0) {
      const { minCutoff, beta, derivativeCutoff } = this.parameters;
      const side = (box.width + box.height) / 2;
      now.forEach((value, i) => {
        const unit = i < 2 ? side : 1;
        const speed = (value - state.values[i]) / unit / seconds;
        state.speeds[i] += weight(derivativeCutoff, seconds) * (speed - state.speeds[i]);
        const cutoff = minCutoff + beta * Math.abs(state.speeds[i]);
        state.values[i] += weight(cutoff, seconds) * (value - state.values[i]);
      });
      state.time = timestamp;
    }
    const [x, y] = state.values;
    const [width, height] = [2 ** state.values[2], 2 ** state.values[3]];
    return { x: x - width / 2, y: y - height / 2, width, height };
  }

  /** Drops the state of all faces but these. @param {Set<number>} ids */
  keep(ids) {
    for (const id of this.states.keys()) if (!ids.has(id)) this.states.delete(id);
  }
}

/** The weight of a new value after this many seconds, in a low-pass filter of this cut-off frequency. @param {number} hertz @param {number} seconds */
function weight(hertz, seconds) {
  return 1 / (1 + 1 / (2 * Math.PI * hertz * seconds));
}
