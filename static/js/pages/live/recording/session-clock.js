/**
 * Measure seconds since the start of a session, including the time that the device sleeps: on some systems
 * performance.now() does not count sleep, and Date.now() jumps when the clock is set. Pure.
 */

/** Date.now() may run ahead of performance.now() by this many milliseconds before the difference counts as sleep. */
const SLEEP_MS = 1000;

export class SessionClock {
  /**
   * @param {() => number} [now]  monotonic milliseconds
   * @param {() => number} [wallClock]  milliseconds since 1970
   */
  constructor(now = () => performance.now(), wallClock = () => Date.now()) {
    this.now = now;
    this.wallClock = wallClock;
    this.zero = now();
    /** Time of second 0. */
    this.started = new Date(wallClock());
    this.slept = 0;
  }

  /**
   * @param {number} [timestamp]  a value of `now`; the present one if not given
   * @returns {number} seconds since the start
   */
  seconds(timestamp = this.now()) {
    const ahead = this.wallClock() - this.started.getTime() - (this.now() - this.zero);
    // If the wall clock is set back, keep counting: this time never decreases.
    if (ahead - this.slept > SLEEP_MS) this.slept = ahead;
    return Math.max(0, timestamp - this.zero + this.slept) / 1000;
  }
}
