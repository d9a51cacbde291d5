import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeError, facesSentence, loadingStepText } from '../../../static/js/ui/messages.js';

test('an error keeps its sentence and gets a title; an unknown error is described too', () => {
  const known = describeError(Object.assign(new Error('No such model.'), { code: 'model-missing' }));
  assert.equal(known.sentence, 'No such model.');
  assert.equal(known.title, 'The model could not be loaded');
  const unknown = describeError(new TypeError('x is not a function'));
  assert.equal(unknown.code, 'unknown');
  assert.equal(unknown.sentence, 'x is not a function');
  assert.notEqual(unknown.advice, '');
});

test('faces are said in a sentence', () => {
  const face = { id: 0, box: { x: 0, y: 0, width: 1, height: 1 }, label: 'happy', score: 0.5, scores: { happy: 0.5, sad: 0.5 }, detector: /** @type {const} */ ('blazeface'), unsure: false };
  assert.equal(facesSentence([]), 'No face in view.');
  assert.equal(facesSentence([face]), 'One face: happy, 50%.');
  assert.equal(facesSentence([face, { ...face, unsure: true }]), '2 faces: happy, 50%; unsure.');
});

test('a loading step that is not known has a text too', () => {
  assert.equal(loadingStepText('detector'), 'Loading the face detector');
  assert.equal(loadingStepText('other'), 'Loading');
});
