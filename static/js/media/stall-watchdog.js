/**
 * Watchdog for something that normally comes all the time: report when it stops, and when it comes again. Pure.
 *
 * @param {number} milliseconds  without a signal, after which it counts as stalled
 * @param {(stalled: boolean) => void} onChange  called with true when it stalls, with false when it comes again
 * @returns {{signal: () => void, stop: () => void}} signal: it came (the first call starts the watchdog); stop: ends the
 *   watchdog until the next signal
 */
export function createStallWatchdog(milliseconds, onChange) {
  let stalled = false;
  let last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  // One timer for many signals: what comes sixty times a second only stores its time.
  const check = () => {
    const left = last + milliseconds - performance.now();
    if (left > 0) timer = setTimeout(check, left);
    else {
      timer = undefined;
      stalled = true;
      onChange(true);
    }
  };
  return {
    signal() {
      last = performance.now();
      if (stalled) {
        stalled = false;
        onChange(false);
      }
      timer ??= setTimeout(check, milliseconds);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      stalled = false;
    },
  };
}
