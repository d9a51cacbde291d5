/**
 * Public API for other pages: recognise facial expressions in pictures and video, inside the browser.
 *
 *   import { createRecognizer } from '/static/dist/mien.js';
 *
 *   const recognizer = await createRecognizer();
 *   const { faces } = await recognizer.recognize(document.querySelector('img'));
 *   const running = recognizer.start(document.querySelector('video'), ({ faces }) => console.log(faces));
 *   running.stop();
 *   recognizer.dispose();
 *
 * The files that it needs are beside this module and are fetched from there: the worker, TensorFlow.js's WebAssembly,
 * the face detector, and the models one folder up. The module may come from another origin than the page if that origin
 * allows it (CORS); the page /embed describes the headers that are needed.
 *
 * @typedef {import('./types.js').Recognizer} Recognizer
 * @typedef {import('./types.js').RecognizerOptions} RecognizerOptions
 * @typedef {import('./types.js').RecognizerInfo} RecognizerInfo
 * @typedef {import('./types.js').RecognizeOptions} RecognizeOptions
 * @typedef {import('./types.js').Running} Running
 * @typedef {import('./types.js').Source} Source
 * @typedef {import('./types.js').Result} Result
 * @typedef {import('./types.js').Face} Face
 * @typedef {import('./types.js').FromRest} FromRest
 * @typedef {import('./types.js').Baseline} Baseline
 * @typedef {import('./types.js').Box} Box
 */

import { RecognizerError } from './errors.js';
import { fetchBytes } from './runtime/model-files.js';
import { describeValue } from './media/video-frames.js';
import { RecognizerClient, startWorkerAhead } from './workers/recognizer-client.js';

export { RecognizerError };

const BACKENDS = ['wasm', 'webgl'];

/** How each option is checked, and what is expected. @type {Record<string, [is: (value: unknown) => boolean, expected: string]>} */
const OPTIONS = {
  model: [isText, 'the name of a model'],
  modelUrl: [isAddress, 'an address'],
  workerUrl: [isAddress, 'an address'],
  detectorUrl: [isAddress, 'an address'],
  wasmUrl: [isAddress, 'the address of a folder, ending in a slash'],
  modelsUrl: [isAddress, 'the address of an index.json'],
  backend: [(value) => value === null || BACKENDS.includes(String(value)), `${BACKENDS.join(', ')} or null`],
  threads: [(value) => Number.isInteger(value) && Number(value) > 0, 'a whole number from 1'],
  baseline: [(value) => value === null || value === 'auto', 'auto or null'],
  onProgress: [(value) => typeof value === 'function', 'a function'],
};

/**
 * Starts a recognizer in a worker and loads all files that it needs.
 *
 * @param {RecognizerOptions} [options]
 * @returns {Promise<Recognizer>} ready to recognise
 * @throws {TypeError} an option is unknown or has a wrong value
 * @throws {RecognizerError} 'model-missing' | 'model-damaged' | 'detector-missing' | 'backend' |
 *   'worker-crashed' | 'baseline' where 'auto' needs a model with the label neutral
 */
export async function createRecognizer(options = {}) {
  check(options);
  const { model, onProgress, backend = null, baseline = null } = options;
  const [workerUrl, detectorUrl, wasmUrl, modelsUrl] = [
    address(options.workerUrl, './recognizer.worker.js'),
    address(options.detectorUrl, './blazeface.json'),
    address(options.wasmUrl, './'),
    address(options.modelsUrl, '../models/index.json'),
  ];
  // The scripts of the threads are in that folder, and browsers start no worker from another origin.
  const threads = new URL(wasmUrl).origin === location.origin ? options.threads : 1;
  const modelUrl = options.modelUrl ? address(options.modelUrl, '') : await findModel(modelsUrl, model);
  return RecognizerClient.load(workerUrl, { modelUrl, detectorUrl, wasmUrl, backend, threads, baseline }, onProgress);
}

/**
 * Starts the worker of the next recognizer and fetches the list of models ahead of time, so that its script has been
 * loaded and the model's address is known when the page needs them. Fetches no model.
 *
 * @param {{workerUrl?: string | URL, modelsUrl?: string | URL | null}} [options]  modelsUrl: null where the page
 *   gives `modelUrl` later, so that no list is needed
 */
export function preload({ workerUrl, modelsUrl } = {}) {
  startWorkerAhead(address(workerUrl, './recognizer.worker.js'));
  if (modelsUrl === null) return;
  const url = address(modelsUrl, '../models/index.json');
  const bytes = fetchBytes(url);
  bytes.catch(() => lists.delete(url)); // createRecognizer fetches it again and reports the error
  lists.set(url, bytes);
}

/** Lists of models that were fetched ahead of time, by address. @type {Map<string, Promise<ArrayBuffer>>} */
const lists = new Map();

/** @param {RecognizerOptions} options */
function check(options) {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`createRecognizer was given ${describeValue(options)}, expected an object of options.`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new TypeError(`createRecognizer has no option ${name}; it has ${Object.keys(OPTIONS).join(', ')}.`);
    }
    const [is, expected] = OPTIONS[name];
    if (value !== undefined && !is(value)) {
      throw new TypeError(`The option ${name} is ${describeValue(value)}, expected ${expected}.`);
    }
  }
  if (options.model && options.modelUrl) throw new TypeError('Give model or modelUrl, not both.');
}

/**
 * An absolute address, as the worker needs it: given ones are relative to the page, default ones to this module.
 *
 * @param {string | URL | undefined} given
 * @param {string} preset
 * @returns {string}
 */
function address(given, preset) {
  return given === undefined ? new URL(preset, import.meta.url).href : new URL(given, document.baseURI).href;
}

/**
 * @param {string} modelsUrl  of the index.json that the converter writes
 * @param {string} [name]  the index's default where none is given
 * @returns {Promise<string>} the address of the bundle's model.json
 */
async function findModel(modelsUrl, name) {
  let index;
  try {
    const list = lists.get(modelsUrl)?.catch(() => null);
    index = JSON.parse(new TextDecoder().decode((await list) ?? (await fetchBytes(modelsUrl))));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecognizerError('model-missing', `The list of models cannot be loaded: ${reason}.`, { cause: error });
  }
  /** @type {{model: string, path: string}[]} */
  const models = index.models;
  const wanted = name ?? index.default;
  const found = models.find(({ model }) => model === wanted);
  if (found === undefined) {
    const names = models.map(({ model }) => model).join(', ');
    throw new RecognizerError('model-missing', `There is no model ${wanted}; there are ${names}.`);
  }
  return new URL(found.path, modelsUrl).href;
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === 'string' && value !== '';
}

/** @param {unknown} value */
function isAddress(value) {
  return isText(value) || value instanceof URL;
}
