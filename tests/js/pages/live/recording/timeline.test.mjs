import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Recording } from '../../../../../static/js/pages/live/recording/recording.js';
import { LANES, columnLength, columnsOf, facesIn, samplesAt, segmentsOf } from '../../../../../static/js/pages/live/recording/timeline-data.js';
import { drawTimeline, layoutTimeline, ticksOf, timeAt, xOf } from '../../../../../static/js/pages/live/recording/timeline.js';
import { contractOf } from '../../../../support/js/contract.mjs';

const LABELS = ['sad', 'happy'];
const CONTRACT = contractOf(LABELS, 0.6);
const COLORS = { text: 'ink', muted: 'quiet', line: 'line', bar: 'bar', accent: 'accent', font: 'sans' };

/** @param {number} id @param {number} happy */
function face(id, happy) {
  const score = Math.max(happy, 1 - happy);
  const label = happy > 0.5 ? 'happy' : 'sad';
  return { id, box: { x: 0, y: 0, width: 9, height: 9 }, label, score, scores: { sad: 1 - happy, happy }, detector: /** @type {const} */ ('blazeface'), unsure: score < 0.6 };
}

/**
 * @param {number} to  in seconds
 * @param {(seconds: number) => ReturnType<typeof face>[]} facesAt
 */
function recorded(to, facesAt) {
  const recording = new Recording(CONTRACT);
  for (let i = 0; i < to * 10; i += 1) recording.add(i / 10, { faces: facesAt(i / 10), image: { width: 64, height: 48 } });
  recording.cut();
  return recording;
}

/** Every rectangle that is drawn: [colour, x, y, width, height]. */
function recordingContext() {
  /** @type {[string, number, number, number, number][]} */
  const rectangles = [];
  /** @type {string[]} */
  const texts = [];
  const state = { fillStyle: '' };
  const context = new Proxy(state, {
    get: (_, name) => {
      if (name === 'measureText') return (/** @type {string} */ text) => ({ width: text.length * 7 });
      if (name === 'fillText') return (/** @type {string} */ text) => texts.push(text);
      if (name === 'fillRect') return (/** @type {[number, number, number, number]} */ ...place) => rectangles.push([state.fillStyle, ...place]);
      return () => {};
    },
  });
  return { context: /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (context)), rectangles, texts };
}

test('bars are as high as the scores; the highest has the accent colour unless unsure', () => {
  const recording = recorded(20, (s) => [face(0, s < 10 ? 0.75 : 0.55)]);
  const span = { from: 0, to: 20 };
  const layout = layoutTimeline(500, [1], LABELS);
  const { context, rectangles } = recordingContext();
  drawTimeline(context, recording, { layout, span, colors: COLORS, ratio: 1, cursor: null });
  const full = layout.row - 3;
  const half = xOf(10, layout, span);
  const strong = rectangles.filter(([colour]) => colour === 'accent');
  const weak = rectangles.filter(([colour]) => colour === 'bar');
  assert.equal(strong.length, 100);
  assert.equal(weak.length, 300);
  for (const [, x, y, , height] of strong) {
    assert.ok(x < half);
    assert.ok(Math.abs(height - 0.75 * full) < 1e-4);
    assert.ok(Math.abs(y + height - (layout.lanes[0].top + 2 * layout.row - 1)) < 1e-4, 'a bar begins at the line of its row');
  }
});

test('bars of neighbouring columns touch and never overlap, on any display', () => {
  const recording = recorded(60, () => [face(0, 0.9)]);
  for (const ratio of [1, 1.5, 2]) {
    for (const from of [0, 0.04, 3.333]) {
      const span = { from, to: from + 50 };
      const layout = layoutTimeline(611, [1], LABELS);
      const { context, rectangles } = recordingContext();
      drawTimeline(context, recording, { layout, span, colors: COLORS, ratio, cursor: null });
      const bars = rectangles.filter(([colour]) => colour === 'accent').sort((a, b) => a[1] - b[1]);
      assert.ok(bars.length > 200);
      bars.slice(1).forEach(([, x], i) => assert.ok(Math.abs(bars[i][1] + bars[i][3] - x) < 1e-9));
      for (const [, x, , width] of bars) assert.ok(x >= layout.left && x + width <= layout.right);
    }
  }
});

test('columns begin at the same times while the span moves', () => {
  const recording = recorded(300, (s) => [face(0, (s % 7) / 7)]);
  const length = columnLength({ from: 0, to: 200 }, 400);
  assert.equal(length, 0.5);
  const before = columnsOf(recording, { from: 10.2, to: 210.2 }, length).get(1);
  const after = columnsOf(recording, { from: 10.7, to: 210.7 }, length).get(1);
  assert.ok(before && after);
  // The last column may still be growing.
  assert.deepEqual(after.slice(0, -2), before.slice(1, -1));
});

test('a column is at least a pixel wide and holds whole samples', () => {
  assert.equal(columnLength({ from: 0, to: 60 }, 900), 0.1);
  assert.equal(columnLength({ from: 0, to: 300 }, 900), 0.4);
  assert.equal(columnLength({ from: 0, to: 3600 }, 900), 4);
});

test('each face has a lane; if there are too many, the faces in view longest', () => {
  const recording = recorded(10, (s) => Array.from({ length: 6 }, (_, id) => face(id, 0.9)).filter(({ id }) => id !== 2 || s < 2));
  const { shown, more } = facesIn(recording, { from: 0, to: 10 });
  assert.equal(shown.length, LANES);
  assert.equal(shown.includes(3), false, 'number 3 was the briefest');
  assert.equal(more, 2);
  const layout = layoutTimeline(500, shown, LABELS);
  layout.lanes.slice(1).forEach(({ top }, i) => assert.ok(top >= layout.lanes[i].top + LABELS.length * layout.row));
  const { context, texts } = recordingContext();
  drawTimeline(context, recording, { layout, span: { from: 0, to: 10 }, colors: COLORS, ratio: 1, cursor: null });
  assert.deepEqual(texts.filter((text) => text.startsWith('Face')), shown.map((number) => `Face ${number}`));
});

test('the cursor marks its time', () => {
  const recording = recorded(10, () => [face(0, 0.9)]);
  const span = { from: 0, to: 10 };
  const layout = layoutTimeline(500, [1], LABELS);
  for (const [cursor, count] of [[5, 1], [11, 0], [null, 0]]) {
    const { context, rectangles } = recordingContext();
    drawTimeline(context, recording, { layout, span, colors: COLORS, ratio: 1, cursor });
    const marks = rectangles.filter(([colour]) => colour === 'ink');
    assert.equal(marks.length, count);
    if (cursor === 5) assert.ok(Math.abs(marks[0][1] + 0.5 - xOf(5, layout, span)) <= 1);
  }
});

test('timeAt is the inverse of xOf, limited to the span', () => {
  const layout = layoutTimeline(500, [1], LABELS);
  const span = { from: 30, to: 90 };
  assert.ok(Math.abs(timeAt(xOf(42, layout, span), layout, span) - 42) < 1e-9);
  assert.equal(timeAt(-50, layout, span), 30);
  assert.equal(timeAt(5000, layout, span), 90);
});

test('samplesAt gives the sample of each face near a time, none in a gap', () => {
  const recording = recorded(10, (s) => (s < 4 || s > 7 ? [face(5, 0.9), face(1, 0.2)] : []));
  const read = samplesAt(recording, 2.02);
  assert.deepEqual(read.map((sample) => [sample.seconds, sample.face, sample.label]), [[2, 1, 'happy'], [2, 2, 'sad']]);
  assert.deepEqual(samplesAt(recording, 5.5), []);
  assert.equal(samplesAt(recording, 4.2).length, 2);
});

test('segments say from when to when a face kept a label', () => {
  const recording = recorded(12, (s) => [face(0, s < 3 ? 0.9 : s < 5 ? 0.55 : 0.1)].concat(s >= 8 ? [face(1, 0.9)] : []).filter(() => s < 6 || s > 6.9));
  assert.deepEqual(segmentsOf(recording, { from: 0, to: 12 }), [
    { face: 1, from: 0, to: 3, label: 'happy' },
    { face: 1, from: 3, to: 5, label: 'unsure' },
    { face: 1, from: 5, to: 6, label: 'sad' },
    { face: 1, from: 7, to: 12, label: 'sad' },
    { face: 2, from: 8, to: 12, label: 'happy' },
  ]);
});

test('ticks are round times within the span, and far enough apart', () => {
  assert.deepEqual(ticksOf({ from: 3, to: 63 }, 500), [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(ticksOf({ from: 0, to: 300 }, 500), [0, 60, 120, 180, 240, 300]);
  assert.ok(ticksOf({ from: 0, to: 86400 }, 300).length <= 7);
});
