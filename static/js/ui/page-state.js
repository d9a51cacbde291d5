/**
 * The live page's state and its words. Pure: no document.
 *
 * @typedef {'idle' | 'loading' | 'running' | 'paused' | 'done' | 'error'} State  `done`: a picture and what was found in it
 * @typedef {import('../types.js').Face} Face
 */

import { percent } from './overlay.js';

/** @type {Record<State, State[]>}  from each state, the states that may follow */
const MOVES = {
  idle: ['loading'],
  loading: ['running', 'done', 'error', 'idle'],
  running: ['paused', 'loading', 'error', 'idle'],
  paused: ['running', 'loading', 'error', 'idle'],
  done: ['loading', 'error', 'idle'],
  error: ['loading', 'idle'],
};

/**
 * @param {(state: State) => void} onChange  called after each move
 * @returns {{readonly state: State, to(next: State): void}} `to` throws on a move that makes no sense
 */
export function createStatus(onChange) {
  /** @type {State} */
  let state = 'idle';
  return {
    get state() {
      return state;
    },
    to(next) {
      if (next === state) return;
      if (!MOVES[state].includes(next)) throw new Error(`the page cannot go from ${state} to ${next}`);
      state = next;
      onChange(state);
    },
  };
}

const RELOAD = 'Check the connection and try again; if it happens again, whoever runs this site can help.';
const ALLOWED = 'Once it is allowed, Mien goes on by itself.';
const PLUGGED = 'Once there is a camera, Mien goes on by itself.';

/** @type {Record<string, {title: string, advice: string}>}  by code of CameraError or RecognizerError */
const WORDS = {
  insecure: { title: 'No camera on this address', advice: '' },
  unsupported: { title: 'No camera in this browser', advice: '' },
  'in-app': { title: 'No camera inside this app', advice: '' },
  refused: { title: 'The camera was refused', advice: ALLOWED },
  withdrawn: { title: 'The camera is no longer allowed', advice: ALLOWED },
  missing: { title: 'No camera', advice: PLUGGED },
  busy: { title: 'The camera is busy', advice: 'Once it is free, Mien goes on by itself where the browser lets it.' },
  unplugged: { title: 'The camera is gone', advice: PLUGGED },
  failed: { title: 'The camera did not start', advice: 'Try again, or choose another camera in the browser.' },
  'model-missing': { title: 'The model could not be loaded', advice: RELOAD },
  'model-damaged': { title: 'The model could not be read', advice: RELOAD },
  'detector-missing': { title: 'The face detector could not be loaded', advice: RELOAD },
  backend: {
    title: 'This browser cannot run the network',
    advice: 'It takes WebAssembly or WebGL. An up-to-date Chrome, Edge, Firefox or Safari has both, unless a setting switches them off.',
  },
  'image-unreadable': { title: 'The picture could not be read', advice: '' },
  'context-lost': { title: 'The analysis stopped', advice: 'Try again; the page then does without the graphics processor.' },
  'worker-crashed': { title: 'The analysis stopped', advice: 'Try again. If it happens again, close other tabs: the device may be short of memory.' },
};

/** @type {Record<string, string>}  by step of createRecognizer's onProgress */
const STEPS = {
  backend: 'Starting the engine',
  detector: 'Loading the face detector',
  model: 'Loading the expression model',
  ready: 'Waiting for the camera',
};

/**
 * @param {string} step  of createRecognizer's onProgress
 * @returns {string} what the visitor reads meanwhile
 */
export function sayStep(step) {
  return STEPS[step] ?? 'Loading';
}

/**
 * What to tell the visitor about an error.
 *
 * @param {unknown} error
 * @returns {{code: string, title: string, sentence: string, advice: string}}
 */
export function describe(error) {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const sentence = error instanceof Error && error.message ? error.message : String(error);
  const words = WORDS[code] ?? { title: 'Something went wrong', advice: 'Try again, or reload the page.' };
  return { code, sentence, ...words };
}

/**
 * One frame's faces as a sentence, for screen readers.
 *
 * @param {Face[]} faces
 * @returns {string}
 */
export function sayFaces(faces) {
  if (!faces.length) return 'No face in view.';
  const words = faces.map((face) => (face.unsure ? 'unsure' : `${face.label}, ${percent(face.score)}`));
  return faces.length === 1 ? `One face: ${words[0]}.` : `${faces.length} faces: ${words.join('; ')}.`;
}

/**
 * Lets a value through at most once in `milliseconds`, and only when it differs from the last one let through.
 *
 * @param {number} milliseconds
 * @returns {(value: string, now: number) => boolean}
 */
export function createThrottle(milliseconds) {
  let last = '';
  let since = -Infinity;
  return (value, now) => {
    if (now - since < milliseconds || value === last) return false;
    last = value;
    since = now;
    return true;
  };
}

/**
 * How many results a second, over the last `span` milliseconds.
 *
 * @param {number} [span]
 * @returns {(now: number) => number} call it once a result, with performance.now()
 */
export function createRate(span = 2000) {
  /** @type {number[]} */
  let times = [];
  return (now) => {
    times = times.filter((time) => now - time < span);
    times.push(now);
    const first = /** @type {number} */ (times[0]);
    return times.length < 2 || now === first ? 0 : ((times.length - 1) * 1000) / (now - first);
  };
}
