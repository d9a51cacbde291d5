/**
 * Choose the models that receive a frame, so that heavy ones do not slow down light ones: one worker runs them one
 * after the other, and the frame rate of all would be that of their sum. Each model gains credit with every frame and
 * receives the frame once its credit covers its cost (deficit round robin, Shreedhar & Varghese 1995). The credit of a
 * frame is twice the median of the models' costs. So at least half of the models receive every frame; all of them do if
 * their costs are similar. On average no model takes more than the credit. A frame that a heavy model receives goes to
 * the light ones too. Pure.
 */

import { RecentMedian, median } from '../median.js';

/** The least credit of a frame, in milliseconds. */
export const MIN_CREDIT_MS = 12;
/** How many of a model's latest times its cost is the median of: the machine does other work as well. */
const TIMES = 9;

export class FairScheduler {
  constructor() {
    /** @type {Map<string, {times: RecentMedian, credit: number}>}  in milliseconds */
    this.models = new Map();
  }

  /** @param {string} name */
  add(name) {
    this.models.set(name, { times: new RecentMedian(TIMES), credit: 0 });
  }

  /** @param {string} name */
  remove(name) {
    this.models.delete(name);
  }

  /**
   * The models that receive the next frame, the fastest first; those that have never run are among them.
   *
   * @returns {string[]} names
   */
  due() {
    const costs = [...this.models.values()].map(({ times }) => times.value).filter((cost) => cost !== null);
    const credit = Math.max(MIN_CREDIT_MS, 2 * (median(costs) ?? 0));
    /** @type {[string, number][]} */
    const due = [];
    for (const [name, model] of this.models) {
      const cost = model.times.value ?? 0;
      // No more than one run is saved up: a model that was light must not run in a burst.
      model.credit = Math.min(model.credit + credit, Math.max(cost, credit));
      if (model.credit >= cost) due.push([name, cost]);
    }
    return due.sort(([, a], [, b]) => a - b).map(([name]) => name);
  }

  /** All models, the fastest first: for a picture, which every model receives. @returns {string[]} */
  all() {
    return [...this.models]
      .sort(([, a], [, b]) => (a.times.value ?? 0) - (b.times.value ?? 0))
      .map(([name]) => name);
  }

  /**
   * Records what a run cost.
   *
   * @param {string} name
   * @param {number} ms
   */
  report(name, ms) {
    const model = this.models.get(name);
    if (!model) return;
    model.credit = 0;
    model.times.add(ms);
  }
}
