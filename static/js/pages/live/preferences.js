/**
 * What the visitor chose, remembered in this browser and nowhere else. Where the browser keeps nothing (a setting,
 * a private window), a choice holds for as long as the page is open.
 *
 * @typedef {object} Preferences
 * @property {string} camera  its deviceId; '' for whichever faces the visitor
 * @property {boolean} mirror  of cameras that face the visitor
 * @property {boolean} timeline  whether the panel is open
 * @property {boolean} session  whether the panel is open
 * @property {number} span  seconds that the timeline shows; 0: all
 * @property {boolean} keys  whether keys do something
 */

const KEY = 'mien.live';

/** @type {Preferences} */
export const PRESET = { camera: '', mirror: true, timeline: true, session: false, span: 60, keys: true };

/**
 * @param {() => Storage} storage  may throw, as `localStorage` does where it is blocked
 * @returns {Preferences} setting a property remembers it
 */
export function createPreferences(storage) {
  /** @type {Preferences} */
  const held = { ...PRESET };
  try {
    Object.assign(held, sane(JSON.parse(storage().getItem(KEY) ?? '{}')));
  } catch {
    // blocked, or not ours
  }
  return new Proxy(held, {
    set(_, name, value) {
      Object.assign(held, { [name]: value });
      try {
        storage().setItem(KEY, JSON.stringify(held));
      } catch {
        // then it holds for this visit
      }
      return true;
    },
  });
}

/**
 * Of what was kept, all that a choice may be: an older release, or somebody's own hand, may have written it.
 *
 * @param {unknown} kept
 * @returns {Partial<Preferences>}
 */
function sane(kept) {
  if (typeof kept !== 'object' || kept === null) return {};
  const good = Object.entries(kept).filter(([name, value]) => name in PRESET && typeof value === typeof PRESET[/** @type {keyof Preferences} */ (name)]);
  return Object.fromEntries(good);
}
