import assert from 'node:assert/strict';
import { test } from 'node:test';

import { caption, drawFaces, fullCaption } from '../../../static/js/ui/overlay.js';

const BOX = { x: 64, y: 48, width: 160, height: 120 };

test('a caption says the label and its score, or that the model is unsure', () => {
  const face = { id: 0, box: BOX, label: 'sad', score: 0.927, scores: { sad: 0.927, happy: 0.073 }, detector: /** @type {const} */ ('blazeface'), unsure: false };
  assert.equal(caption(face, null), 'sad 93%');
  assert.equal(caption(face, 2), '2 sad 93%');
  assert.equal(caption({ ...face, unsure: true }, 1), '1 unsure');
});

test('the caption in a still picture has the best guess for an unsure face', () => {
  const face = { id: 0, box: BOX, label: 'sad', score: 0.384, scores: { sad: 0.384, happy: 0.3 }, detector: /** @type {const} */ ('blazeface'), unsure: true };
  assert.equal(fullCaption(face, null), 'perhaps sad 38%');
  assert.equal(fullCaption({ ...face, unsure: false }, 2), '2 sad 38%');
});

/**
 * The texts that drawFaces writes for `count` faces side by side, each 40 pixels wide.
 *
 * @param {number} count
 * @param {'alone' | 'beside scores'} [still]
 * @param {number} [apart]  from one face's left side to the next one's
 */
function written(count, still, apart = 50) {
  const faces = Array.from({ length: count }, (_, id) => ({
    id, box: { x: apart * id, y: 60, width: 40, height: 40 }, label: 'sad', score: 0.4, scores: { sad: 0.4 }, detector: /** @type {const} */ ('blazeface'), unsure: true,
  }));
  return textsOf(faces, undefined, still);
}

/**
 * The texts that drawFaces writes for these faces, in a view of 400 x 120.
 *
 * @param {import('../../../static/js/types.js').Face[]} faces
 * @param {(number | null)[]} [numbers]
 * @param {'alone' | 'beside scores'} [still]
 */
function textsOf(faces, numbers, still) {
  /** @type {string[]} */
  const texts = [];
  const context = new Proxy({}, {
    get: (_, name) => {
      if (name === 'measureText') return (/** @type {string} */ text) => ({ width: text.length * 7 });
      if (name === 'fillText') return (/** @type {string} */ text) => texts.push(text);
      return () => {};
    },
    set: () => true,
  });
  const size = { width: 400, height: 120 };
  const style = { line: '', halo: '', chip: '', text: '', font: '' };
  drawFaces(/** @type {CanvasRenderingContext2D} */ (context), faces, { image: size, view: size, mirrored: false, style, still, numbers });
  return texts;
}

test('captions become numbers if they would overlap and the scores are shown beside the picture', () => {
  assert.deepEqual(written(1), ['unsure']);
  assert.deepEqual(written(1, 'beside scores'), ['perhaps sad 40%']);
  assert.deepEqual(written(7, 'beside scores'), ['1', '2', '3', '4', '5', '6', '7']);
  assert.equal(written(7, 'alone')[6], '7 perhaps sad 40%');
});

test('captions of a moving picture are shortened if they would overlap', () => {
  assert.deepEqual(written(3, undefined, 120), ['1 unsure', '2 unsure', '3 unsure']);
  assert.deepEqual(written(3), ['1', '2', '3']);
  const faces = [0, 1].map((id) => ({ id, box: { x: 60 * id, y: 60, width: 50, height: 40 }, label: 'sad', score: 0.9, scores: { sad: 0.9 }, detector: /** @type {const} */ ('blazeface'), unsure: false }));
  assert.deepEqual(textsOf(faces), ['1 sad', '2 sad']);
  assert.deepEqual(textsOf(faces, [1, null]), ['1 sad', 'sad'], 'a face has no number yet');
  assert.deepEqual(textsOf(faces.map((face, id) => ({ ...face, box: { ...face.box, x: 10 * id } })), [1, null]), ['1'], 'no empty caption');
});
