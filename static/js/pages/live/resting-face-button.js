/**
 * The button that takes the resting faces of the people in view, and forgets them again.
 *
 * @typedef {import('../../types.js').Result} Result
 */

import { byId } from '../../ui/dom.js';

const TEXTS = {
  unknown: 'Use my resting face',
  taking: 'Keep your face at rest …',
  known: 'Forget my resting face',
};
const HINTS = {
  unknown: 'Faces differ at rest. Relax your face, look at the camera and press: what you show is then compared with it.',
  taking: 'It is taken from three seconds in which your face is still.',
  known: 'Scores say what the face shows beside its rest. Small figures: how far above rest.',
  nobody: 'There is no face in view.',
};

/**
 * @param {ReturnType<typeof import('./recognizer-loader.js').createRecognizerLoader>} loader
 * @returns {{begin: (kind: 'camera' | 'video' | 'picture', labels: string[]) => void, show: (faces: Result['faces']) => void}}
 *   begin: another source, with a model of these labels; show: the faces of the latest result
 */
export function createRestingFaceButton(loader) {
  const part = byId('resting-face', HTMLElement);
  const button = byId('resting-face-button', HTMLButtonElement);
  const hint = byId('resting-face-hint', HTMLElement);
  /** @type {'unknown' | 'taking' | 'known'} */
  let state = 'unknown';
  /** @type {number[]} */
  let ids = [];

  /** @param {keyof typeof TEXTS} next @param {string} [sentence] */
  function to(next, sentence = HINTS[next]) {
    state = next;
    button.textContent = TEXTS[next];
    // Not `disabled`, which would take the focus away.
    button.setAttribute('aria-disabled', String(next === 'taking'));
    hint.textContent = sentence;
  }

  async function take() {
    const recognizer = await loader.kept?.catch(() => null);
    if (!recognizer || ids.length === 0) return to('unknown', HINTS.nobody);
    to('taking');
    const taken = await Promise.allSettled(ids.map((id) => recognizer.setBaseline(id)));
    if (state !== 'taking') return;
    const [failed] = taken.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    if (taken.some(({ status }) => status === 'fulfilled')) to('known');
    else to('unknown', failed instanceof Error ? failed.message : String(failed));
  }

  async function forget() {
    to('unknown');
    const recognizer = await loader.kept?.catch(() => null);
    await recognizer?.clearBaseline().catch(() => {}); // the worker has ended, and with it what it knew
  }

  button.addEventListener('click', () => {
    if (state === 'unknown') void take();
    else if (state === 'known') void forget();
  });
  to('unknown');

  return {
    begin(kind, labels) {
      part.hidden = kind === 'picture' || !labels.includes('neutral');
      ids = [];
      if (state !== 'unknown') void forget();
    },
    show(faces) {
      ids = faces.map(({ id }) => id);
      // The person has left, or the worker was started again.
      if (state === 'known' && faces.length > 0 && faces.every(({ change }) => change === undefined)) to('unknown');
    },
  };
}
