/** The whole pipeline under node: BlazeFace and the committed models on WebAssembly, on a real picture. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs-core';

import { ExpressionClassifier } from '../../../static/js/inference/classifier.js';
import { FaceDetector } from '../../../static/js/inference/face-detector.js';
import { ExpressionRecognizer } from '../../../static/js/inference/recognizer.js';
import { FACE, astronaut, frameWith } from '../../support/js/astronaut.mjs';
import { DETECTOR, ROOT, frameOf, readDisk, startWasm } from '../../support/js/runtime.mjs';

const MODELS = path.join(ROOT, 'static/models');
const { models } = JSON.parse(readFileSync(path.join(MODELS, 'index.json'), 'utf8'));

/** Asserts that a box is her face's, moved by (x, y) and scaled. @param {import('../../../static/js/types.js').Box} box @param {number} [x] @param {number} [y] */
function assertFace(box, x = 0, y = 0) {
  const off = Math.hypot(
    box.x + box.width / 2 - x - FACE.x - FACE.width / 2,
    box.y + box.height / 2 - y - FACE.y - FACE.height / 2,
  );
  assert.ok(off < 0.1 * FACE.width, `centre is off by ${off} pixels`);
  assert.ok(Math.abs(box.width / FACE.width - 1) < 0.22, `side is ${box.width}, Haar's ${FACE.width}`);
}

/** @param {string} file  of a model */
async function load(file) {
  const classifier = await ExpressionClassifier.load(path.join(MODELS, file), readDisk);
  const recognizer = new ExpressionRecognizer(await FaceDetector.load(DETECTOR, readDisk), classifier);
  recognizer.finder.tracker.now = () => 0; // the time between detections does not depend on this machine
  return recognizer;
}

/**
 * Recognises frames of a video in which a second face comes and goes every tenth frame.
 *
 * @param {ExpressionRecognizer} recognizer
 * @param {number} count
 */
function assertNoLeak(recognizer, count) {
  const image = astronaut();
  const frames = [1, 2].map((faces) =>
    frameOf(frameWith(600, 260, Array.from({ length: faces }, (_, i) => ({ image, x: 300 * i, y: 0 })))),
  );
  recognizer.recognize(frames[0], { timestamp: 20_000, track: true });
  const first = tf.memory();
  for (let i = 1; i <= count; i++) {
    // The second face is found once the next detection is due.
    const second = Math.floor(i / 10) % 2;
    const { faces } = recognizer.recognize(frames[second], { timestamp: 20_000 + 40 * i, track: true });
    if (i % 10 === 9) assert.equal(faces.length, second + 1);
  }
  const last = tf.memory();
  assert.deepEqual([last.numTensors, last.numBytes], [first.numTensors, first.numBytes]);
}

before(startWasm);

test('there is a bundle to test', () => assert.ok(models.length > 0));

for (const { model, path: file } of models) {
  describe(`recognizer with ${model}`, () => {
    /** @type {ExpressionRecognizer} */
    let recognizer;
    before(async () => {
      recognizer = await load(file);
    });

    test('finds the face of the smiling astronaut and calls it happy', () => {
      const image = frameWith(640, 480, [{ image: astronaut(), x: 200, y: 100 }]);
      const result = recognizer.recognize(frameOf(image), { timestamp: 0, track: false });
      assert.deepEqual(result.image, { width: 640, height: 480 });
      assert.equal(result.faces.length, 1);
      const [face] = result.faces;
      assertFace(face.box, 200, 100);
      assert.equal(face.id, 0);
      assert.equal(face.detector, 'blazeface');
      assert.equal(face.label, 'happy');
      assert.equal(face.score, face.scores.happy);
      assert.equal(face.unsure, face.score < recognizer.classifier.contract.calibration.unsure_below);
      assert.deepEqual(Object.keys(face.scores), recognizer.classifier.contract.labels);
      const sum = Object.values(face.scores).reduce((total, score) => total + score, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
      const { detect, crop, predict, total } = result.timings;
      assert.ok(Math.min(detect, crop, predict) > 0 && detect + crop + predict <= total);
    });

    test('two faces in one batch, each as if it were alone', () => {
      const image = astronaut();
      const places = [{ x: 10, y: 20 }, { x: 360, y: 200 }];
      const both = recognizer.recognize(
        frameOf(frameWith(640, 480, places.map((place) => ({ image, ...place })))),
        { timestamp: 0, track: false },
      );
      assert.equal(both.faces.length, 2);
      for (const { x, y } of places) {
        const face = both.faces.find(({ box }) => Math.abs(box.x - x - FACE.x) < 50);
        assert.ok(face, `no face near ${x}, ${y}`);
        assertFace(face.box, x, y);
        assert.equal(face.label, 'happy');
      }
    });

    test('no face, no prediction', () => {
      const { faces } = recognizer.recognize(frameOf(frameWith(320, 240, [])), { timestamp: 0, track: true });
      assert.deepEqual(faces, []);
    });

    test('tracked: the id stays while she moves, scores are smoothed', () => {
      const image = astronaut();
      const raw = recognizer.recognize(
        frameOf(frameWith(640, 480, [{ image, x: 60, y: 60 }])),
        { timestamp: 0, track: true },
      ).faces[0];
      const ids = new Set();
      for (let i = 0; i < 6; i++) {
        const frame = frameOf(frameWith(640, 480, [{ image, x: 60 + 20 * i, y: 60 + 8 * i }]));
        const { faces } = recognizer.recognize(frame, { timestamp: 10_000 + 50 * i, track: true });
        assert.equal(faces.length, 1);
        ids.add(faces[0].id);
        // The first frame is shown as it is, later ones are drawn towards it.
        if (i === 0) assert.ok(Math.abs(faces[0].score - raw.score) < 1e-6);
      }
      assert.equal(ids.size, 1);
    });

    test('tracked frames leak no tensor', () => assertNoLeak(recognizer, 12));

    test('loaded once more and disposed of, it leaves no tensor', async () => {
      const before = tf.memory().numTensors;
      const another = await load(file);
      assert.ok(tf.memory().numTensors > before);
      another.detector.model.dispose();
      another.classifier.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  });
}

test('200 tracked frames leak no tensor', async () => assertNoLeak(await load(models[0].path), 200));

describe('ten faces', () => {
  const contract = {
    labels: ['a', 'b'],
    input: { height: 8, width: 8, channels: 1 },
    crop: { margin: 0 },
    calibration: { bias: [0, 0], temperature: 1, unsure_below: 0.6 },
  };
  const boxes = Array.from({ length: 10 }, (_, i) => ({ x: 60 * (i % 5) + 5, y: 80 * Math.floor(i / 5) + 5, width: 50, height: 50 }));
  const image = frameWith(320, 240, []);
  for (let i = 0; i < image.data.length; i += 4) image.data.fill((i * 7919) % 256, i, i + 3);

  test('are detected once and classified in rotation: all at first, then three a frame, each as often as any other', () => {
    /** @type {number[]} */
    const batches = [];
    const detect = () => boxes.map((box) => ({ ...box }));
    const predict = (/** @type {Float32Array} */ _, /** @type {number} */ count) => {
      batches.push(count);
      return Float32Array.from({ length: 2 * count }, (__, i) => [0.3, 0.7][i % 2]);
    };
    const recognizer = new ExpressionRecognizer(/** @type {any} */ ({ detect }), /** @type {any} */ ({ contract, predict }));
    /** How often each face was classified. @type {Map<number, number>} */
    const runs = new Map();
    for (let i = 0; i < 31; i++) {
      const before = new Map([...recognizer.scorer.faces].map(([id, { order }]) => [id, order]));
      const { faces } = recognizer.recognize(frameOf(image), { timestamp: 10 * i, track: true });
      assert.equal(faces.length, 10);
      assert.ok(faces.every(({ label, scores }) => label === 'b' && Math.abs(scores.b - 0.7) < 1e-6));
      for (const [id, { order }] of recognizer.scorer.faces) if (before.get(id) !== order) runs.set(id, (runs.get(id) ?? 0) + 1);
    }
    assert.deepEqual(batches, [10, ...Array.from({ length: 30 }, () => 3)]);
    assert.deepEqual([...runs.values()], Array.from({ length: 10 }, () => 10));
  });

  test('of a picture are all classified in one batch, each in both augmentations', () => {
    /** @type {number[]} */
    const batches = [];
    const predict = (/** @type {Float32Array} */ _, /** @type {number} */ count) => {
      batches.push(count);
      return new Float32Array(2 * count).fill(0.5);
    };
    const recognizer = new ExpressionRecognizer(/** @type {any} */ ({ detect: () => [...boxes] }), /** @type {any} */ ({ contract, predict }));
    const { faces } = recognizer.recognize(frameOf(image), { timestamp: 0, track: false });
    assert.deepEqual(batches, [20]);
    assert.ok(faces.every(({ unsure }) => unsure));
  });
});

test('faces of a video are compared with the resting face of the person', async () => {
  const recognizer = await load(models[0].path);
  const frame = frameOf(astronaut());
  let now = 0;
  const next = () => recognizer.recognize(frame, { timestamp: (now += 100), track: true }).faces[0];
  const plain = next();
  assert.ok(!('change' in plain) && !('plain_scores' in plain));
  const taken = recognizer.baselines.take(plain.id);
  for (let i = 0; i < 32; i++) next();
  const { rest } = await taken;
  const face = next();
  assert.equal(face.label, 'neutral', 'her smile is now the rest');
  const labels = Object.keys(plain.scores);
  assert.deepEqual(Object.keys(face.change ?? {}), labels);
  labels.forEach((label, i) => {
    const p = Math.min(Math.max(face.plain_scores?.[label] ?? NaN, 1e-5), 1 - 1e-5);
    assert.ok(Math.abs(Math.log(p / (1 - p)) - rest[i]) < 1, label);
  });
  assert.ok(Math.abs(Object.values(face.scores).reduce((a, b) => a + b) - 1) < 1e-6);
  const still = recognizer.recognize(frame, { timestamp: 0, track: false }).faces[0];
  assert.equal(still.label, plain.label, 'a picture is by itself');
});
