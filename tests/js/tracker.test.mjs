import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { KEEP_MS, Tracker } from '../../static/js/tracker.js';

/** A square box. @param {number} x  of its centre @param {number} y @param {number} [side] */
const at = (x, y, side = 100) => ({ x: x - side / 2, y: y - side / 2, width: side, height: side });

/** @typedef {ReturnType<typeof at>} Box */
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
    name: 'a film that is set back starts afresh, without giving an id twice',
    frames: [
      { time: 1000, boxes: [at(100, 100)], ids: [0] },
      { time: 0, boxes: [at(100, 100)], ids: [1] },
      { time: 40, boxes: [at(100, 100)], ids: [1] },
    ],
  },
];

describe('tracker', () => {
  for (const { name, frames } of STORIES) {
    test(name, () => {
      const tracker = new Tracker();
      frames.forEach(({ time, boxes, ids }, i) => {
        assert.deepEqual(tracker.update(boxes, time), ids, `frame ${i}`);
      });
    });
  }

  test('remembers faces out of view, and forgets them', () => {
    const tracker = new Tracker();
    tracker.update([at(100, 100), at(300, 100)], 0);
    tracker.update([at(300, 100)], 400);
    assert.deepEqual([...tracker.ids()].sort(), [0, 1]);
    tracker.update([at(300, 100)], 600);
    assert.deepEqual([...tracker.ids()], [1]);
  });
});
