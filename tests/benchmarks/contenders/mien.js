/** Mien as other pages use it. */

import { createRecognizer, preload } from '/static/dist/mien.js';

// As the other libraries' code is there before the press of the button.
preload();

/** @param {Record<string, string>} query */
export async function open({ backend, threads = '1', model }) {
  const recognizer = await createRecognizer({ backend: backend || undefined, threads: Number(threads), model });
  return {
    // As many frames under way as keep the worker busy while the next one is on its way.
    inFlight: 2,
    info: `${recognizer.info.model}, ${recognizer.info.backend}, ${recognizer.info.threads} thread`,
    async look(source, timestamp) {
      const { faces, timings } = await recognizer.recognize(source, { timestamp, track: true });
      return { faces: faces.map(({ box, label, id }) => ({ box, label, id })), timings };
    },
    /** One picture by itself. */
    recognize: (source) => recognizer.recognize(source),
    memory: () => recognizer.memory(),
    dispose: () => recognizer.dispose(),
  };
}
