/**
 * Which models look at a frame, so that heavy ones do not starve light ones: one worker runs them one after
 * the other, and the frame rate of all would be that of their sum. Each model saves up a share of time with
 * every frame and looks at the frame once it has saved what it takes. The share is twice the median of what the
 * models take, so at least half of them, and all where they are much alike, look at every frame, and none takes
 * more than its share on average; where a heavy one looks, the light ones look at the same frame. Pure.
 */

import { RecentMedian, median } from '../median.js';

/** What every model may take of every frame, however light the others are, in milliseconds. */
export const LEAST_SHARE_MS = 12;
/** How many of a model's last times tell what it takes: a median, since the machine has other things to do. */
const TIMES = 9;

export class Turns {
  constructor() {
    /** @type {Map<string, {times: RecentMedian, saved: number}>}  in milliseconds */
    this.models = new Map();
  }

  /** @param {string} name */
  add(name) {
    this.models.set(name, { times: new RecentMedian(TIMES), saved: 0 });
  }

  /** @param {string} name */
  remove(name) {
    this.models.delete(name);
  }

  /**
   * Whose turn it is with the next frame, the lightest first; those that have never run are among them.
   *
   * @returns {string[]} names
   */
  next() {
    const costs = [...this.models.values()].map(({ times }) => times.value).filter((cost) => cost !== null);
    const share = Math.max(LEAST_SHARE_MS, 2 * (median(costs) ?? 0));
    /** @type {[string, number][]} */
    const due = [];
    for (const [name, model] of this.models) {
      const cost = model.times.value ?? 0;
      // More than one turn is not saved up: a model that was light must not come back in a burst.
      model.saved = Math.min(model.saved + share, Math.max(cost, share));
      if (model.saved >= cost) due.push([name, cost]);
    }
    return due.sort(([, a], [, b]) => a - b).map(([name]) => name);
  }

  /** All models, the lightest first: for a picture, which all are to see. @returns {string[]} */
  all() {
    return [...this.models]
      .sort(([, a], [, b]) => (a.times.value ?? 0) - (b.times.value ?? 0))
      .map(([name]) => name);
  }

  /**
   * Says what a turn took.
   *
   * @param {string} name
   * @param {number} ms
   */
  took(name, ms) {
    const model = this.models.get(name);
    if (!model) return;
    model.saved = 0;
    model.times.add(ms);
  }
}
