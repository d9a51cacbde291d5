/**
 * What stands in place of the picture or over it: the welcome, the loading, an error; and short words on what goes on.
 *
 * @typedef {import('./page-state.js').State} State
 */

import { byId } from './dom.js';
import { sayStep } from './page-state.js';

const ASK = 'If the browser asks for the camera, allow it.';
const DARK =
  'The camera is open but sends no pictures yet. Another program may have it, or its cover is shut; Mien goes on by itself as soon as they come.';

/** @param {HTMLElement} page  within which the focus is kept where something is to be pressed */
export function createSheets(page) {
  const firstStops = findFirstStops();
  const toast = byId('toast', HTMLElement);
  const message = byId('message', HTMLElement);
  const hint = byId('loading-hint', HTMLElement);
  /** @type {State} */
  let before = 'idle';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  return {
    /** The page can be used. */
    ready() {
      byId('slow-script', HTMLElement).hidden = true;
      for (const button of byId('notice', HTMLElement).querySelectorAll('button')) button.hidden = false;
      document.documentElement.dataset.state = 'idle';
    },

    /** @param {State} state */
    show(state) {
      document.documentElement.dataset.state = state;
      const focused = document.activeElement;
      const focusWasHere = focused === document.body || page.contains(focused);
      const live = ['running', 'paused', 'done'].includes(state);
      showSheet(state);
      byId('title', HTMLElement).hidden = state === 'idle'; // the welcome has a title of its own
      byId('readings', HTMLElement).hidden = !live;
      byId('controls', HTMLElement).hidden = !live;
      message.hidden = true;
      if (state === 'running') byId('pause-word', HTMLElement).textContent = 'Pause';
      // Pausing and going on leave it where it is.
      const between = [before, state].every((one) => one === 'running' || one === 'paused');
      if (focusWasHere && !between && !document.querySelector('dialog[open]')) firstStops[state]?.focus({ preventScroll: true });
      before = state;
      // On a small screen the button that was pressed may have been further down.
      const content = byId('content', HTMLElement);
      if (!between && content.getBoundingClientRect().top < 0) content.scrollIntoView({ behavior: 'instant' });
    },

    /** @param {'camera' | 'file'} what  @param {boolean} anew  whether all has to be loaded */
    startLoading(what, anew) {
      hint.textContent = ASK;
      hint.hidden = what !== 'camera';
      if (anew) showProgress('backend', 0);
    },

    cameraIsOpen() {
      hint.hidden = true;
    },

    /** It is open, but nothing comes from it. */
    cameraIsDark() {
      hint.textContent = DARK;
      hint.hidden = false;
    },

    showProgress,
    showFailure,

    /**
     * A few words over the picture.
     *
     * @param {string} words  '' for none
     * @param {number} [seconds]  how long they stay; until others come where not given
     */
    say(words, seconds) {
      clearTimeout(timer);
      toast.textContent = words;
      if (seconds) timer = setTimeout(() => (toast.textContent = ''), seconds * 1000);
    },

    /** Something did not work, and all is as it was. @param {string} sentence  '' for none */
    tell(sentence) {
      message.textContent = sentence;
      message.hidden = sentence === '';
    },
  };
}

/**
 * @param {string} step
 * @param {number} fraction  0..1
 */
export function showProgress(step, fraction) {
  byId('loading-step', HTMLElement).textContent = sayStep(step);
  byId('loading-progress', HTMLProgressElement).value = fraction;
}

/** @param {ReturnType<typeof import('./page-state.js').describe>} words */
export function showFailure({ code, title, sentence, advice }) {
  byId('failure', HTMLElement).dataset.code = code;
  byId('failure-title', HTMLElement).textContent = title;
  byId('failure-sentence', HTMLElement).textContent = sentence;
  byId('failure-advice', HTMLElement).textContent = advice;
}

/** The sheet of a state is shown, the others are hidden. @param {State} state */
export function showSheet(state) {
  for (const [name, id] of [['idle', 'notice'], ['loading', 'loading'], ['error', 'failure']]) {
    byId(id, HTMLElement).hidden = name !== state;
  }
}

/** @returns {Partial<Record<State, HTMLElement>>} what gets the focus when its state begins */
export function findFirstStops() {
  const stop = byId('stop', HTMLButtonElement);
  return {
    idle: byId('start', HTMLButtonElement),
    loading: byId('cancel', HTMLButtonElement),
    running: stop,
    done: stop,
    error: byId('failure-title', HTMLElement),
  };
}
