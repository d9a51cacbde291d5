/**
 * Keys of the live page: which does what, and when none does. Pure.
 *
 * @typedef {'pause' | 'start' | 'mirror' | 'camera' | 'open' | 'picture' | 'csv' | 'json' | 'timeline' | 'full' | 'help'} Action
 */

/** @type {{keys: string[], action: Action, words: string}[]}  `words` as the help says them */
export const SHORTCUTS = [
  { keys: ['S'], action: 'start', words: 'Start the camera, or stop' },
  { keys: ['P', 'Space'], action: 'pause', words: 'Pause, or go on' },
  { keys: ['O'], action: 'open', words: 'Open a video or picture' },
  { keys: ['C'], action: 'camera', words: 'Next camera' },
  { keys: ['M'], action: 'mirror', words: 'Mirror' },
  { keys: ['F'], action: 'full', words: 'Full screen' },
  { keys: ['T'], action: 'timeline', words: 'Timeline' },
  { keys: ['I'], action: 'picture', words: 'Save the picture with its faces' },
  { keys: ['E'], action: 'csv', words: 'Save the recording as CSV' },
  { keys: ['J'], action: 'json', words: 'Save the recording as JSON' },
  { keys: ['?'], action: 'help', words: 'This help' },
];

/** What takes letters, or finds an option by them. */
const FIELDS = 'textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button])';
/** What the space bar presses. */
const PRESSED = 'button, a, summary, input, [role=slider]';

/**
 * @typedef {object} Press  What of a KeyboardEvent matters.
 * @property {string} key
 * @property {boolean} [ctrlKey]
 * @property {boolean} [metaKey]
 * @property {boolean} [altKey]
 * @property {boolean} [repeat]
 * @property {boolean} [defaultPrevented]
 * @property {boolean} [isComposing]
 * @property {{closest?: (selector: string) => unknown} | null} target
 */

/**
 * @param {Press} press
 * @returns {Action | null} null: the key is somebody else's
 */
export function actionOf({ key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing, target }) {
  if (ctrlKey || metaKey || altKey || repeat || defaultPrevented || isComposing) return null;
  if (target?.closest?.(`dialog, ${FIELDS}`)) return null;
  if (key === ' ' && target?.closest?.(PRESSED)) return null;
  const name = key === ' ' ? 'Space' : key.toUpperCase();
  return SHORTCUTS.find(({ keys }) => keys.includes(name))?.action ?? null;
}
