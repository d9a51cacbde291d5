import assert from 'node:assert/strict';
import { test } from 'node:test';

import { boxInView, caption, captionSize, chipPlace, drawFaces, freeChipPlace, fullCaption } from '../../../static/js/ui/overlay.js';

const IMAGE = { width: 640, height: 480 };
const BOX = { x: 64, y: 48, width: 160, height: 120 };

test('a view of the same shape only scales', () => {
  assert.deepEqual(boxInView(BOX, IMAGE, { width: 320, height: 240 }, false), {
    x: 32,
    y: 24,
    width: 80,
    height: 60,
  });
});

test('a wider view has bars left and right, a higher one above and below', () => {
  assert.equal(boxInView(BOX, IMAGE, { width: 1000, height: 480 }, false).x, 180 + 64);
  assert.equal(boxInView(BOX, IMAGE, { width: 640, height: 680 }, false).y, 100 + 48);
});

test('mirrored: what was at the left edge is at the right one, and twice mirrored is the same', () => {
  const view = { width: 640, height: 480 };
  const mirrored = boxInView(BOX, IMAGE, view, true);
  assert.equal(mirrored.x + mirrored.width, 640 - BOX.x);
  assert.deepEqual(boxInView(mirrored, IMAGE, view, true), BOX);
});

test('a chip stands above its box, inside where there is no room, and never outside the view', () => {
  const chip = { width: 100, height: 30 };
  const view = { width: 640, height: 480 };
  assert.deepEqual(chipPlace({ x: 50, y: 100, width: 80, height: 80 }, chip, view, 4), { x: 50, y: 66 });
  assert.deepEqual(chipPlace({ x: 50, y: 10, width: 80, height: 80 }, chip, view, 4), { x: 50, y: 14 });
  assert.equal(chipPlace({ x: 600, y: 100, width: 80, height: 80 }, chip, view, 4).x, 540);
  assert.equal(chipPlace({ x: -90, y: 100, width: 80, height: 80 }, chip, view, 4).x, 0);
  assert.equal(chipPlace({ x: 50, y: 600, width: 80, height: 80 }, chip, view, 4).y, 450);
});

test('a caption says the label and its score, or that the model is unsure', () => {
  const face = { id: 0, box: BOX, label: 'sad', score: 0.927, scores: { sad: 0.927, happy: 0.073 }, unsure: false };
  assert.equal(caption(face, null), 'sad 93%');
  assert.equal(caption(face, 2), '2 sad 93%');
  assert.equal(caption({ ...face, unsure: true }, 1), '1 unsure');
});

test('of a still picture a caption says the best guess too', () => {
  const face = { id: 0, box: BOX, label: 'sad', score: 0.384, scores: { sad: 0.384, happy: 0.3 }, unsure: true };
  assert.equal(fullCaption(face, null), 'perhaps sad 38%');
  assert.equal(fullCaption({ ...face, unsure: false }, 2), '2 sad 38%');
});

test('a chip covers no other chip and no face where there is another place', () => {
  const chip = { width: 100, height: 30 };
  const view = { width: 640, height: 480 };
  const box = { x: 50, y: 100, width: 80, height: 80 };
  assert.deepEqual(freeChipPlace(box, chip, view, 4, [], [box]), { x: 50, y: 66 });
  const above = { x: 0, y: 60, width: 300, height: 30 };
  assert.deepEqual(freeChipPlace(box, chip, view, 4, [above], [box]), { x: 50, y: 184 });
  const right = { x: 140, y: 20, width: 80, height: 80 };
  assert.deepEqual(freeChipPlace(box, chip, view, 4, [], [box, right]), { x: 30, y: 66 });
  const small = { width: 60, height: 20 };
  assert.deepEqual(freeChipPlace({ x: 0, y: 0, width: 60, height: 20 }, chip, small, 4, [], []), { x: 0, y: 0 });
});

test('captions are as large as faces ask for, within what can be read and what fits', () => {
  const image = { width: 1000, height: 1000 };
  /** @param {number} width */
  const wide = (width) => [{ id: 0, box: { ...BOX, width }, label: 'sad', score: 1, scores: {}, unsure: false }];
  assert.equal(captionSize(wide(165), image, image), 30);
  assert.equal(captionSize(wide(900), image, image), 1000 / 22);
  assert.equal(captionSize(wide(20), image, { width: 4000, height: 4000 }), 4000 / 75);
  assert.equal(captionSize(wide(20), image, { width: 300, height: 300 }), 13);
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
    id, box: { x: apart * id, y: 60, width: 40, height: 40 }, label: 'sad', score: 0.4, scores: { sad: 0.4 }, unsure: true,
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

test('captions are numbers alone where they cannot keep clear of each other and scores stand beside them', () => {
  assert.deepEqual(written(1), ['unsure']);
  assert.deepEqual(written(1, 'beside scores'), ['perhaps sad 40%']);
  assert.deepEqual(written(7, 'beside scores'), ['1', '2', '3', '4', '5', '6', '7']);
  assert.equal(written(7, 'alone')[6], '7 perhaps sad 40%');
});

test('captions of a moving picture say less where they would cover each other', () => {
  assert.deepEqual(written(3, undefined, 120), ['1 unsure', '2 unsure', '3 unsure']);
  assert.deepEqual(written(3), ['1', '2', '3']);
  const faces = [0, 1].map((id) => ({ id, box: { x: 60 * id, y: 60, width: 50, height: 40 }, label: 'sad', score: 0.9, scores: { sad: 0.9 }, unsure: false }));
  assert.deepEqual(textsOf(faces), ['1 sad', '2 sad']);
  assert.deepEqual(textsOf(faces, [1, null]), ['1 sad', 'sad'], 'a face has no number yet');
  assert.deepEqual(textsOf(faces.map((face, id) => ({ ...face, box: { ...face.box, x: 10 * id } })), [1, null]), ['1'], 'no empty caption');
});
