/** Tracking a real face: in films where its true place is known, with a detector that knows it, too. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assignMaximum } from '../../../../static/js/inference/tracking/hungarian.js';
import { DETECT_MS, FaceTracker, SEARCH_MS } from '../../../../static/js/inference/tracking/face-tracking.js';
import { alignTemplate, boxOf, createTemplate, poseOf, similarityOf } from '../../../../static/js/inference/tracking/template-alignment.js';
import { greyPatch } from '../../../../static/js/inference/tracking/grey-patch.js';
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
const greyOfAll = (image) => greyPatch(image, { x: 0, y: 0 }, 2);

/**
 * Tracks people through a film; the detector knows where they are.
 *
 * @param {(seconds: number) => Place[]} people
 * @param {{seconds: number, rate?: number}} options
 */
function play(people, { seconds, rate = 30 }) {
  /** @type {Box[]} */
  let truth = [];
  let detections = 0;
  const tracker = new FaceTracker(() => {
    detections++;
    return truth.map((box) => ({ ...box }));
  });
  const frames = [];
  for (let i = 0; i < seconds * rate; i++) {
    const time = (1000 * i) / rate;
    const places = people(time / 1000);
    truth = places.map((place) => faceAt(face, picture, place));
    const image = filmed(places.map((place) => ({ picture, place })), { ...CAMERA, random: next });
    const { faces, detected } = tracker.update(frameOf(image), time);
    frames.push({ time, truth, detected, faces: faces.map(({ id, box }) => ({ id, box })) });
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
        const template = createTemplate(greyOfAll(filmed([{ picture, place: start }], { ...CAMERA, random: next })), faceAt(face, picture, start));
        assert.ok(template);
        const after = filmed([{ picture, place: moved }], { ...CAMERA, light, random: next });
        const { pose, similarity: alike } = alignTemplate(greyOfAll(after), template, poseOf(faceAt(face, picture, start)));
        assert.ok(alike > 0.9, `similarity ${alike}`);
        const overlap = iou(boxOf(pose), faceAt(face, picture, moved));
        assert.ok(overlap > 0.94, `IoU ${overlap}`);
      });
    }
  }

  test('where there is no face, the similarity is low', () => {
    const place = { x: 40, y: 20, scale: 0.8 };
    const box = faceAt(face, picture, place);
    const template = createTemplate(greyOfAll(filmed([{ picture, place }], CAMERA)), box);
    assert.ok(template);
    assert.ok(alignTemplate(greyOfAll(filmed([], CAMERA)), template, poseOf(box)).similarity < 0.5);
    assert.equal(createTemplate(greyOfAll(filmed([], { ...CAMERA, noise: 0 })), box), null, 'all values are equal, no template');
    assert.ok(Math.abs(similarityOf(template, template) - 1) < 1e-6);
  });
});

describe('tracking in a film', () => {
  /** @param {number} t @returns {Place[]} */
  const swaying = (t) => [{ x: 40 + 60 * Math.sin(3 * t), y: 10 + 10 * Math.sin(5 * t), scale: 0.8 + 0.1 * Math.sin(2 * t), roll: 0.1 * Math.sin(4 * t) }];

  for (const rate of [15, 30, 60]) {
    test(`the box stays on a moving face, detected four times a second; ${rate} frames a second`, () => {
      const { frames, detections } = play(swaying, { seconds: 2, rate });
      const overlaps = frames.map(({ faces, truth }) => (faces.length === 1 ? iou(faces[0].box, truth[0]) : 0)).sort((a, b) => a - b);
      assert.ok(overlaps[0] > 0.85, `least IoU ${overlaps[0]}`);
      assert.ok(overlaps[overlaps.length >> 1] > 0.95, `median IoU ${overlaps[overlaps.length >> 1]}`);
      assert.ok(detections <= 2000 / DETECT_MS + 2, `${detections} detections`);
      assert.deepEqual([...new Set(frames.flatMap(({ faces }) => faces.map(({ id }) => id)))], [0]);
    });
  }

  test('a face that appears is found within the time between two detections', () => {
    const [first, second] = [{ x: -40, y: 10, scale: 0.7 }, { x: 120, y: 10, scale: 0.7 }];
    const { frames } = play((t) => (t < 1.1 ? [first] : [first, second]), { seconds: 1.6 });
    const came = frames.find(({ truth }) => truth.length === 2)?.time ?? NaN;
    const seen = frames.find(({ faces }) => faces.length === 2)?.time ?? NaN;
    assert.ok(seen - came <= DETECT_MS, `${seen - came} ms`);
  });

  test('a face that disappears is dropped at once, and found again soon, under its id', () => {
    const place = { x: 40, y: 10, scale: 0.8 };
    const { frames } = play((t) => (t > 0.6 && t < 1 ? [] : [place]), { seconds: 1.6 });
    const gone = frames.find(({ truth }) => truth.length === 0)?.time ?? NaN;
    for (const { time, truth, faces } of frames) {
      if (truth.length === 0) assert.deepEqual(faces, [], `still there at ${time - gone} ms`);
    }
    const back = frames.find(({ time, faces }) => time > gone && faces.length === 1);
    assert.ok(back && back.time - 1000 <= SEARCH_MS + 34);
    assert.equal(back.faces[0].id, 0);
  });

  test('a cut in the film is noticed in its first frame', () => {
    const [before, after] = [{ x: -30, y: 10, scale: 0.7 }, { x: 150, y: 40, scale: 0.6 }];
    const { frames } = play((t) => [t < 0.6 ? before : after], { seconds: 1 });
    for (const { faces, truth } of frames) assert.ok(iou(faces[0].box, truth[0]) > 0.85);
  });

  test('the first detection is on a reduced frame, the next one on a whole one; where the first finds nothing, at once', () => {
    const place = { x: 40, y: 10, scale: 0.8 };
    const at = faceAt(face, picture, place);
    const frame = frameOf(filmed([{ picture, place }], CAMERA));
    for (const seen of [true, false]) {
      /** @type {boolean[]} */
      const detections = [];
      const tracker = new FaceTracker((_, reduced) => {
        detections.push(reduced);
        return reduced && !seen ? [] : [at];
      });
      const faces = [0, 33, 66].map((time) => tracker.update(frame, time).faces.length);
      assert.deepEqual(faces, [1, 1, 1]);
      assert.deepEqual(detections, [true, false]);
    }
  });

  test('a film that is set back or changes its size resets the tracking', () => {
    const tracker = new FaceTracker(() => [at]);
    const place = { x: 40, y: 10, scale: 0.8 };
    const at = faceAt(face, picture, place);
    const frame = frameOf(filmed([{ picture, place }], CAMERA));
    assert.equal(tracker.update(frame, 1000).detected, true);
    assert.equal(tracker.update(frame, 1033).detected, true);
    assert.equal(tracker.update(frame, 1066).detected, false);
    assert.equal(tracker.update(frame, 500).detected, true);
    assert.equal(tracker.update(frameOf(filmed([{ picture, place }], { ...CAMERA, width: 400 })), 533).detected, true);
  });
});

describe('the Hungarian method', () => {
  /** The best sum, by trying all. @param {(number | null)[][]} weights @param {number} [row] @param {number[]} [taken] @returns {number} */
  const best = (weights, row = 0, taken = []) => {
    if (row === weights.length) return 0;
    const assigned = weights[row].map((value, column) =>
      value === null || taken.includes(column) ? -Infinity : value + best(weights, row + 1, [...taken, column]),
    );
    return Math.max(best(weights, row + 1, taken), ...assigned);
  };

  test('gives the result of an exhaustive search', () => {
    const random01 = random(4);
    for (let round = 0; round < 300; round++) {
      const [rows, columns] = [1 + Math.floor(4 * random01()), 1 + Math.floor(4 * random01())];
      const weights = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => (random01() < 0.3 ? null : 1.5 * random01() - 0.3)),
      );
      const assigned = assignMaximum(weights);
      const taken = assigned.filter((column) => column >= 0);
      assert.equal(new Set(taken).size, taken.length);
      const sum = assigned.reduce((total, column, row) => total + (column < 0 ? 0 : Number(weights[row][column] ?? -Infinity)), 0);
      assert.ok(Math.abs(sum - best(weights)) < 1e-9);
    }
    assert.deepEqual(assignMaximum([]), []);
    assert.deepEqual(assignMaximum([[], []]), [-1, -1]);
  });
});
