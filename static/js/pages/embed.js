/**
 * The page about mien.js: its buttons copy the code below them. The examples on it are separate scripts
 * (static/examples), which run exactly as they are shown.
 */

import { byId } from '../ui/dom.js';

/** How long a button shows that it has copied, in milliseconds. */
const SHOWN_MS = 2000;

const announcement = byId('announcement', HTMLElement);

for (const button of document.querySelectorAll('button.copy')) {
  const code = button.closest('figure')?.querySelector('code');
  if (!(button instanceof HTMLButtonElement) || !code) continue;
  const label = button.firstElementChild;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const copied = await copy(code);
    const text = copied ? 'Copied' : 'Selected: press Ctrl or Command and C';
    announcement.textContent = text;
    if (label) label.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      announcement.textContent = '';
      if (label) label.textContent = 'Copy';
    }, SHOWN_MS);
  });
}

/**
 * @param {HTMLElement} code
 * @returns {Promise<boolean>} false if the browser does not let the page copy; the code is selected instead
 */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(code);
    return false;
  }
}
