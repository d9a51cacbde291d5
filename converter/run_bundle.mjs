/**
 * Run a bundle in TF.js under node, and static/js/inference/preprocess.js on the golden faces.
 *
 *     node run_bundle.mjs --check      checks the npm packages and prints TF.js's version
 *     node run_bundle.mjs < request    a JSON object on stdin:
 *       bundle       folder with model.json and its shards
 *       faces        path of faces.json
 *       contract     the model's contract
 *       batch        base64 of float32 (n, height, width, channels), for the bundle to predict
 *
 * The answer is one JSON object on stdout: {inputs, probabilities}, base64 of float32, where
 * `inputs` are those that preprocess.js makes of the golden faces; or, with exit code 1,
 * {error: {kind, message}}, where kind is 'packages' | 'preprocess' | 'load' | 'predict'.
 */

import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** An error with the kind of the step that failed, from which Python chooses its message. */
class RunError extends Error {
  /** @param {string} kind  @param {unknown} cause */
  constructor(kind, cause) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.kind = kind;
  }
}

/**
 * @template T
 * @param {string} kind
 * @param {() => Promise<T> | T} action
 * @returns {Promise<T>}
 */
async function step(kind, action) {
  try {
    return await action();
  } catch (error) {
    throw new RunError(kind, error);
  }
}

/** Load TF.js with its wasm backend, the one that the pages try first. */
async function loadRuntime() {
  const tf = await import('@tensorflow/tfjs-core');
  const {loadGraphModel} = await import('@tensorflow/tfjs-converter');
  await import('@tensorflow/tfjs-backend-wasm');
  if (!await tf.setBackend('wasm')) throw new Error('the wasm backend does not start');
  return {tf, loadGraphModel};
}

/** @param {Float32Array} values */
function encode(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

/** @param {string} text  @returns {Float32Array} */
function decode(text) {
  const bytes = Buffer.from(text, 'base64');
  // The copy starts at offset 0; the memory of a Buffer need not be aligned to 4 bytes.
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/**
 * @param {{width: number, height: number, rgb: string}} picture
 * @returns {import('../static/js/types.js').Pixels}
 */
function toPixels({width, height, rgb}) {
  const bytes = Buffer.from(rgb, 'base64');
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(bytes.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  }
  return {data, width, height};
}

/**
 * The inputs of all golden faces, one after the other.
 * @param {string} faces  path of faces.json
 * @param {import('../static/js/types.js').ModelContract} contract
 */
async function preprocess(faces, contract) {
  const {cropBox, toInput} = await import('../static/js/inference/preprocess.js');
  const {pictures} = JSON.parse(readFileSync(faces, 'utf8'));
  const inputs = [];
  for (const picture of pictures) {
    const pixels = toPixels(picture);
    for (const box of picture.boxes) {
      inputs.push(toInput(pixels, cropBox(box, contract.crop), contract.input));
    }
  }
  const all = new Float32Array(inputs.length * inputs[0].length);
  inputs.forEach((input, place) => all.set(input, place * input.length));
  return all;
}

/** @param {any} runtime  @param {string} bundle  folder */
function loadBundle({tf, loadGraphModel}, bundle) {
  const json = JSON.parse(readFileSync(join(bundle, 'model.json'), 'utf8'));
  return loadGraphModel({
    load: () => tf.io.getModelArtifactsForJSON(json, async (/** @type {any[]} */ manifest) => {
      const shards = manifest.flatMap(({paths}) => paths)
        .map((path) => readFileSync(join(bundle, path)));
      return [manifest.flatMap(({weights}) => weights), new Uint8Array(Buffer.concat(shards)).buffer];
    }),
  });
}

/** Process the request; see the top of the file. @param {string[]} args */
async function main(args) {
  const runtime = await step('packages', loadRuntime);
  if (args.includes('--check')) return {version: runtime.tf.version_core};
  const {bundle, faces, contract, batch} = JSON.parse(readFileSync(0, 'utf8'));
  const inputs = await step('preprocess', () => preprocess(faces, contract));
  const model = await step('load', () => loadBundle(runtime, bundle));
  const probabilities = await step('predict', async () => {
    const {height, width, channels} = contract.input;
    const output = await model.predict(
      runtime.tf.tensor(decode(batch), [decode(batch).length / (height * width * channels), height, width, channels]));
    return output.data();
  });
  return {inputs: encode(inputs), probabilities: encode(probabilities)};
}

try {
  console.log(JSON.stringify(await main(process.argv.slice(2))));
} catch (error) {
  const {kind, message} = error instanceof RunError ? error : new RunError('predict', error);
  console.log(JSON.stringify({error: {kind, message}}));
  process.exitCode = 1;
}
