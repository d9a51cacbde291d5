/**
 * What stands in place of the comparing page's picture: the welcome, the loading, an error; and a sentence above it.
 *
 * @typedef {import('../../ui/page-state.js').State} State
 */

import { byId } from '../../ui/dom.js';
import { findFocusTargets, showFailure, showProgress, showScreen } from '../../ui/screens.js';

/** @param {HTMLElement} page  within which the focus is kept where something is to be pressed */
export function createSheets(page) {
  const firstStops = findFocusTargets();
  const hint = byId('loading-hint', HTMLElement);
  const message = byId('problem', HTMLElement);

  return {
    /** The page can be used. @param {State} state */
    ready(state) {
      byId('slow-script', HTMLElement).hidden = true;
      for (const button of page.querySelectorAll('#start, #notice [data-choose]')) button.removeAttribute('hidden');
      document.documentElement.dataset.state = state;
    },

    /** @param {State} state @param {boolean} moving  what is shown, if anything, is the camera */
    show(state, moving) {
      document.documentElement.dataset.state = state;
      const focusWasHere = document.activeElement === document.body || page.contains(document.activeElement);
      const live = state === 'running' || state === 'paused';
      showScreen(state);
      for (const id of ['overlay', 'chip', 'readings', 'controls']) byId(id, HTMLElement).hidden = !live;
      byId('running-title', HTMLElement).hidden = state === 'idle';
      for (const id of ['rate-line', 'mirror-switch']) byId(id, HTMLElement).hidden = !moving;
      if (focusWasHere) firstStops[state]?.focus({ preventScroll: true });
    },

    showProgress,
    showFailure,

    /** The visitor is asked for the camera, or no longer. @param {boolean} asked */
    hint(asked) {
      hint.hidden = !asked;
    },

    /** What the models that are still to come weigh. @param {number[]} bytes  of each */
    showToLoad(bytes) {
      const mebibytes = bytes.reduce((sum, one) => sum + one, 0) / 1048576;
      const count = bytes.length === 1 ? 'one model' : `${bytes.length} models`;
      byId('to-load', HTMLElement).textContent = bytes.length ? `Loads ${count}, ${mebibytes.toFixed(1)} MiB` : '';
    },

    /** Something did not work, and all is as it was. @param {string} sentence  '' for none */
    tell(sentence) {
      message.textContent = sentence;
      message.hidden = sentence === '';
    },
  };
}
