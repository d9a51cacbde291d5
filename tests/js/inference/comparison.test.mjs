/** Several models on the same face: the inputs, the turns, what fails; and real networks under node. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs-core';

import { ExpressionClassifier } from '../../../static/js/inference/classifier.js';
import { Comparison } from '../../../static/js/inference/comparison.js';
import { FaceDetector } from '../../../static/js/inference/face-detector.js';
import { cropBox, toInput } from '../../../static/js/inference/preprocess.js';
import { FACE, astronaut, frameWith } from '../../support/js/astronaut.mjs';
import { DETECTOR, ROOT, frameOf, readDisk, startWasm } from '../../support/js/runtime.mjs';

const SEVEN = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const SPECS = [
  { name: 'regression.two', labels: ['happy', 'neutral'], size: 48, channels: 1, margin: 0.02 },
  { name: 'cnn.six', labels: SEVEN.filter((label) => label !== 'disgust'), size: 48, channels: 1, margin: 0.02 },
  { name: 'vgg.rgb', labels: [...SEVEN].sort(), size: 64, channels: 3, margin: 0.2 },
];

/** Stands in for a network; it keeps what it was given. */
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

  /** @param {Float32Array} batch */
  predict(batch) {
    this.seen.push(batch);
    return this.answer();
  }

  dispose() {
    this.disposed++;
  }
}

const BOX = { x: 40, y: 30, width: 100, height: 100 };

/** @param {import('../../../static/js/types.js').Box[]} boxes */
function faked(boxes = [BOX]) {
  const detector = { boxes, calls: 0, disposed: 0, detect() { this.calls++; return this.boxes; }, dispose() { this.disposed++; } };
  const comparison = new Comparison(/** @type {any} */ (detector));
  const classifiers = SPECS.map((spec) => new FakeClassifier(spec));
  for (const one of classifiers) comparison.add(one.contract.model, /** @type {any} */ (one));
  return { detector, comparison, classifiers };
}

const image = astronaut();
const frame = frameOf(image);
const STILL = { timestamp: 0, live: false };

describe('several models on the same face', () => {
  test('one detection; each model gets its own input of the same box, and those that want the same share it', () => {
    const { detector, comparison, classifiers } = faked();
    const { box, scores, image: size } = comparison.compare(frame, STILL);
    assert.equal(detector.calls, 1);
    assert.deepEqual(box, BOX);
    assert.deepEqual(size, { width: 256, height: 256 });
    assert.equal(scores.length, 3);
    for (const { contract, seen } of classifiers) {
      const expected = toInput(image, cropBox(BOX, contract.crop), contract.input);
      assert.equal(seen[0].length, expected.length);
      const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - seen[0][i])), 0);
      assert.ok(off < 1e-3, `${contract.model} is off by ${off}`);
    }
    assert.equal(classifiers[0].seen[0], classifiers[1].seen[0]);
    assert.notEqual(classifiers[0].seen[0], classifiers[2].seen[0]);
  });

  test('scores in the order of each contract, the best label, unsure below the contract\'s score', () => {
    const { comparison, classifiers } = faked();
    classifiers[2].answer = () => Float32Array.from([0.3, 0.4, 0.1, 0.1, 0.1, 0, 0]);
    const byName = new Map(comparison.compare(frame, STILL).scores.map((score) => [score.name, score]));
    for (const { name, labels } of SPECS) assert.deepEqual(Object.keys(byName.get(name)?.scores ?? {}), labels);
    const two = byName.get('regression.two');
    assert.deepEqual([two?.label, two?.unsure], ['happy', false]);
    assert.ok(Math.abs((two?.score ?? 0) - 0.9) < 1e-6 && (two?.ms ?? -1) >= 0);
    const rgb = byName.get('vgg.rgb');
    assert.deepEqual([rgb?.label, rgb?.unsure], ['disgust', true]);
  });

  test('a model that throws is taken out with a sentence, the others go on', () => {
    const { comparison, classifiers } = faked();
    classifiers[1].answer = () => {
      throw new Error('out of memory');
    };
    const first = comparison.compare(frame, STILL);
    assert.deepEqual(first.failures, [{ name: 'cnn.six', problem: 'The model stopped working: out of memory.' }]);
    assert.deepEqual(first.scores.map(({ name }) => name).sort(), ['regression.two', 'vgg.rgb']);
    assert.equal(classifiers[1].disposed, 1);
    const second = comparison.compare(frame, STILL);
    assert.deepEqual([second.failures.length, second.scores.length], [0, 2]);
  });

  test('live, scores are smoothed over time, and not from one face to another', () => {
    const { detector, comparison, classifiers } = faked();
    const [two] = classifiers;
    /** @param {number} timestamp */
    const happy = (timestamp) =>
      comparison.compare(frame, { timestamp, live: true }).scores.find(({ name }) => name === 'regression.two')?.scores.happy ?? NaN;
    assert.ok(Math.abs(happy(0) - 0.9) < 1e-6);
    two.best = 1;
    const soon = happy(40);
    assert.ok(soon > 0.6 && soon < 0.9, `${soon} after 40 ms`);
    assert.ok(happy(2000) < 0.15);
    two.best = 0;
    detector.boxes = [{ ...BOX, x: 150 }];
    assert.ok(Math.abs(happy(2040) - 0.9) < 1e-6, 'another face starts afresh');
  });

  test('no face: no model looks, and the next face starts afresh', () => {
    const { detector, comparison, classifiers } = faked([]);
    const { box, scores, failures } = comparison.compare(frame, { timestamp: 0, live: true });
    assert.deepEqual([box, scores, failures], [null, [], []]);
    assert.equal(classifiers[0].seen.length, 0);
    detector.boxes = [BOX];
    assert.equal(comparison.compare(frame, { timestamp: 40, live: true }).scores.length, 3);
  });

  test('taken out or replaced, a network is disposed of once; disposed of, all are', () => {
    const { detector, comparison, classifiers } = faked();
    comparison.remove('cnn.six');
    comparison.remove('cnn.six');
    comparison.add('vgg.rgb', /** @type {any} */ (new FakeClassifier(SPECS[2])));
    assert.deepEqual(classifiers.map(({ disposed }) => disposed), [0, 1, 1]);
    comparison.dispose();
    assert.deepEqual([classifiers[0].disposed, detector.disposed, comparison.models.size], [1, 1, 0]);
  });
});

describe('the committed models together', () => {
  /** @type {{models: {model: string, path: string}[]}} */
  const { models } = JSON.parse(readFileSync(path.join(ROOT, 'static/models/index.json'), 'utf8'));
  before(startWasm);

  test('all look at her face; nothing leaks, and a model that goes gives back what it took', async () => {
    const comparison = new Comparison(await FaceDetector.load(DETECTOR, readDisk));
    const empty = tf.memory();
    const counts = [];
    for (const { model, path: file } of models) {
      comparison.add(model, await ExpressionClassifier.load(path.join(ROOT, 'static/models', file), readDisk));
      counts.push(tf.memory().numTensors);
    }
    const full = tf.memory();
    const her = frameOf(frameWith(640, 480, [{ image, x: 200, y: 100 }]));
    for (let timestamp = 0; timestamp < 400; timestamp += 40) {
      const { box, scores, failures } = comparison.compare(her, { timestamp, live: timestamp > 0 });
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
    comparison.dispose();
  });
});
