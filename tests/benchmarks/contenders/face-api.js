/** @vladmandic/face-api on WebAssembly: its small detector and its expressions. */

import * as faceapi from '/face-api/dist/face-api.esm.js';

/** @param {Record<string, string>} query  size: side of the detector's input, 416 as it comes */
export async function open({ size = '416' }) {
  const { tf, nets } = faceapi;
  tf.setWasmPaths('/wasm/');
  await tf.setBackend('wasm');
  await tf.ready();
  await Promise.all([nets.tinyFaceDetector.loadFromUri('/face-api/model'), nets.faceExpressionNet.loadFromUri('/face-api/model')]);
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: Number(size) });
  return {
    inFlight: 1,
    info: `${faceapi.version}, Tiny ${size}, ${tf.getBackend()}`,
    async look(source) {
      const found = await faceapi.detectAllFaces(source, options).withFaceExpressions();
      return {
        faces: found.map(({ detection: { box }, expressions }) => ({
          box: { x: box.x, y: box.y, width: box.width, height: box.height },
          label: expressions.asSortedArray()[0].expression,
        })),
      };
    },
    memory: async () => tf.memory(),
    dispose() {},
  };
}
