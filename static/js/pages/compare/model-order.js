/**
 * Sort the models by a column of the table. Pure.
 *
 * @typedef {'name' | 'year' | 'accuracy' | 'ms' | 'bytes' | 'parameters'} SortKey
 *
 * @typedef {object} Sortable  A model's sortable values; null where unknown.
 * @property {string} name
 * @property {boolean} default
 * @property {number | null} year
 * @property {number | null} accuracy  0..1
 * @property {number | null} ms
 * @property {number | null} bytes
 * @property {number | null} parameters
 *
 * @typedef {object} Order
 * @property {SortKey} key
 * @property {boolean} down  the largest first
 */

/** Whether a column is sorted with the largest first when it is first pressed. */
export const FIRST_DOWN = Object.freeze({
  name: false, year: true, accuracy: true, ms: false, bytes: false, parameters: false,
});

/** The order of the page as the server writes it. @type {Readonly<Order>} */
export const FIRST_ORDER = Object.freeze({ key: 'accuracy', down: true });

/**
 * The order after a press of a column's heading: reversed where the table is sorted by that column already.
 *
 * @param {Order} order
 * @param {SortKey} key
 * @returns {Order}
 */
export function nextOrder(order, key) {
  return { key, down: order.key === key ? !order.down : FIRST_DOWN[key] };
}

/**
 * The models in order. Unknown values come last in either direction; of equal models the default comes first, then the
 * more accurate one, then the first in the alphabet.
 *
 * @template {Sortable} T
 * @param {T[]} models  left as they are
 * @param {Order} order
 * @returns {T[]}
 */
export function sorted(models, { key, down }) {
  return [...models].sort(
    (a, b) =>
      compare(a[key], b[key], down) ||
      Number(b.default) - Number(a.default) ||
      compare(a.accuracy, b.accuracy, true) ||
      compare(a.name, b.name, false),
  );
}

/**
 * @template {string | number} V
 * @param {V | null} a
 * @param {V | null} b
 * @param {boolean} down
 */
function compare(a, b, down) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
}
