/** Several models on the same face: their inputs, what fails; and that they give the scores of the live page. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs-core';

import { ExpressionClassifier } from '../../../static/js/inference/classifier.js';
import { Comparison } from '../../../static/js/inference/comparison.js';
import { FaceDetector } from '../../../static/js/inference/face-detector.js';
import { toInput } from '../../../static/js/inference/preprocess.js';
import { ExpressionRecognizer } from '../../../static/js/inference/recognizer.js';
import { AUGMENTATIONS, augmentedCrop, flipHorizontally } from '../../../static/js/inference/test-time-augmentation.js';
import { FACE, astronaut, frameWith } from '../../support/js/astronaut.mjs';
import { DETECTOR, ROOT, frameOf, readDisk, startWasm } from '../../support/js/runtime.mjs';

const SEVEN = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const SPECS = [
  { name: 'regression.two', labels: ['happy', 'neutral'], size: 48, channels: 1, margin: 0.02 },
  { name: 'cnn.six', labels: SEVEN.filter((label) => label !== 'disgust'), size: 48, channels: 1, margin: 0.02 },
  { name: 'vgg.rgb', labels: [...SEVEN].sort(), size: 64, channels: 3, margin: 0.2 },
];

/** Replaces a network; keeps its inputs. */
class FakeClassifier {
  /** @param {typeof SPECS[number]} spec */
  constructor({ name, labels, size, channels, margin }) {
    this.contract = {
      contract_version: 2, model: name, labels,
      input: { height: size, width: size, channels },
      crop: { margin },
      calibration: { bias: labels.map(() => 0), temperature: 1, unsure_below: 0.5 },
    };
    /** @type {Float32Array[]} */
    this.seen = [];
    this.disposed = 0;
    this.best = 0;
    this.answer = () => {
      const { length } = this.contract.labels;
      return Float32Array.from({ length }, (_, i) => (i === this.best ? 0.9 : 0.1 / (length - 1)));
    };
  }

  /** @param {Float32Array} batch @param {number} count */
  predict(batch, count) {
    this.seen.push(batch);
    return Float32Array.from(Array.from({ length: count }, () => [...this.answer()]).flat());
  }

  dispose() {
    this.disposed++;
  }
}

const BOX = { x: 40, y: 30, width: 100, height: 100 };

/** @param {import('../../../static/js/types.js').Box[]} boxes */
function faked(boxes = [BOX]) {
  const detector = { boxes, calls: 0, detect() { this.calls++; return this.boxes.map((box) => ({ ...box })); } };
  const comparison = new Comparison(/** @type {any} */ (detector));
  const classifiers = SPECS.map((spec) => new FakeClassifier(spec));
  for (const one of classifiers) comparison.add(one.contract.model, /** @type {any} */ (one));
  return { detector, comparison, classifiers };
}

const image = astronaut();
const frame = frameOf(image);
const PICTURE = { timestamp: 0, track: false };

describe('several models on the same face', () => {
  test('one detection; each model gets its own input of the same box, in all augmentations', () => {
    const { detector, comparison, classifiers } = faked();
    const { box, scores, image: size } = comparison.compare(frame, PICTURE);
    assert.equal(detector.calls, 2, 'one search, at two sizes');
    assert.deepEqual(box, BOX);
    assert.deepEqual(size, { width: 256, height: 256 });
    assert.equal(scores.length, 3);
    for (const { contract, seen } of classifiers) {
      const expected = AUGMENTATIONS.flatMap((augmentation) => {
        const input = toInput(image, augmentedCrop(BOX, contract.crop, augmentation), contract.input);
        if (augmentation.mirrored) flipHorizontally(input, contract.input);
        return [...input];
      });
      assert.equal(seen[0].length, expected.length);
      const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - seen[0][i])), 0);
      assert.ok(off < 1e-3, `${contract.model} is off by ${off}`);
    }
  });

  test('models that need the same input share it: the pixels are read once for all of them', () => {
    const { comparison } = faked();
    let reads = 0;
    const counted = { ...frame, pixels: (/** @type {import('../../../static/js/types.js').Box} */ region) => (reads++, frame.pixels(region)) };
    comparison.compare(counted, PICTURE);
    assert.equal(reads, 2 * AUGMENTATIONS.length, 'the first two models need one input, the third another');
  });

  test('scores in the order of each contract, the best label, unsure below the contract\'s score', () => {
    const { comparison, classifiers } = faked();
    classifiers[2].answer = () => Float32Array.from([0.3, 0.4, 0.1, 0.1, 0.1, 0, 0]);
    const byName = new Map(comparison.compare(frame, PICTURE).scores.map((score) => [score.name, score]));
    for (const { name, labels } of SPECS) assert.deepEqual(Object.keys(byName.get(name)?.scores ?? {}), labels);
    const two = byName.get('regression.two');
    assert.deepEqual([two?.label, two?.unsure], ['happy', false]);
    assert.ok(Math.abs((two?.score ?? 0) - 0.9) < 1e-6 && (two?.ms ?? -1) >= 0);
    const rgb = byName.get('vgg.rgb');
    assert.deepEqual([rgb?.label, rgb?.unsure], ['disgust', true]);
  });

  test('a model that throws is removed with a sentence, the others go on', () => {
    const { comparison, classifiers } = faked();
    classifiers[1].answer = () => {
      throw new Error('out of memory');
    };
    const first = comparison.compare(frame, PICTURE);
    assert.deepEqual(first.failures, [{ name: 'cnn.six', problem: 'The model stopped working: out of memory.' }]);
    assert.deepEqual(first.scores.map(({ name }) => name).sort(), ['regression.two', 'vgg.rgb']);
    assert.equal(classifiers[1].disposed, 1);
    const second = comparison.compare(frame, PICTURE);
    assert.deepEqual([second.failures.length, second.scores.length], [0, 2]);
  });

  test('in a video scores are smoothed over time, and each face by itself', () => {
    const { detector, comparison, classifiers } = faked();
    const [two] = classifiers;
    const other = { x: 120, y: 140, width: 110, height: 110 };
    /** @param {number} timestamp @param {import('../../../static/js/inference/face-finder.js').Frame} [shown] */
    const happy = (timestamp, shown = frame) =>
      comparison.compare(shown, { timestamp, track: true }).scores.find(({ name }) => name === 'regression.two')?.scores.happy ?? NaN;
    assert.ok(Math.abs(happy(0) - 0.9) < 1e-6);
    two.best = 1;
    const soon = happy(40);
    assert.ok(soon > 0.6 && soon < 0.9, `${soon} after 40 ms`);
    for (let timestamp = 80; timestamp <= 2000; timestamp += 40) happy(timestamp);
    assert.ok(happy(2040) < 0.15);
    two.best = 0;
    detector.boxes = [other];
    // Nothing of the first face can be aligned in an empty frame.
    assert.ok(Math.abs(happy(2080, frameOf(frameWith(256, 256, []))) - 0.9) < 1e-6, 'another face starts anew');
  });

  test('no face: no model runs, and the next face starts anew', () => {
    const { detector, comparison, classifiers } = faked([]);
    const { box, scores, failures } = comparison.compare(frame, { timestamp: 0, track: true });
    assert.deepEqual([box, scores, failures], [null, [], []]);
    assert.equal(classifiers[0].seen.length, 0);
    detector.boxes = [BOX];
    assert.equal(comparison.compare(frame, { timestamp: 120, track: true }).scores.length, SPECS.length);
  });

  test('a model that is removed or replaced is disposed of once', () => {
    const { comparison, classifiers } = faked();
    comparison.remove('cnn.six');
    comparison.remove('cnn.six');
    comparison.add('vgg.rgb', /** @type {any} */ (new FakeClassifier(SPECS[2])));
    assert.deepEqual(classifiers.map(({ disposed }) => disposed), [0, 1, 1]);
  });
});

describe('the committed models together', () => {
  /** @type {{models: {model: string, path: string}[]}} */
  const { models } = JSON.parse(readFileSync(path.join(ROOT, 'static/models/index.json'), 'utf8'));
  before(startWasm);

  /** Far below what a page shows; the same operations in another order differ by less. */
  const TOLERANCE = 1e-5;

  /**
   * @param {import('../../../static/js/types.js').Face | undefined} live
   * @param {import('../../../static/js/inference/comparison.js').Compared} compared  with one model
   */
  function assertSame(live, { box, scores: [compared] }) {
    assert.ok(live && compared && box);
    for (const side of /** @type {const} */ (['x', 'y', 'width', 'height'])) {
      assert.ok(Math.abs(box[side] - live.box[side]) < 1e-3, `${side} differs by ${box[side] - live.box[side]} pixels`);
    }
    assert.deepEqual([compared.label, compared.unsure], [live.label, live.unsure]);
    for (const [label, score] of Object.entries(live.scores)) {
      const off = Math.abs(score - compared.scores[label]);
      assert.ok(off < TOLERANCE, `${compared.name}: ${label} differs by ${off}`);
    }
  }

  for (const { model, path: file } of models) {
    test(`${model} gives the live page's scores on the same picture`, async () => {
      const detector = await FaceDetector.load(DETECTOR, readDisk);
      const classifier = await ExpressionClassifier.load(path.join(ROOT, 'static/models', file), readDisk);
      const recognizer = new ExpressionRecognizer(detector, classifier);
      const comparison = new Comparison(detector);
      comparison.add(model, classifier);
      const live = recognizer.recognize(frame, PICTURE);
      const compared = comparison.compare(frame, PICTURE);
      assertSame(live.faces[0], compared);
      comparison.remove(model);
      detector.model.dispose();
    });
  }

  test('a model that receives every frame gives the live page\'s scores in a video', async () => {
    const [{ model, path: file }] = models;
    const detector = await FaceDetector.load(DETECTOR, readDisk);
    const classifier = await ExpressionClassifier.load(path.join(ROOT, 'static/models', file), readDisk);
    const recognizer = new ExpressionRecognizer(detector, classifier);
    const comparison = new Comparison(detector);
    comparison.add(model, classifier);
    // Both detect in the same frames, however long a detection takes here.
    for (const { finder } of [recognizer, comparison]) finder.tracker.now = () => 0;
    for (let i = 0; i < 12; i++) {
      const shown = frameOf(frameWith(640, 480, [{ image, x: 100 + 12 * i, y: 60 + 5 * i }]));
      const options = { timestamp: 40 * i, track: true };
      const live = recognizer.recognize(shown, options);
      const compared = comparison.compare(shown, options);
      assertSame(live.faces[0], compared);
    }
    comparison.remove(model);
    detector.model.dispose();
  });

  test('all score her face; nothing leaks, and a model that is removed frees what it took', async () => {
    const detector = await FaceDetector.load(DETECTOR, readDisk);
    const comparison = new Comparison(detector);
    const empty = tf.memory();
    const counts = [];
    for (const { model, path: file } of models) {
      comparison.add(model, await ExpressionClassifier.load(path.join(ROOT, 'static/models', file), readDisk));
      counts.push(tf.memory().numTensors);
    }
    const full = tf.memory();
    const her = frameOf(frameWith(640, 480, [{ image, x: 200, y: 100 }]));
    for (let timestamp = 0; timestamp < 400; timestamp += 40) {
      const { box, scores, failures } = comparison.compare(her, { timestamp, track: timestamp > 0 });
      assert.deepEqual(failures, []);
      assert.ok(box && Math.abs(box.x + box.width / 2 - 200 - FACE.x - FACE.width / 2) < 10);
      if (timestamp === 0) assert.deepEqual(scores.map(({ name }) => name).sort(), models.map(({ model }) => model).sort());
      for (const { scores: all } of scores) {
        assert.ok(Math.abs(Object.values(all).reduce((sum, one) => sum + one, 0) - 1) < 1e-5);
      }
    }
    assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [full.numTensors, full.numBytes]);
    for (let i = models.length - 1; i > 0; i--) {
      comparison.remove(models[i].model);
      assert.equal(tf.memory().numTensors, counts[i - 1]);
    }
    comparison.remove(models[0].model);
    assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [empty.numTensors, empty.numBytes]);
    detector.model.dispose();
  });
});
