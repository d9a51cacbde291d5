/**
 * Show the screens that replace or cover the video: welcome, loading, error; and short messages about the page's state.
 *
 * @typedef {import('./page-state.js').State} State
 */

import { byId } from './dom.js';
import { loadingStepText } from './messages.js';

const PERMISSION_HINT = 'If the browser asks for the camera, allow it.';
const NO_PICTURES_HINT =
  'The camera is open but sends no pictures yet. Another program may be using it, or its cover may be closed. Mien continues by itself as soon as pictures arrive.';

/** @param {HTMLElement} page  the focus is moved only if it is within this element */
export function createScreens(page) {
  const focusTargets = findFocusTargets();
  const toast = byId('toast', HTMLElement);
  const message = byId('message', HTMLElement);
  const hint = byId('loading-hint', HTMLElement);
  /** @type {State} */
  let previous = 'idle';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  return {
    /** The scripts have loaded: enable the page. */
    ready() {
      byId('slow-script', HTMLElement).hidden = true;
      for (const button of byId('welcome', HTMLElement).querySelectorAll('button')) button.hidden = false;
      document.documentElement.dataset.state = 'idle';
    },

    /** @param {State} state */
    show(state) {
      document.documentElement.dataset.state = state;
      const focused = document.activeElement;
      const hadFocus = focused === document.body || page.contains(focused);
      const hasResults = ['running', 'paused', 'done'].includes(state);
      showScreen(state);
      byId('title', HTMLElement).hidden = state === 'idle'; // the welcome screen has its own title
      byId('score-panel', HTMLElement).hidden = !hasResults;
      byId('controls', HTMLElement).hidden = !hasResults;
      message.hidden = true;
      if (state === 'running') byId('pause-text', HTMLElement).textContent = 'Pause';
      // Pausing and resuming do not move the focus.
      const pauseOrResume = [previous, state].every((one) => one === 'running' || one === 'paused');
      if (hadFocus && !pauseOrResume && !document.querySelector('dialog[open]')) focusTargets[state]?.focus({ preventScroll: true });
      previous = state;
      // On a small screen, the pressed button may have been further down.
      const content = byId('content', HTMLElement);
      if (!pauseOrResume && content.getBoundingClientRect().top < 0) content.scrollIntoView({ behavior: 'instant' });
    },

    /** @param {'camera' | 'file'} source  @param {boolean} first  whether the networks have to be loaded */
    startLoading(source, first) {
      hint.textContent = PERMISSION_HINT;
      hint.hidden = source !== 'camera';
      if (first) showProgress('backend', 0);
    },

    cameraOpened() {
      hint.hidden = true;
    },

    /** The camera is open but sends no pictures. */
    cameraSilent() {
      hint.textContent = NO_PICTURES_HINT;
      hint.hidden = false;
    },

    showProgress,
    showFailure,

    /**
     * Show a short message over the video.
     *
     * @param {string} text  '' for none
     * @param {number} [seconds]  how long it stays; until the next message if not given
     */
    showToast(text, seconds) {
      clearTimeout(timer);
      toast.textContent = text;
      if (seconds) timer = setTimeout(() => (toast.textContent = ''), seconds * 1000);
    },

    /** Show that something failed and changed nothing. @param {string} sentence  '' for none */
    showMessage(sentence) {
      message.textContent = sentence;
      message.hidden = sentence === '';
    },
  };
}

/**
 * @param {string} step  of createRecognizer's onProgress
 * @param {number} fraction  0..1
 */
export function showProgress(step, fraction) {
  byId('loading-step', HTMLElement).textContent = loadingStepText(step);
  byId('loading-progress', HTMLProgressElement).value = fraction;
}

/** @param {ReturnType<typeof import('./messages.js').describeError>} failure */
export function showFailure({ code, title, sentence, advice }) {
  byId('failure', HTMLElement).dataset.code = code;
  byId('failure-title', HTMLElement).textContent = title;
  byId('failure-sentence', HTMLElement).textContent = sentence;
  byId('failure-advice', HTMLElement).textContent = advice;
}

/** Show the screen of a state and hide the others. @param {State} state */
export function showScreen(state) {
  for (const [name, id] of [['idle', 'welcome'], ['loading', 'loading'], ['error', 'failure']]) {
    byId(id, HTMLElement).hidden = name !== state;
  }
}

/** @returns {Partial<Record<State, HTMLElement>>} the element that gets the focus when a state begins */
export function findFocusTargets() {
  const stop = byId('stop', HTMLButtonElement);
  return {
    idle: byId('start', HTMLButtonElement),
    loading: byId('cancel', HTMLButtonElement),
    running: stop,
    done: stop,
    error: byId('failure-title', HTMLElement),
  };
}
