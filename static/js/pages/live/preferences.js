/**
 * The user's preferences, stored in this browser only. Where storage is blocked (a setting, a private window), they hold
 * as long as the page is open.
 *
 * @typedef {object} Preferences
 * @property {string} camera  its deviceId; '' for the one that faces the user
 * @property {boolean} mirror  whether cameras that face the user are mirrored
 * @property {boolean} timeline  whether the panel is open
 * @property {boolean} session  whether the panel is open
 * @property {number} span  seconds that the timeline shows; 0: the whole recording
 * @property {boolean} keys  whether keyboard shortcuts are on
 */

const KEY = 'mien.live';

/** @type {Preferences} */
export const PRESET = { camera: '', mirror: true, timeline: true, session: false, span: 60, keys: true };

/**
 * @param {() => Storage} storage  may throw, as `localStorage` does where it is blocked
 * @returns {Preferences} setting a property stores it
 */
export function createPreferences(storage) {
  /** @type {Preferences} */
  const values = { ...PRESET };
  try {
    Object.assign(values, validOnly(JSON.parse(storage().getItem(KEY) ?? '{}')));
  } catch {
    // storage is blocked, or holds something else
  }
  return new Proxy(values, {
    set(_, name, value) {
      Object.assign(values, { [name]: value });
      try {
        storage().setItem(KEY, JSON.stringify(values));
      } catch {
        // storage is blocked: the value holds for this visit
      }
      return true;
    },
  });
}

/**
 * The stored preferences that have a known name and the right type: another release may have written them.
 *
 * @param {unknown} stored
 * @returns {Partial<Preferences>}
 */
function validOnly(stored) {
  if (typeof stored !== 'object' || stored === null) return {};
  const valid = Object.entries(stored).filter(([name, value]) => name in PRESET && typeof value === typeof PRESET[/** @type {keyof Preferences} */ (name)]);
  return Object.fromEntries(valid);
}
