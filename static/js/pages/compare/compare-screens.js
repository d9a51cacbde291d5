/**
 * Show the screens that replace the compare page's picture: welcome, loading, error; and a message above it.
 *
 * @typedef {import('../../ui/page-state.js').State} State
 */

import { byId } from '../../ui/dom.js';
import { findFocusTargets, showFailure, showProgress, showScreen } from '../../ui/screens.js';

/** @param {HTMLElement} page  the focus is moved only if it is within this element */
export function createCompareScreens(page) {
  const focusTargets = findFocusTargets();
  const hint = byId('loading-hint', HTMLElement);
  const message = byId('problem', HTMLElement);

  return {
    /** The scripts have loaded: enable the page. @param {State} state */
    ready(state) {
      byId('slow-script', HTMLElement).hidden = true;
      for (const button of page.querySelectorAll('#start, #welcome [data-choose]')) button.removeAttribute('hidden');
      document.documentElement.dataset.state = state;
    },

    /** @param {State} state @param {boolean} camera  whether the source is a camera */
    show(state, camera) {
      document.documentElement.dataset.state = state;
      const hadFocus = document.activeElement === document.body || page.contains(document.activeElement);
      const hasResults = state === 'running' || state === 'paused';
      showScreen(state);
      for (const id of ['overlay', 'chip', 'score-panel', 'controls']) byId(id, HTMLElement).hidden = !hasResults;
      byId('running-title', HTMLElement).hidden = state === 'idle';
      for (const id of ['rate-line', 'mirror-switch']) byId(id, HTMLElement).hidden = !camera;
      if (hadFocus) focusTargets[state]?.focus({ preventScroll: true });
    },

    showProgress,
    showFailure,

    /** Whether the visitor may still be asked for the camera. @param {boolean} shown */
    showPermissionHint(shown) {
      hint.hidden = !shown;
    },

    /** Show how much is still to be downloaded. @param {number[]} bytes  of each model that waits */
    showDownload(bytes) {
      const mebibytes = bytes.reduce((sum, one) => sum + one, 0) / 1048576;
      const count = bytes.length === 1 ? 'one model' : `${bytes.length} models`;
      byId('to-load', HTMLElement).textContent = bytes.length ? `Loads ${count}, ${mebibytes.toFixed(1)} MiB` : '';
    },

    /** Show that something failed and changed nothing. @param {string} sentence  '' for none */
    showMessage(sentence) {
      message.textContent = sentence;
      message.hidden = sentence === '';
    },
  };
}
