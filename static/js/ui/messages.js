/**
 * The words that pages show or announce: titles and advice of errors, loading steps, the faces of a frame. The sentence
 * of an error is its own message, which is written where the error arises (media/camera.js, ../errors.js, ...). Pure.
 *
 * @typedef {import('../types.js').Face} Face
 */

import { percent } from './format.js';

const TRY_AGAIN = 'Check the connection and try again; if it happens again, tell the operator of this site.';
const WHEN_ALLOWED = 'Mien continues by itself as soon as the camera is allowed.';
const WHEN_CONNECTED = 'Mien continues by itself as soon as a camera is connected.';

/** @type {Record<string, {title: string, advice: string}>}  by code of CameraError or RecognizerError */
const ERRORS = {
  insecure: { title: 'No camera at this address', advice: '' },
  unsupported: { title: 'No camera in this browser', advice: '' },
  'in-app': { title: 'No camera inside this app', advice: '' },
  refused: { title: 'Camera access was denied', advice: WHEN_ALLOWED },
  withdrawn: { title: 'Camera access was withdrawn', advice: WHEN_ALLOWED },
  missing: { title: 'No camera', advice: WHEN_CONNECTED },
  busy: { title: 'The camera is busy', advice: 'Mien continues by itself as soon as the camera is free, if the browser allows it.' },
  unplugged: { title: 'The camera was disconnected', advice: WHEN_CONNECTED },
  failed: { title: 'The camera did not start', advice: 'Try again, or select another camera in the browser.' },
  'model-missing': { title: 'The model could not be loaded', advice: TRY_AGAIN },
  'model-damaged': { title: 'The model could not be read', advice: TRY_AGAIN },
  'detector-missing': { title: 'The face detector could not be loaded', advice: TRY_AGAIN },
  backend: {
    title: 'This browser cannot run the neural network',
    advice: 'The network needs WebAssembly or WebGL. Current versions of Chrome, Edge, Firefox and Safari have both, unless a setting turns them off.',
  },
  'image-unreadable': { title: 'The picture could not be read', advice: '' },
  'context-lost': { title: 'The analysis stopped', advice: 'Try again. The page will then run without the graphics processor.' },
  'worker-crashed': { title: 'The analysis stopped', advice: 'Try again. If it happens again, close other tabs: the device may have too little memory.' },
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
 * @returns {string} text to show during this step
 */
export function loadingStepText(step) {
  return STEPS[step] ?? 'Loading';
}

/**
 * Describe an error to the user.
 *
 * @param {unknown} error
 * @returns {{code: string, title: string, sentence: string, advice: string}}
 */
export function describeError(error) {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const sentence = error instanceof Error && error.message ? error.message : String(error);
  const words = ERRORS[code] ?? { title: 'Something went wrong', advice: 'Try again, or reload the page.' };
  return { code, sentence, ...words };
}

/**
 * Describe the faces of one frame in a sentence, for screen readers.
 *
 * @param {Face[]} faces
 * @returns {string}
 */
export function facesSentence(faces) {
  if (!faces.length) return 'No face in view.';
  const words = faces.map((face) => (face.unsure ? 'unsure' : `${face.label}, ${percent(face.score)}`));
  return faces.length === 1 ? `One face: ${words[0]}.` : `${faces.length} faces: ${words.join('; ')}.`;
}
