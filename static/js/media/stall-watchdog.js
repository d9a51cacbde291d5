/**
 * Notices that something which comes all the time has stopped coming. Pure.
 *
 * @param {number} milliseconds  after which nothing counts as silence
 * @param {(silent: boolean) => void} onChange  called with true as silence begins, with false as it ends
 * @returns {{heard: () => void, stop: () => void}} heard: it came (the first call starts the watch); stop: no call of
 *   `onChange` follows
 */
export function watchSilence(milliseconds, onChange) {
  let silent = false;
  let last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  // One timer for many calls: what comes sixty times a second only leaves its time here.
  const look = () => {
    const left = last + milliseconds - performance.now();
    if (left > 0) timer = setTimeout(look, left);
    else {
      timer = undefined;
      silent = true;
      onChange(true);
    }
  };
  return {
    heard() {
      last = performance.now();
      if (silent) {
        silent = false;
        onChange(false);
      }
      timer ??= setTimeout(look, milliseconds);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      silent = false;
    },
  };
}
