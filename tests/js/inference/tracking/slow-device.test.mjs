import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FaceTracker } from '../../../../static/js/inference/tracking/face-tracking.js';
import { FACE, astronaut } from '../../../support/js/astronaut.mjs';
import { faceAt, filmed } from '../../../support/js/filmed.mjs';
import { frameOf, random } from '../../../support/js/runtime.mjs';

/** @typedef {import('../../../support/js/filmed.mjs').Place} Place */

const picture = astronaut();
const next = random(3);

/**
 * Tracks one face on a device of which detecting takes `cost` milliseconds and everything else `rest`, for 8 seconds.
 *
 * @param {(seconds: number) => Place} path
 * @param {{cost: number, rest: number, shown?: (seconds: number) => boolean}} device
 */
function follow(path, { cost, rest, shown = () => true }) {
  let clock = 0;
  let place = path(0);
  let detections = 0;
  const tracker = new FaceTracker((_, reduced) => {
    clock += reduced ? cost / 4 : cost;
    detections++;
    return shown(clock / 1000) ? [faceAt(FACE, picture, place)] : [];
  }, () => clock);
  const ids = new Set();
  let frames = 0;
  for (; clock < 8000; frames++) {
    place = path(clock / 1000);
    const parts = shown(clock / 1000) ? [{ picture, place }] : [];
    const frame = frameOf(filmed(parts, { noise: 3, random: next }));
    for (const { id } of tracker.update(frame, clock).faces) ids.add(id);
    clock += rest;
  }
  return { ids, frames, detections };
}

/** @param {number} t @returns {Place} a head that sways by up to 3.8 sides a second */
const moving = (t) => ({ x: 210 + 190 * Math.sin(1.6 * t), y: 120 + 15 * Math.sin(2.3 * t), scale: 0.8 });
/** @returns {Place} */
const still = () => ({ x: 200, y: 120, scale: 0.8 });

test('detecting takes about a third of the time, however slow the device is', () => {
  for (const cost of [20, 100, 400]) {
    const { frames, detections } = follow(still, { cost, rest: 40 });
    assert.ok(frames > detections, `${frames} frames, ${detections} detections`);
    // The reduced first detection and the time of the frame in which a detection becomes due are added.
    assert.ok(detections * cost < 8000 * 0.4 + 2 * cost, `${detections} detections of ${cost} ms in 8 s`);
  }
});

test('a fast device detects four times a second', () => {
  const { detections } = follow(still, { cost: 15, rest: 15 });
  assert.ok(detections >= 28 && detections <= 36, `${detections} detections in 8 s`);
});

for (const cost of [80, 400, 800]) {
  test(`one moving person has one id where a detection takes ${cost} ms`, () => {
    const { ids, frames } = follow(moving, { cost, rest: 60 });
    assert.ok(frames >= 8000 / (cost + 60) - 1, `${frames} frames`);
    assert.deepEqual([...ids], [0]);
  });
}
