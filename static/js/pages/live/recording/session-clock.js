/**
 * Seconds since a start, also across the sleep of a device: browsers' own clock of milliseconds stands still
 * meanwhile on some systems, and the time of day jumps when it is set. Pure.
 */

/** The time of day may gain this much, in milliseconds, before it counts as sleep. */
const SLEEP_MS = 1000;

export class SessionClock {
  /**
   * @param {() => number} [now]  milliseconds that never go back
   * @param {() => number} [day]  milliseconds since 1970
   */
  constructor(now = () => performance.now(), day = () => Date.now()) {
    this.now = now;
    this.day = day;
    this.zero = now();
    /** When second 0 was. */
    this.started = new Date(day());
    this.slept = 0;
  }

  /**
   * @param {number} [timestamp]  of `now`; the present where not given
   * @returns {number} seconds since the start
   */
  seconds(timestamp = this.now()) {
    const ahead = this.day() - this.started.getTime() - (this.now() - this.zero);
    // A clock that is set back is not followed: time does not go back here.
    if (ahead - this.slept > SLEEP_MS) this.slept = ahead;
    return Math.max(0, timestamp - this.zero + this.slept) / 1000;
  }
}
