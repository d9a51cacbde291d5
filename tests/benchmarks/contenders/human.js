/** @vladmandic/human on WebAssembly, with nothing on but faces and emotions, and its cache off. */

import { Human } from '/human/dist/human.esm.js';

/** @param {Record<string, string>} query  cache: 1 leaves human's cache as it comes */
export async function open({ cache }) {
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: '/wasm/',
    modelBasePath: '/human/models/',
    ...(cache ? {} : { cacheSensitivity: 0 }),
    filter: off,
    gesture: off,
    body: off,
    hand: off,
    object: off,
    segmentation: off,
    face: {
      enabled: true,
      detector: { rotation: false, maxDetected: 10 },
      mesh: off,
      attention: off,
      iris: off,
      description: off,
      antispoof: off,
      liveness: off,
      emotion: { enabled: true },
    },
  });
  await human.load();
  return {
    inFlight: 1,
    info: `${human.version}, ${human.tf.getBackend()}`,
    async look(source) {
      const { face } = await human.detect(source);
      return {
        faces: face.map(({ box: [x, y, width, height], emotion }) => ({
          box: { x, y, width, height },
          label: emotion?.[0]?.emotion,
        })),
      };
    },
    memory: async () => human.tf.memory(),
    dispose() {},
  };
}
