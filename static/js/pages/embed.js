/**
 * The page about mien.js: its buttons copy the code that they stand over. The examples on it are scripts of their own
 * (static/examples), which run as they are shown.
 */

import { byId } from '../ui/dom.js';

/** How long a button says that it has copied, in milliseconds. */
const SAID_MS = 2000;

const said = byId('said', HTMLElement);

for (const button of document.querySelectorAll('button.copy')) {
  const code = button.closest('figure')?.querySelector('code');
  if (!(button instanceof HTMLButtonElement) || !code) continue;
  const word = button.firstElementChild;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const copied = await copy(code);
    const words = copied ? 'Copied' : 'Selected: press Ctrl or Command and C';
    said.textContent = words;
    if (word) word.textContent = words;
    clearTimeout(timer);
    timer = setTimeout(() => {
      said.textContent = '';
      if (word) word.textContent = 'Copy';
    }, SAID_MS);
  });
}

/**
 * @param {HTMLElement} code
 * @returns {Promise<boolean>} false where the browser does not let the page copy; then the code is selected
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
