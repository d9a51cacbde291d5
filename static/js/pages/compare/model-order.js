/**
 * In which order the compared models stand. Pure.
 *
 * @typedef {'name' | 'year' | 'accuracy' | 'ms' | 'bytes' | 'parameters'} SortKey
 *
 * @typedef {object} Sortable  null where it is not known
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

/** Which way a column is sorted when it is pressed for the first time: what most look for comes first. */
export const DOWN_AT_FIRST = Object.freeze({
  name: false, year: true, accuracy: true, ms: false, bytes: false, parameters: false,
});

/** As the server writes the page. @type {Readonly<Order>} */
export const FIRST_ORDER = Object.freeze({ key: 'year', down: true });

/**
 * The order after a press of a column's heading: the other way round where it is the one already.
 *
 * @param {Order} order
 * @param {SortKey} key
 * @returns {Order}
 */
export function pressed(order, key) {
  return { key, down: order.key === key ? !order.down : DOWN_AT_FIRST[key] };
}

/**
 * The models in order. What is not known stands last, whichever way; of equals the default model stands
 * first, then the more accurate one, then the one that comes first in the alphabet.
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
