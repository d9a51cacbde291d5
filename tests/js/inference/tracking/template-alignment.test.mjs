/** Following a real face: on films where its true place is known, with a detector that knows it too. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assign } from '../../../../static/js/inference/tracking/hungarian.js';
import { DETECT_MS, FaceFollower, SEARCH_MS } from '../../../../static/js/inference/tracking/face-tracking.js';
import { boxOf, follow, likeness, lookAt, poseOf } from '../../../../static/js/inference/tracking/template-alignment.js';
import { greyOf } from '../../../../static/js/inference/tracking/grey-patch.js';
import { iou } from '../../../../static/js/inference/tracking/track-assignment.js';
import { FACE, astronaut } from '../../../support/js/astronaut.mjs';
import { faceAt, filmed } from '../../../support/js/filmed.mjs';
import { frameOf, random } from '../../../support/js/runtime.mjs';

/** @typedef {import('../../../../static/js/types.js').Box} Box */
/** @typedef {import('../../../support/js/filmed.mjs').Place} Place */

const CAMERA = { width: 320, height: 240, noise: 3 };
const picture = astronaut();
const face = { ...FACE, height: FACE.width };
const next = random(11);

/** @param {import('../../../../static/js/types.js').Pixels} image */
const greyOfAll = (image) => greyOf(image, { x: 0, y: 0 }, 2);

/**
 * Follows people through a film; the detector knows where they are.
 *
 * @param {(seconds: number) => Place[]} people
 * @param {{seconds: number, rate?: number}} options
 */
function play(people, { seconds, rate = 30 }) {
  /** @type {Box[]} */
  let truth = [];
  let detections = 0;
  const follower = new FaceFollower(() => {
    detections++;
    return truth.map((box) => ({ ...box }));
  });
  const frames = [];
  for (let i = 0; i < seconds * rate; i++) {
    const time = (1000 * i) / rate;
    const places = people(time / 1000);
    truth = places.map((place) => faceAt(face, picture, place));
    const image = filmed(places.map((place) => ({ picture, place })), { ...CAMERA, random: next });
    const { known, detected } = follower.update(frameOf(image), time);
    frames.push({ time, truth, detected, known: known.map(({ id, box }) => ({ id, box })) });
  }
  return { frames, detections };
}

describe('a face is found again', () => {
  for (const [name, moved] of /** @type {[string, Place][]} */ ([
    ['where it was', { x: 40, y: 20, scale: 0.8 }],
    ['a tenth of its side away', { x: 48, y: 15, scale: 0.8 }],
    ['a third of its side away', { x: 66, y: 20, scale: 0.8 }],
    ['larger by 8 %', { x: 33, y: 12, scale: 0.864 }],
    ['tilted by 8 degrees', { x: 40, y: 20, scale: 0.8, roll: 0.14 }],
  ])) {
    for (const light of [1, 0.7]) {
      test(`${name}, in ${light} of the light`, () => {
        const start = { x: 40, y: 20, scale: 0.8 };
        const look = lookAt(greyOfAll(filmed([{ picture, place: start }], { ...CAMERA, random: next })), faceAt(face, picture, start));
        assert.ok(look);
        const after = filmed([{ picture, place: moved }], { ...CAMERA, light, random: next });
        const { pose, likeness: alike } = follow(greyOfAll(after), look, poseOf(faceAt(face, picture, start)));
        assert.ok(alike > 0.9, `likeness ${alike}`);
        const overlap = iou(boxOf(pose), faceAt(face, picture, moved));
        assert.ok(overlap > 0.94, `IoU ${overlap}`);
      });
    }
  }

  test('where there is none, nothing is like it', () => {
    const place = { x: 40, y: 20, scale: 0.8 };
    const box = faceAt(face, picture, place);
    const look = lookAt(greyOfAll(filmed([{ picture, place }], CAMERA)), box);
    assert.ok(look);
    assert.ok(follow(greyOfAll(filmed([], CAMERA)), look, poseOf(box)).likeness < 0.5);
    assert.equal(lookAt(greyOfAll(filmed([], { ...CAMERA, noise: 0 })), box), null, 'nothing to see, no look');
    assert.ok(Math.abs(likeness(look, look) - 1) < 1e-6);
  });
});

describe('following a film', () => {
  /** @param {number} t @returns {Place[]} */
  const swaying = (t) => [{ x: 40 + 60 * Math.sin(3 * t), y: 10 + 10 * Math.sin(5 * t), scale: 0.8 + 0.1 * Math.sin(2 * t), roll: 0.1 * Math.sin(4 * t) }];

  for (const rate of [15, 30, 60]) {
    test(`the box stays on a moving face, detected four times a second; ${rate} frames a second`, () => {
      const { frames, detections } = play(swaying, { seconds: 2, rate });
      const overlaps = frames.map(({ known, truth }) => (known.length === 1 ? iou(known[0].box, truth[0]) : 0)).sort((a, b) => a - b);
      assert.ok(overlaps[0] > 0.85, `least IoU ${overlaps[0]}`);
      assert.ok(overlaps[overlaps.length >> 1] > 0.95, `median IoU ${overlaps[overlaps.length >> 1]}`);
      assert.ok(detections <= 2000 / DETECT_MS + 2, `${detections} detections`);
      assert.deepEqual([...new Set(frames.flatMap(({ known }) => known.map(({ id }) => id)))], [0]);
    });
  }

  test('a face that comes is found within the time between two detections', () => {
    const [first, second] = [{ x: -40, y: 10, scale: 0.7 }, { x: 120, y: 10, scale: 0.7 }];
    const { frames } = play((t) => (t < 1.1 ? [first] : [first, second]), { seconds: 1.6 });
    const came = frames.find(({ truth }) => truth.length === 2)?.time ?? NaN;
    const seen = frames.find(({ known }) => known.length === 2)?.time ?? NaN;
    assert.ok(seen - came <= DETECT_MS, `${seen - came} ms`);
  });

  test('one that goes is given up at once, and found again soon, under its id', () => {
    const place = { x: 40, y: 10, scale: 0.8 };
    const { frames } = play((t) => (t > 0.6 && t < 1 ? [] : [place]), { seconds: 1.6 });
    const gone = frames.find(({ truth }) => truth.length === 0)?.time ?? NaN;
    for (const { time, truth, known } of frames) {
      if (truth.length === 0) assert.deepEqual(known, [], `still there at ${time - gone} ms`);
    }
    const back = frames.find(({ time, known }) => time > gone && known.length === 1);
    assert.ok(back && back.time - 1000 <= SEARCH_MS + 34);
    assert.equal(back.known[0].id, 0);
  });

  test('a cut in the film is noticed in its first frame', () => {
    const [before, after] = [{ x: -30, y: 10, scale: 0.7 }, { x: 150, y: 40, scale: 0.6 }];
    const { frames } = play((t) => [t < 0.6 ? before : after], { seconds: 1 });
    for (const { known, truth } of frames) assert.ok(iou(known[0].box, truth[0]) > 0.85);
  });

  test('the first look is a glance, and the next one whole; where it shows nothing, at once', () => {
    const place = { x: 40, y: 10, scale: 0.8 };
    const at = faceAt(face, picture, place);
    const frame = frameOf(filmed([{ picture, place }], CAMERA));
    for (const seen of [true, false]) {
      /** @type {boolean[]} */
      const looks = [];
      const follower = new FaceFollower((_, glance) => {
        looks.push(glance);
        return glance && !seen ? [] : [at];
      });
      const known = [0, 33, 66].map((time) => follower.update(frame, time).known.length);
      assert.deepEqual(known, [1, 1, 1]);
      assert.deepEqual(looks, [true, false]);
    }
  });

  test('a film set back, or of another size, starts afresh', () => {
    const follower = new FaceFollower(() => [at]);
    const place = { x: 40, y: 10, scale: 0.8 };
    const at = faceAt(face, picture, place);
    const frame = frameOf(filmed([{ picture, place }], CAMERA));
    assert.equal(follower.update(frame, 1000).detected, true);
    assert.equal(follower.update(frame, 1033).detected, true);
    assert.equal(follower.update(frame, 1066).detected, false);
    assert.equal(follower.update(frame, 500).detected, true);
    assert.equal(follower.update(frameOf(filmed([{ picture, place }], { ...CAMERA, width: 400 })), 533).detected, true);
  });
});

describe('assign', () => {
  /** The best sum, by trying all. @param {(number | null)[][]} worth @param {number} [row] @param {number[]} [taken] @returns {number} */
  const best = (worth, row = 0, taken = []) => {
    if (row === worth.length) return 0;
    const joined = worth[row].map((value, column) =>
      value === null || taken.includes(column) ? -Infinity : value + best(worth, row + 1, [...taken, column]),
    );
    return Math.max(best(worth, row + 1, taken), ...joined);
  };

  test('gives what trying all gives', () => {
    const random01 = random(4);
    for (let round = 0; round < 300; round++) {
      const [rows, columns] = [1 + Math.floor(4 * random01()), 1 + Math.floor(4 * random01())];
      const worth = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => (random01() < 0.3 ? null : 1.5 * random01() - 0.3)),
      );
      const joined = assign(worth);
      const taken = joined.filter((column) => column >= 0);
      assert.equal(new Set(taken).size, taken.length);
      const sum = joined.reduce((total, column, row) => total + (column < 0 ? 0 : Number(worth[row][column] ?? -Infinity)), 0);
      assert.ok(Math.abs(sum - best(worth)) < 1e-9);
    }
    assert.deepEqual(assign([]), []);
    assert.deepEqual(assign([[], []]), [-1, -1]);
  });
});
