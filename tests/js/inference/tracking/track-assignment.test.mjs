import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { KEEP_MS, TrackAssigner } from '../../../../static/js/inference/tracking/track-assignment.js';
import { at, watch } from '../../../support/js/crowd.mjs';
import { random } from '../../../support/js/runtime.mjs';

/** @typedef {import('../../../../static/js/types.js').Box} Box */
/** @typedef {{name: string, frames: {time: number, boxes: Box[], ids: number[]}[]}} Story */

/** @type {Story[]} */
const STORIES = [
  {
    name: 'a face that moves by a third of its side a frame keeps its id',
    frames: [0, 1, 2, 3, 4, 5].map((i) => ({ time: i * 40, boxes: [at(100 + 33 * i, 200)], ids: [0] })),
  },
  {
    name: 'a face that jumps by a little more than its side keeps its id',
    frames: [
      { time: 0, boxes: [at(100, 100)], ids: [0] },
      { time: 40, boxes: [at(210, 100)], ids: [0] },
    ],
  },
  {
    name: 'a box far away is a new face',
    frames: [
      { time: 0, boxes: [at(100, 100)], ids: [0] },
      { time: 40, boxes: [at(400, 100)], ids: [1] },
    ],
  },
  {
    name: 'a box of quite another size is a new face',
    frames: [
      { time: 0, boxes: [at(100, 100, 100)], ids: [0] },
      { time: 40, boxes: [at(100, 100, 40)], ids: [1] },
    ],
  },
  {
    name: 'ids follow faces, not the order of boxes',
    frames: [
      { time: 0, boxes: [at(100, 100), at(300, 100), at(500, 100)], ids: [0, 1, 2] },
      { time: 40, boxes: [at(505, 100), at(105, 100), at(305, 100)], ids: [2, 0, 1] },
    ],
  },
  {
    name: 'two faces that pass each other, a side apart, are not exchanged',
    frames: Array.from({ length: 21 }, (_, i) => ({
      time: i * 40,
      boxes: [at(100 + 20 * i, 100), at(500 - 20 * i, 200)],
      ids: [0, 1],
    })),
  },
  {
    name: 'two faces that touch and part again, slowly, are not exchanged',
    frames: Array.from({ length: 41 }, (_, i) => {
      const half = 60 + 5 * Math.abs(i - 20);
      return { time: i * 40, boxes: [at(300 - half, 100), at(300 + half, 104)], ids: [0, 1] };
    }),
  },
  {
    name: 'a face that is gone for 500 ms comes back under its id, others unmoved',
    frames: [
      { time: 0, boxes: [at(100, 100), at(300, 100)], ids: [0, 1] },
      { time: 100, boxes: [at(300, 100)], ids: [1] },
      { time: 300, boxes: [at(301, 100)], ids: [1] },
      { time: 500, boxes: [at(302, 100), at(110, 100)], ids: [1, 0] },
    ],
  },
  {
    name: 'a face that is gone for longer is new',
    frames: [
      { time: 0, boxes: [at(100, 100)], ids: [0] },
      { time: 400, boxes: [], ids: [] },
      { time: KEEP_MS + 1, boxes: [at(100, 100)], ids: [1] },
    ],
  },
  {
    name: 'of two boxes near a face the likelier one takes its id',
    frames: [
      { time: 0, boxes: [at(100, 100)], ids: [0] },
      { time: 40, boxes: [at(150, 100), at(110, 100)], ids: [1, 0] },
    ],
  },
  {
    name: 'a film that is set back resets the tracks, without giving an id twice',
    frames: [
      { time: 1000, boxes: [at(100, 100)], ids: [0] },
      { time: 0, boxes: [at(100, 100)], ids: [1] },
      { time: 40, boxes: [at(100, 100)], ids: [1] },
    ],
  },
];

describe('track assignment', () => {
  for (const { name, frames } of STORIES) {
    test(name, () => {
      const tracker = new TrackAssigner();
      frames.forEach(({ time, boxes, ids }, i) => {
        assert.deepEqual(tracker.assign(boxes, time), ids, `frame ${i}`);
      });
    });
  }

  test('keeps tracks of faces out of view, and drops them', () => {
    const tracker = new TrackAssigner();
    tracker.assign([at(100, 100), at(300, 100)], 0);
    tracker.assign([at(300, 100)], 400);
    assert.deepEqual([...tracker.ids()].sort(), [0, 1]);
    tracker.assign([at(300, 100)], KEEP_MS + 1);
    assert.deepEqual([...tracker.ids()], [1]);
  });
});

/** Between two moments a person is elsewhere. @param {number} from @param {number} to @param {import('../../../support/js/crowd.mjs').Person} person @returns {import('../../../support/js/crowd.mjs').Person} */
const away = (from, to, person) => (t) => (t > from && t < to ? null : person(t));

/** Ten people on a circle, each swaying about a place of their own. */
const TEN = Array.from({ length: 10 }, (_, i) => {
  const [x, y] = [320 + 250 * Math.cos((i * Math.PI) / 5), 240 + 180 * Math.sin((i * Math.PI) / 5)];
  return (/** @type {number} */ t) => at(x + 20 * Math.sin(3 * t + i), y + 15 * Math.cos(2 * t + i), 70);
});

/**
 * People and the ids they should have.
 *
 * @type {{name: string, seconds: number, people: import('../../../support/js/crowd.mjs').Person[], ids: number[][]}[]}
 */
const SCENES = [
  { name: 'still', seconds: 4, people: [() => at(300, 200)], ids: [[0]] },
  {
    name: 'moving, four sides a second, and back',
    seconds: 4,
    people: [(t) => at(320 + 250 * Math.sin(1.6 * t), 200)],
    ids: [[0]],
  },
  {
    name: 'coming nearer, three times as large within a second and a half',
    seconds: 2,
    people: [(t) => at(320, 240, 60 * 3 ** Math.min(t / 1.5, 1))],
    ids: [[0]],
  },
  {
    name: 'crossing, one before the other',
    seconds: 4,
    people: [(t) => at(80 + 120 * t, 200, 110), (t) => at(560 - 120 * t, 205, 100)],
    ids: [[0], [1]],
  },
  {
    name: 'crossing slowly, hidden for more than a second',
    seconds: 8,
    people: [(t) => at(160 + 40 * t, 200, 110), (t) => at(480 - 40 * t, 205, 100)],
    ids: [[0], [1]],
  },
  {
    name: 'one passes before another who sits',
    seconds: 4,
    people: [(t) => at(60 + 130 * t, 210, 120), () => at(320, 200, 100)],
    ids: [[0], [1]],
  },
  {
    name: 'leaving and coming back after 1.5 seconds',
    seconds: 5,
    people: [away(1, 2.5, (t) => at(t < 2 ? 560 + 40 * t : 690 - 40 * (t - 1), 200)), () => at(200, 200)],
    ids: [[0], [1]],
  },
  {
    name: 'leaving and coming back after 3 seconds is somebody new',
    seconds: 6,
    people: [away(1, 4, () => at(560, 200)), () => at(200, 200)],
    ids: [[0, 2], [1]],
  },
  {
    name: 'hidden behind a post for half a second, going on meanwhile',
    seconds: 4,
    people: [away(1, 1.5, (t) => at(100 + 150 * t, 200))],
    ids: [[0]],
  },
  {
    name: 'missed by the detector every third frame',
    seconds: 3,
    people: [(t) => (Math.round(t * 1000) % 3 === 2 ? null : at(300 + 50 * t, 200))],
    ids: [[0]],
  },
  {
    name: 'appearing, one after the other',
    seconds: 4,
    people: [() => at(100, 200), away(-1, 1, () => at(320, 200)), away(-1, 2, () => at(540, 200))],
    ids: [[0], [1], [2]],
  },
  { name: 'ten faces', seconds: 4, people: TEN, ids: TEN.map((_, i) => [i]) },
];

/** @type {Record<string, (seconds: number) => number>} */
const RATES = {
  '10 a second': () => 10,
  '30 a second': () => 30,
  '120 a second': () => 120,
  '10 to 120 a second, changing all the time': (t) => 10 + 110 * Math.abs(Math.sin(7 * t)),
};

describe('ids of people', () => {
  for (const { name, seconds, people, ids } of SCENES) {
    for (const [speed, rate] of Object.entries(RATES)) {
      test(`${name}; frames ${speed}`, () => {
        const next = random(7);
        const off = () => 3 * (next() - 0.5);
        // The boxes of the detector jitter.
        const jitter = (/** @type {Box} */ { x, y, width }) => at(x + width / 2 + off(), y + width / 2 + off(), width + off());
        assert.deepEqual(watch(new TrackAssigner(), people, seconds, rate, jitter), ids);
      });
    }
  }

  test('two who meet and turn back are told apart by their templates', () => {
    const template = (/** @type {number} */ k) =>
      /** @type {any} */ ({ coarse: Float32Array.from({ length: 100 }, (_, i) => Math.cos(k * i) / Math.sqrt(50)) });
    const templates = [template(0.31), template(0.77)];
    const tracker = new TrackAssigner();
    /** @type {Set<number>[]} */
    const ids = [new Set(), new Set()];
    for (let t = 0; t <= 4; t += 1 / 30) {
      const half = 150 * Math.abs(t - 2); // they meet, are one to the detector, and part the way they came
      const boxes = [at(320 - half, 200), at(320 + half, 200)];
      const shown = half < 27 ? [1] : [0, 1];
      const given = tracker.assign(shown.map((i) => boxes[i]), t * 1000, shown.map((i) => templates[i]));
      shown.forEach((person, i) => ids[person].add(given[i]));
    }
    assert.deepEqual(ids, [new Set([0]), new Set([1])]);
  });
});
