/**
 * Keyboard shortcuts of the live page: which key has which action, and when keys are ignored. Pure.
 *
 * @typedef {'pause' | 'start' | 'mirror' | 'camera' | 'open' | 'picture' | 'csv' | 'json' | 'timeline' | 'full' | 'help'} Action
 */

/** @type {{keys: string[], action: Action, text: string}[]}  `text`: shown in the dialog */
export const SHORTCUTS = [
  { keys: ['S'], action: 'start', text: 'Start the camera, or stop' },
  { keys: ['P', 'Space'], action: 'pause', text: 'Pause or resume' },
  { keys: ['O'], action: 'open', text: 'Open a video or picture' },
  { keys: ['C'], action: 'camera', text: 'Next camera' },
  { keys: ['M'], action: 'mirror', text: 'Mirror on or off' },
  { keys: ['F'], action: 'full', text: 'Full screen' },
  { keys: ['T'], action: 'timeline', text: 'Show or hide the timeline' },
  { keys: ['I'], action: 'picture', text: 'Save the picture with the faces drawn on it' },
  { keys: ['E'], action: 'csv', text: 'Save the recording as CSV' },
  { keys: ['J'], action: 'json', text: 'Save the recording as JSON' },
  { keys: ['?'], action: 'help', text: 'Show this list' },
];

/** Elements that use letter keys themselves. */
const FIELDS = 'textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button])';
/** Elements that the space bar activates. */
const ACTIVATED = 'button, a, summary, input, [role=slider]';

/**
 * @typedef {object} KeyPress  The members of a KeyboardEvent that matter here.
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
 * @param {KeyPress} press
 * @returns {Action | null} null: the key has no action here
 */
export function actionOf({ key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing, target }) {
  if (ctrlKey || metaKey || altKey || repeat || defaultPrevented || isComposing) return null;
  if (target?.closest?.(`dialog, ${FIELDS}`)) return null;
  if (key === ' ' && target?.closest?.(ACTIVATED)) return null;
  const name = key === ' ' ? 'Space' : key.toUpperCase();
  return SHORTCUTS.find(({ keys }) => keys.includes(name))?.action ?? null;
}
