/**
 * Number the starts and stops of the page, so that work that began earlier notices when it is out of date. Pure.
 *
 * @typedef {object} Attempt  One start or stop.
 * @property {() => boolean} isCurrent  false once another has begun
 */

/** @returns {{begin: () => Attempt, readonly current: Attempt}} */
export function createAttempts() {
  let latest = 0;
  const attempt = () => {
    const number = latest;
    return { isCurrent: () => number === latest };
  };
  return {
    begin() {
      latest += 1;
      return attempt();
    },
    get current() {
      return attempt();
    },
  };
}
