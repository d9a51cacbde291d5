import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BRIEF, GAP, Recording } from '../../../../../static/js/pages/live/recording/recording.js';
import { contractOf } from '../../../../support/js/contract.mjs';

const LABELS = ['sad', 'happy', 'neutral'];
const CONTRACT = contractOf(LABELS, 0.5);
const IMAGE = { width: 640, height: 480 };

/**
 * @param {number} id
 * @param {number[]} values  in the order of LABELS
 */
function face(id, values) {
  const score = Math.max(...values);
  return {
    id,
    box: { x: 10 * id, y: 5, width: 100, height: 90 },
    label: LABELS[values.indexOf(score)],
    score,
    scores: Object.fromEntries(LABELS.map((label, i) => [label, values[i]])),
    detector: /** @type {const} */ ('blazeface'),
    unsure: score < 0.5,
  };
}

const HAPPY = [0.1, 0.8, 0.1];
const SAD = [0.7, 0.2, 0.1];
const UNSURE = [0.4, 0.3, 0.3];

/** @param {ReturnType<typeof face>[]} faces */
const result = (...faces) => ({ faces, image: IMAGE });

/** @param {Recording} recording @param {number} [from] */
function samples(recording, from = -Infinity) {
  /** @type {import('../../../../../static/js/pages/live/recording/recording.js').Sample[]} */
  const found = [];
  recording.each({ from, to: Infinity }, (...place) => found.push(recording.sampleAt(...place)));
  return found;
}

/**
 * Record the same faces again and again.
 *
 * @param {Recording} recording
 * @param {number} from  in seconds
 * @param {number} to
 * @param {number} rate  results a second
 * @param {ReturnType<typeof face>[]} faces
 */
function play(recording, from, to, rate, ...faces) {
  for (let i = 0; from + i / rate < to - 1e-9; i += 1) recording.add(from + i / rate, result(...faces));
}

/** @param {number} actual @param {number} expected @param {number} [within] */
const near = (actual, expected, within = 1e-6) => assert.ok(Math.abs(actual - expected) <= within, `${actual}, not ${expected}`);

test('results within a tenth of a second are averaged', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 1, 30, face(0, HAPPY));
  recording.add(1.0, result(face(0, HAPPY)));
  recording.add(1.05, result(face(0, SAD)));
  recording.cut();
  const found = samples(recording);
  assert.deepEqual(found.map(({ seconds }) => seconds), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  assert.deepEqual(found[0].results, 3);
  const last = found[10];
  assert.equal(last.results, 2);
  near(last.scores.sad, 0.4);
  near(last.scores.happy, 0.5);
  assert.equal(last.label, 'happy');
  near(last.score, 0.5);
  assert.deepEqual(last.image, IMAGE);
  assert.deepEqual(last.box, { x: 0, y: 5, width: 100, height: 90 });
});

test('a sample whose mean score is too low is unsure', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 0.6, 10, face(0, UNSURE));
  assert.equal(samples(recording).every(({ unsure, label }) => unsure && label === 'sad'), true);
});

test('the number of samples does not depend on the number of results per second', () => {
  const [fast, slow] = [60, 10].map((rate) => {
    const recording = new Recording(CONTRACT);
    play(recording, 0, 20, rate, face(0, HAPPY));
    recording.cut();
    return samples(recording).length;
  });
  assert.equal(fast, 200);
  assert.equal(slow, 200);
});

test('a face gets a number when it has been in view long enough; brief faces are left out', () => {
  const recording = new Recording(CONTRACT);
  assert.deepEqual(recording.add(0, result(face(7, HAPPY))), [null]);
  play(recording, 0.1, BRIEF, 10, face(7, HAPPY), face(9, SAD));
  assert.deepEqual(recording.add(0.4, result(face(7, HAPPY), face(3, SAD))), [1, null]);
  play(recording, 0.5, 1, 10, face(7, HAPPY), face(3, SAD));
  assert.deepEqual(recording.add(1, result(face(3, SAD), face(7, HAPPY))), [2, 1]);
  recording.cut();
  const found = samples(recording);
  assert.deepEqual([...new Set(found.map(({ face: number }) => number))].sort(), [1, 2]);
  assert.equal(found.filter(({ face: number }) => number === 1).length, 10, 'also from before it had its number');
  assert.equal(recording.summary().faces.length, 2);
});

test('shares are shares of time, not of results', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 3, 60, face(0, HAPPY));
  play(recording, 3, 4, 5, face(0, SAD));
  recording.add(4, result());
  const { seconds, without_face, faces, total } = recording.summary();
  near(seconds, 4);
  near(without_face, 0);
  near(faces[0].seconds, 4);
  near(faces[0].shares.happy, 0.75);
  near(faces[0].shares.sad, 0.25);
  near(total.shares.happy, 0.75);
});

test('unsure and time without a face are counted separately; two faces count twice', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 2, 10, face(0, HAPPY), face(1, UNSURE));
  play(recording, 2, 3, 10);
  recording.add(3, result());
  const { seconds, without_face, faces, total } = recording.summary();
  near(seconds, 3);
  near(without_face, 1 / 3);
  near(faces[1].unsure, 1);
  near(faces[1].shares.sad, 0);
  near(total.seconds, 4);
  near(total.unsure, 0.5);
  near(Object.values(total.shares).reduce((sum, share) => sum + share, total.unsure), 1);
});

test('time in which the device slept is not counted', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 2, 10, face(0, HAPPY));
  play(recording, 602, 604, 10, face(0, SAD));
  recording.cut();
  const { seconds, faces } = recording.summary();
  near(seconds, 3.8);
  near(faces[0].seconds, 3.8);
  const times = samples(recording).map((sample) => sample.seconds);
  assert.equal(times.length, 40);
  assert.ok(times[20] - times[19] > GAP);
  assert.deepEqual(samples(recording, 600).map((sample) => sample.seconds), times.slice(20));
});

test('a pause is not counted, and a tenth with a pause in it stays one sample', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 1, 10, face(0, HAPPY));
  recording.add(1.01, result(face(0, HAPPY)));
  recording.cut();
  recording.add(1.05, result(face(0, SAD)));
  recording.add(1.06, result(face(0, SAD)));
  recording.add(1.5, result(face(0, SAD)));
  recording.cut();
  near(recording.summary().seconds, 1.01 + 0.01 + 0.44);
  const found = samples(recording, 1);
  assert.deepEqual(found.map(({ seconds, results }) => [seconds, results]), [[1, 3], [1.5, 1]]);
  near(found[0].scores.sad, (0.1 + 0.7 + 0.7) / 3);
});

test('after seeking back, nothing is recorded twice and faces keep their numbers', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 2, 10, face(0, HAPPY));
  const before = recording.summary();
  assert.deepEqual(recording.add(0.5, result(face(0, SAD))), [1]);
  assert.deepEqual(recording.add(1.5, result(face(0, SAD))), [1]);
  assert.deepEqual(recording.summary(), before);
  recording.add(2.1, result(face(0, SAD)));
  recording.cut();
  assert.equal(samples(recording).length, 21);
});

test('after a restart of the recognizer, its ids belong to other faces', () => {
  const recording = new Recording(CONTRACT);
  play(recording, 0, 1, 10, face(0, HAPPY));
  recording.restart();
  play(recording, 1, 2, 10, face(0, SAD));
  recording.cut();
  const { faces } = recording.summary();
  assert.deepEqual(faces.map((one) => one.face), [1, 2]);
  near(faces[0].shares.happy, 1);
  near(faces[1].shares.sad, 1);
});

test('a picture gives one sample for each face, numbered at once', () => {
  const recording = new Recording(CONTRACT);
  assert.deepEqual(recording.addStill(result(face(0, HAPPY), face(1, SAD))), [1, 2]);
  assert.deepEqual(samples(recording).map((one) => [one.seconds, one.face, one.label]), [[0, 1, 'happy'], [0, 2, 'sad']]);
});

test('the oldest samples are dropped first; the summary still includes them', () => {
  const recording = new Recording(CONTRACT, { most: 3000 });
  play(recording, 0, 700, 10, face(0, HAPPY));
  recording.cut();
  const found = samples(recording);
  assert.ok(found.length <= 3000 && found.length > 900, String(found.length));
  assert.equal(found[0].seconds, recording.droppedBefore);
  assert.ok(recording.droppedBefore > 300);
  near(found[found.length - 1].seconds, 699.9, 1e-3);
  near(recording.summary().seconds, 699.9, 1e-3);
  assert.ok(recording.table.chunks.length <= 2);
});

test('faces that were in view briefly are forgotten', () => {
  const recording = new Recording(CONTRACT);
  for (let id = 0; id < 500; id += 1) recording.add(id, result(face(id, HAPPY)));
  assert.ok(recording.byId.size < 15, String(recording.byId.size));
  assert.equal(samples(recording).length, 0);
});
