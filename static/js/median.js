/** Medians. Pure. */

/**
 * @param {number[]} values
 * @returns {number | null} null where there are none
 */
export function median(values) {
  if (values.length === 0) return null;
  const order = [...values].sort((a, b) => a - b);
  const middle = order.length >> 1;
  return order.length % 2 ? order[middle] : (order[middle - 1] + order[middle]) / 2;
}

/** The median of the latest values. */
export class RecentMedian {
  /** @param {number} [most]  how many values are kept */
  constructor(most = 31) {
    this.most = most;
    /** @type {number[]} */
    this.values = [];
  }

  /** @param {number} value */
  add(value) {
    this.values.push(value);
    if (this.values.length > this.most) this.values.shift();
  }

  /** @returns {number | null} */
  get value() {
    return median(this.values);
  }

  /** How many values are kept at present, `most` at most. */
  get count() {
    return this.values.length;
  }
}
