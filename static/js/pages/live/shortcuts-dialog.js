/**
 * Handle the keyboard shortcuts and show the dialog that lists them. They can be turned off (WCAG 2.1.4), since speech
 * input types letters too.
 *
 * @typedef {import('./shortcuts.js').Action} Action
 */

import { byId } from '../../ui/dom.js';
import { SHORTCUTS, actionOf } from './shortcuts.js';

/**
 * @param {{preferences: import('./preferences.js').Preferences, actions: Record<Exclude<Action, 'help'>, () => unknown>}} options
 */
export function createShortcutsDialog({ preferences, actions }) {
  const dialog = byId('shortcuts-dialog', HTMLDialogElement);
  const enabled = byId('shortcuts-enabled', HTMLInputElement);
  const open = () => dialog.showModal();

  byId('shortcut-rows', HTMLTableSectionElement).replaceChildren(
    ...SHORTCUTS.map(({ keys, text }) => {
      const row = document.createElement('tr');
      const head = Object.assign(document.createElement('th'), { scope: 'row' });
      keys.forEach((key, index) => head.append(index ? ' or ' : '', Object.assign(document.createElement('kbd'), { textContent: key })));
      row.append(head, Object.assign(document.createElement('td'), { textContent: text }));
      return row;
    }),
  );
  enabled.checked = preferences.keys;
  enabled.addEventListener('change', () => (preferences.keys = enabled.checked));
  byId('show-shortcuts', HTMLButtonElement).addEventListener('click', open);
  // A click outside the dialog closes it.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const action = actionOf({ ...membersOf(event), target });
    if (!action || !preferences.keys) return;
    event.preventDefault();
    if (action === 'help') open();
    else actions[action]();
  });
}

/** @param {KeyboardEvent} event */
const membersOf = ({ key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing }) => ({
  key, ctrlKey, metaKey, altKey, repeat, defaultPrevented, isComposing,
});
