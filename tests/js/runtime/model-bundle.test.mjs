/** Bundles with errors. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs-core';

import { ExpressionClassifier } from '../../../static/js/inference/classifier.js';
import { RecognizerError } from '../../../static/js/errors.js';
import { FaceDetector } from '../../../static/js/inference/face-detector.js';
import { ROOT, readDisk, startWasm } from '../../support/js/runtime.mjs';

const MODELS = path.join(ROOT, 'static/models');
const index = JSON.parse(readFileSync(path.join(MODELS, 'index.json'), 'utf8'));
const { path: bundle } = index.models.find((/** @type {{model: string}} */ one) => one.model === index.default);
const GOOD = path.join(MODELS, bundle);

/** Reads files, one kind of them changed. @param {RegExp} which @param {(bytes: ArrayBuffer) => ArrayBuffer} change @returns {typeof readDisk} */
const changing = (which, change) => async (file) =>
  which.test(file) ? change(await readDisk(file)) : readDisk(file);

/** @param {(json: any) => void} change */
const json = (change) => (/** @type {ArrayBuffer} */ bytes) => {
  const data = JSON.parse(new TextDecoder().decode(bytes));
  change(data);
  return new TextEncoder().encode(JSON.stringify(data)).buffer;
};

/** Takes the last label, and its bias, out of a bundle's contract. @param {any} data */
const dropLabel = ({ userDefinedMetadata: { contract } }) => {
  contract.labels.pop();
  contract.calibration.bias?.pop();
};

/** @type {{name: string, read: typeof readDisk, code: string, message: RegExp}[]} */
const DAMAGED = [
  {
    name: 'no model.json',
    read: () => Promise.reject(new Error('the server answered 404 for model.json')),
    code: 'model-missing',
    message: /^The model cannot be loaded: the server answered 404 for model\.json\.$/,
  },
  {
    name: 'no weight file',
    read: async (file) => {
      if (file.endsWith('.bin')) throw new Error('the server answered 404 for weights.bin');
      return readDisk(file);
    },
    code: 'model-missing',
    message: /answered 404 for weights\.bin/,
  },
  {
    name: 'model.json is a page',
    read: async () => new TextEncoder().encode('<!doctype html>').buffer,
    code: 'model-damaged',
    message: /^The model at .* cannot be used: /,
  },
  {
    name: 'a weight file ends too early',
    read: changing(/\.bin$/, (bytes) => bytes.slice(0, bytes.byteLength - 2)),
    code: 'model-damaged',
    message: /weight files hold \d+ bytes, expected \d+/,
  },
  {
    name: 'no contract',
    read: changing(/model\.json$/, json((data) => delete data.userDefinedMetadata)),
    code: 'model-damaged',
    message: /contract: undefined given, expected an object/,
  },
  {
    name: 'another input size in the contract',
    read: changing(/model\.json$/, json((data) => (data.userDefinedMetadata.contract.input.width = 64))),
    code: 'model-damaged',
    message: /its contract says \(48, 64, 1\)/,
  },
  {
    name: 'a label too few in the contract',
    read: changing(/model\.json$/, json(dropLabel)),
    code: 'model-damaged',
    message: /the model has 7 outputs, its contract 6 labels/,
  },
  {
    name: 'a label too few in the contract of a bundle that does not say how wide its output is',
    read: changing(/model\.json$/, json((data) => {
      delete data.signature.outputs.scores.tensorShape;
      dropLabel(data);
    })),
    code: 'model-damaged',
    message: /the model has 7 outputs, its contract 6 labels/,
  },
  {
    name: 'a field too many in the contract',
    read: changing(/model\.json$/, json((data) => (data.userDefinedMetadata.contract.scale = 255))),
    code: 'model-damaged',
    message: /unknown field scale/,
  },
];

before(startWasm);

describe('a bundle', () => {
  for (const { name, read, code, message } of DAMAGED) {
    test(name, async () => {
      const { numTensors } = tf.memory();
      await assert.rejects(ExpressionClassifier.load(GOOD, read), (error) => {
        assert.ok(error instanceof RecognizerError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(tf.memory().numTensors, numTensors, 'the weights have been freed');
    });
  }

  test('a missing detector has a code of its own', async () => {
    await assert.rejects(FaceDetector.load('blazeface.json', () => Promise.reject(new Error('gone'))), {
      code: 'detector-missing',
      message: 'The face detector cannot be loaded: gone.',
    });
  });

  test('a network that gives another number of scores than its bundle says', async () => {
    const read = changing(/model\.json$/, json((data) => {
      data.signature.outputs.scores.tensorShape.dim[1].size = '6';
      dropLabel(data);
    }));
    const classifier = await ExpressionClassifier.load(GOOD, read);
    assert.throws(() => classifier.predict(new Float32Array(2 * 48 * 48), 2), {
      code: 'model-damaged',
      message: /^The model \S+ cannot be used: it gave 7 scores a face, its contract says 6\.$/,
    });
    classifier.dispose();
  });

  test('weight files are read from beside model.json, without its query', async () => {
    /** @type {string[]} */
    const asked = [];
    const classifier = await ExpressionClassifier.load(`${GOOD}?v=12/3`, async (file) => {
      asked.push(file);
      return readDisk(file.split('?')[0]);
    });
    const [first, ...weights] = asked;
    assert.equal(first, `${GOOD}?v=12/3`);
    assert.ok(weights.length > 0);
    for (const file of weights) assert.equal(path.dirname(file), path.dirname(GOOD));
    assert.ok(weights.every((file) => file.endsWith('.bin')));
    classifier.dispose();
  });

  test('float16 weights that the browser converts itself give the same scores', async () => {
    const input = Float32Array.from({ length: 48 * 48 }, (_, i) => (i * 37) % 256);
    const scores = async () => {
      const classifier = await ExpressionClassifier.load(GOOD, readDisk);
      const given = classifier.predict(input, 1);
      classifier.dispose();
      return given;
    };
    const before = await scores();
    let decoded = 0;
    /** What newer browsers have. */
    class Halves extends Array {
      /** @param {ArrayBuffer} data @param {number} from @param {number} length */
      constructor(data, from, length) {
        super();
        for (const bits of new Uint16Array(data, from, length)) this.push(half(bits));
        decoded += this.length;
      }
    }
    Object.assign(globalThis, { Float16Array: Halves });
    try {
      const decodedScores = await scores();
      before.forEach((score, i) => assert.ok(Math.abs(decodedScores[i] - score) < 1e-6, `score ${i} differs`));
    } finally {
      Reflect.deleteProperty(globalThis, 'Float16Array');
    }
    assert.ok(decoded > 100_000);
  });
});

/** A binary16's value. @param {number} bits */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 ? -size : size;
}
