import assert from 'node:assert/strict';
import { test } from 'node:test';

import { boxInView, captionSize, chipPlace, freeChipPlace } from '../../../static/js/ui/overlay-layout.js';

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

test('mirroring moves a box from the left edge to the right one; mirroring twice changes nothing', () => {
  const view = { width: 640, height: 480 };
  const mirrored = boxInView(BOX, IMAGE, view, true);
  assert.equal(mirrored.x + mirrored.width, 640 - BOX.x);
  assert.deepEqual(boxInView(mirrored, IMAGE, view, true), BOX);
});

test('a chip is above its box, inside if there is no space, and never outside the view', () => {
  const chip = { width: 100, height: 30 };
  const view = { width: 640, height: 480 };
  assert.deepEqual(chipPlace({ x: 50, y: 100, width: 80, height: 80 }, chip, view, 4), { x: 50, y: 66 });
  assert.deepEqual(chipPlace({ x: 50, y: 10, width: 80, height: 80 }, chip, view, 4), { x: 50, y: 14 });
  assert.equal(chipPlace({ x: 600, y: 100, width: 80, height: 80 }, chip, view, 4).x, 540);
  assert.equal(chipPlace({ x: -90, y: 100, width: 80, height: 80 }, chip, view, 4).x, 0);
  assert.equal(chipPlace({ x: 50, y: 600, width: 80, height: 80 }, chip, view, 4).y, 450);
});

test('a chip covers no other chip and no face if there is another place', () => {
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

test('captions fit the sizes of the faces, within limits', () => {
  const image = { width: 1000, height: 1000 };
  /** @param {number} width */
  const wide = (width) => [{ id: 0, box: { ...BOX, width }, label: 'sad', score: 1, scores: {}, detector: /** @type {const} */ ('blazeface'), unsure: false }];
  assert.equal(captionSize(wide(165), image, image), 30);
  assert.equal(captionSize(wide(900), image, image), 1000 / 22);
  assert.equal(captionSize(wide(20), image, { width: 4000, height: 4000 }), 4000 / 75);
  assert.equal(captionSize(wide(20), image, { width: 300, height: 300 }), 13);
});
