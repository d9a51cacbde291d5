/**
 * Holds boxes steady while a head is still and lets them follow at once when it moves: the one-euro filter
 * (Casiez, Roussel & Vogel 2012, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
 * Systems"). Pure.
 *
 * Lengths are counted in sides of the box and sizes by their logarithm, so that it works alike near and far.
 *
 * @typedef {import('../../types.js').Box} Box
 */

/**
 * Cut-off frequency of a still box, in hertz, what is added for each side (or, of sizes, each doubling) a second
 * of speed, and cut-off of the speed itself. By tests/benchmarks/steadiness.mjs at 30 frames a second, a still
 * head's box trembles 2.5 times less than without; that of a head which moves by three sides a second is 1.2 % of
 * its side behind.
 */
export const CUTOFF = { least: 0.5, perSpeed: 12, ofSpeed: 3 };

export class BoxSmoother {
  /** @param {typeof CUTOFF} [cutoff] */
  constructor(cutoff = CUTOFF) {
    this.cutoff = cutoff;
    /** @type {Map<number, {time: number, values: number[], speeds: number[]}>} */
    this.states = new Map();
  }

  /**
   * Takes in where a face is at one time.
   *
   * @param {number} id  the face's number
   * @param {Box} box
   * @param {number} timestamp  in milliseconds
   * @returns {Box} where to show it
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
      const { least, perSpeed, ofSpeed } = this.cutoff;
      const side = (box.width + box.height) / 2;
      now.forEach((value, i) => {
        const unit = i < 2 ? side : 1;
        const speed = (value - state.values[i]) / unit / seconds;
        state.speeds[i] += weight(ofSpeed, seconds) * (speed - state.speeds[i]);
        const cutoff = least + perSpeed * Math.abs(state.speeds[i]);
        state.values[i] += weight(cutoff, seconds) * (value - state.values[i]);
      });
      state.time = timestamp;
    }
    const [x, y] = state.values;
    const [width, height] = [2 ** state.values[2], 2 ** state.values[3]];
    return { x: x - width / 2, y: y - height / 2, width, height };
  }

  /** Forgets all faces but these. @param {Set<number>} ids */
  keep(ids) {
    for (const id of this.states.keys()) if (!ids.has(id)) this.states.delete(id);
  }
}

/** What a new value weighs after this many seconds, in a low pass of this cut-off. @param {number} hertz @param {number} seconds */
function weight(hertz, seconds) {
  return 1 / (1 + 1 / (2 * Math.PI * hertz * seconds));
}
