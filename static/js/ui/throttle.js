/**
 * Limit how often a changing value is shown, and count results per second. Pure: the caller passes the time.
 */

/**
 * Pass a value on at most once in `milliseconds`, and only if it differs from the last one that was passed on.
 *
 * @param {number} milliseconds
 * @returns {(value: string, now: number) => boolean} `now` in milliseconds; true: show this value
 */
export function createThrottle(milliseconds) {
  let last = '';
  let since = -Infinity;
  return (value, now) => {
    if (now - since < milliseconds || value === last) return false;
    last = value;
    since = now;
    return true;
  };
}

/**
 * Count results per second over the last `span` milliseconds.
 *
 * @param {number} [span]  in milliseconds
 * @returns {(now: number) => number} call it once for each result, with performance.now(); results per second
 */
export function createRateMeter(span = 2000) {
  /** @type {number[]} */
  let times = [];
  return (now) => {
    times = times.filter((time) => now - time < span);
    times.push(now);
    const first = /** @type {number} */ (times[0]);
    return times.length < 2 || now === first ? 0 : ((times.length - 1) * 1000) / (now - first);
  };
}
