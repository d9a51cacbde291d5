/**
 * Load a TF.js graph model (model.json and its weight files) and check that it is complete. TF.js itself neither checks
 * the length of the weight files nor says which file is missing.
 */

import * as tf from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';

import { RecognizerError } from '../errors.js';
import { fetchBytes, weightUrls } from './model-files.js';

/** @typedef {import('@tensorflow/tfjs-converter').GraphModel} GraphModel */
/** @typedef {import('./model-files.js').Read} Read */

/** Bytes of one value in a weight file, by type. @type {Record<string, number>} */
const BYTES = { float32: 4, int32: 4, bool: 1, float16: 2, uint8: 1, uint16: 2 };

/**
 * @param {string} url  of model.json
 * @param {object} options
 * @param {'model-missing' | 'detector-missing'} options.missing  the error's code when a file cannot be fetched
 * @param {string} options.name  what is loaded, for the error's message
 * @param {Read} [options.read]
 * @param {(json: any) => void} [options.adapt]  may change the content of model.json before it is used
 * @returns {Promise<GraphModel>} its `metadata` is the file's userDefinedMetadata
 * @throws {RecognizerError} `options.missing`; 'model-damaged' when a file is not valid
 */
export async function loadBundle(url, { missing, name, read = fetchBytes, adapt = () => {} }) {
  /** @param {string} at */
  const bytesAt = (at) =>
    read(at).catch((/** @type {Error} */ error) => {
      throw new RecognizerError(missing, `The ${name} cannot be loaded: ${error.message}.`, {
        cause: error,
      });
    });
  const text = new TextDecoder().decode(await bytesAt(url));
  try {
    const json = JSON.parse(text);
    adapt(json);
    const artifacts = await tf.io.getModelArtifactsForJSON(json, async (manifest) => {
      const specs = manifest.flatMap((group) => group.weights);
      const files = await Promise.all(weightUrls({ weightsManifest: manifest }, url).map(bytesAt));
      const expected = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
      const given = files.reduce((sum, file) => sum + file.byteLength, 0);
      if (given !== expected) {
        throw new Error(`its weight files hold ${given} bytes, expected ${expected}`);
      }
      // One file, the usual case, need not be copied.
      return convertHalves(specs, files.length === 1 ? files[0] : tf.io.concatenateArrayBuffers(files));
    });
    return await loadGraphModel(tf.io.fromMemory(artifacts));
  } catch (error) {
    if (error instanceof RecognizerError) throw error;
    throw damaged(name, url, error);
  }
}

/**
 * @param {string} name
 * @param {string} url
 * @param {unknown} error
 * @returns {RecognizerError}
 */
export function damaged(name, url, error) {
  const reason = error instanceof Error ? error.message : String(error);
  return new RecognizerError('model-damaged', `The ${name} at ${url} cannot be used: ${reason}.`, {
    cause: error,
  });
}

/** @param {tf.io.WeightsManifestEntry} spec */
function bytesOf(spec) {
  const bytes = BYTES[spec.quantization?.dtype ?? spec.dtype];
  if (bytes === undefined) throw new Error(`weight ${spec.name} is of type ${spec.dtype}`);
  return spec.shape.reduce((product, length) => product * length, bytes);
}

/**
 * Converts float16 weights to float32 where the browser has Float16Array; TF.js takes ten times as long.
 *
 * @param {tf.io.WeightsManifestEntry[]} specs
 * @param {ArrayBuffer} data
 * @returns {[tf.io.WeightsManifestEntry[], ArrayBuffer]} the same weights
 */
function convertHalves(specs, data) {
  const halves = /** @type {any} */ (globalThis).Float16Array;
  const isHalf = (/** @type {tf.io.WeightsManifestEntry} */ { quantization }) => quantization?.dtype === 'float16';
  if (halves === undefined || !specs.every((spec) => isHalf(spec) || BYTES[spec.dtype] === 4)) return [specs, data];
  const length = specs.reduce((sum, spec) => sum + bytesOf(spec) * (isHalf(spec) ? 2 : 1), 0);
  const wide = new ArrayBuffer(length);
  let [from, to] = [0, 0];
  for (const spec of specs) {
    const bytes = bytesOf(spec);
    // set converts three times as fast as Float32Array.from.
    if (isHalf(spec)) new Float32Array(wide, to, bytes / 2).set(new halves(data, from, bytes / 2));
    // As bytes: other types than float32 must stay what they are.
    else new Uint8Array(wide, to, bytes).set(new Uint8Array(data, from, bytes));
    from += bytes;
    to += bytes * (isHalf(spec) ? 2 : 1);
  }
  return [specs.map(({ name, shape, dtype }) => ({ name, shape, dtype })), wide];
}
