/**
 * The state machine of a page that analyses a camera, video or picture. Pure: no document.
 *
 * @typedef {'idle' | 'loading' | 'running' | 'paused' | 'done' | 'error'} State  `done`: a picture with its faces
 */

/** @type {Record<State, State[]>}  state -> the states that may follow it */
const TRANSITIONS = {
  idle: ['loading'],
  loading: ['running', 'done', 'error', 'idle'],
  running: ['paused', 'loading', 'error', 'idle'],
  paused: ['running', 'loading', 'error', 'idle'],
  done: ['loading', 'error', 'idle'],
  error: ['loading', 'idle'],
};

/**
 * @param {(state: State) => void} onChange  called after each transition
 * @returns {{readonly state: State, to(next: State): void}} `to` throws an Error on a transition that is not allowed
 */
export function createPageState(onChange) {
  /** @type {State} */
  let state = 'idle';
  return {
    get state() {
      return state;
    },
    to(next) {
      if (next === state) return;
      if (!TRANSITIONS[state].includes(next)) throw new Error(`the page cannot go from ${state} to ${next}`);
      state = next;
      onChange(state);
    },
  };
}
