/**
 * The help on keys, and the keys themselves. They can be switched off (WCAG 2.1.4): speech input types letters too.
 *
 * @typedef {import('./shortcuts.js').Action} Action
 */

import { byId } from '../../ui/dom.js';
import { SHORTCUTS, actionOf } from './shortcuts.js';

/**
 * @param {{preferences: import('./preferences.js').Preferences, act: Record<Exclude<Action, 'help'>, () => unknown>}} options
 */
export function createShortcutsDialog({ preferences, act }) {
  const dialog = byId('help', HTMLDialogElement);
  const switched = byId('keys-on', HTMLInputElement);
  const help = () => dialog.showModal();

  byId('key-rows', HTMLTableSectionElement).replaceChildren(
    ...SHORTCUTS.map(({ keys, words }) => {
      const row = document.createElement('tr');
      const head = Object.assign(document.createElement('th'), { scope: 'row' });
      keys.forEach((key, index) => head.append(index ? ' or ' : '', Object.assign(document.createElement('kbd'), { textContent: key })));
      row.append(head, Object.assign(document.createElement('td'), { textContent: words }));
      return row;
    }),
  );
  switched.checked = preferences.keys;
  switched.addEventListener('change', () => (preferences.keys = switched.checked));
  byId('show-keys', HTMLButtonElement).addEventListener('click', help);
  // A press beside the dialog closes it.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const action = actionOf({ ...pick(event), target });
    if (!action || !preferences.keys) return;
    event.preventDefault();
    if (action === 'help') help();
    else act[action]();
  });
}

/** @param {KeyboardEvent} event */
const pick = ({ key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing }) => ({
  key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing,
});
