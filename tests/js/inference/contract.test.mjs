import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  ContractError,
  checkInputShape,
  checkOutputWidth,
  readContract,
} from '../../../static/js/inference/contract.js';

const GOOD = {
  contract_version: 2,
  model: 'mien_plain.fer2013',
  labels: ['angry', 'happy', 'neutral'],
  input: { height: 48, width: 40, channels: 1 },
  crop: { margin: 0.02 },
  calibration: { bias: [0.1, 0, -0.2], temperature: 1.2, unsure_below: 0.4 },
};

const VERSION_1 = { ...GOOD, contract_version: 1, calibration: { temperature: 1.2, unsure_below: 0.4 } };

/** The good contract with one field set; undefined takes it out. @param {string} path @param {unknown} value */
function withField(path, value) {
  const contract = structuredClone(GOOD);
  const names = path.split('.');
  const last = /** @type {string} */ (names.pop());
  /** @type {any} */
  let holder = contract;
  for (const name of names) holder = holder[name];
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return contract;
}

/** @type {[string, unknown, RegExp][]} */
const REFUSED = [
  ['contract_version', undefined, /missing field contract_version/],
  ['contract_version', 3, /contract_version is 3, this version of Mien reads 1 and 2/],
  ['contract_version', true, /contract_version is true/],
  ['model', undefined, /missing field model/],
  ['model', 'Mien', /model is "Mien", expected architecture\.tag/],
  ['model', 'mien', /expected architecture\.tag/],
  ['model', 'mien.fer\n', /expected architecture\.tag/],
  ['model', 7, /model is 7/],
  ['labels', undefined, /missing field labels/],
  ['labels', ['happy'], /2 or more different names/],
  ['labels', ['happy', 'happy'], /2 or more different names/],
  ['labels', ['happy', ''], /2 or more different names/],
  ['labels', ['happy', 3], /2 or more different names/],
  ['labels', 'happy', /2 or more different names/],
  ['input', [48, 48, 1], /input: \[48,48,1\] given, expected an object with height, width/],
  ['input.height', undefined, /input: missing field height/],
  ['input.height', 7, /input\.height is 7, expected a whole number, 8\.\.1024/],
  ['input.height', 1025, /input\.height is 1025/],
  ['input.width', 48.5, /input\.width is 48\.5/],
  ['input.width', '48', /input\.width is "48"/],
  ['input.channels', 2, /input\.channels is 2, expected a whole number, 1 or 3/],
  ['input.depth', 1, /input: unknown field depth/],
  ['crop', null, /crop: null given/],
  ['crop.margin', undefined, /crop: missing field margin/],
  ['crop.margin', -0.5, /crop\.margin is -0\.5, expected a number, -0\.4\.\.2/],
  ['crop.margin', 2.1, /crop\.margin is 2\.1/],
  ['calibration.bias', undefined, /calibration: missing field bias/],
  ['calibration.bias', [0, 0], /calibration\.bias is \[0,0\], expected a list of 3 numbers, one for each label/],
  ['calibration.bias', 0.5, /calibration\.bias is 0\.5, expected a list of 3 numbers/],
  ['calibration.bias', [0, 0, true], /calibration\.bias\[2\] is true/],
  ['calibration.bias', [0, 0, 21], /calibration\.bias\[2\] is 21, expected a number, -20\.\.20/],
  ['calibration.temperature', 0, /calibration\.temperature is 0/],
  ['calibration.temperature', Infinity, /calibration\.temperature/],
  ['calibration.temperature', NaN, /calibration\.temperature/],
  ['calibration.unsure_below', 1.1, /calibration\.unsure_below is 1\.1/],
  ['calibration.unsure_below', true, /calibration\.unsure_below is true/],
  ['colour', 'grey', /unknown field colour/],
];

describe('contract', () => {
  test('reads a valid contract, every field unchanged', () => {
    assert.deepEqual(readContract(GOOD), GOOD);
  });

  test('reads one of version 1, which has no biases: they are 0', () => {
    const calibration = { ...GOOD.calibration, bias: [0, 0, 0] };
    assert.deepEqual(readContract(VERSION_1), { ...GOOD, calibration });
    assert.throws(() => readContract({ ...GOOD, contract_version: 1 }), /unknown field bias/);
  });

  for (const [path, value, message] of REFUSED) {
    test(`refuses ${path} = ${JSON.stringify(value)}`, () => {
      assert.throws(() => readContract(withField(path, value)), (error) => {
        assert.ok(error instanceof ContractError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  for (const data of [undefined, null, 'contract', [GOOD], 1]) {
    test(`refuses ${JSON.stringify(data)} as a whole`, () => {
      assert.throws(() => readContract(data, 'model.json'), /^ContractError: model\.json: .* given/);
    });
  }

  test('names all missing and unknown fields at once', () => {
    const contract = withField('crop', undefined);
    assert.throws(() => readContract({ ...contract, size: 1 }), /missing field crop; unknown field size/);
  });

  test('refuses a model of another shape', () => {
    const contract = readContract(GOOD);
    checkInputShape(contract, [48, 40, 1]);
    checkOutputWidth(contract, 3);
    for (const shape of [[40, 48, 1], [48, 40, 3], [48, 40], []]) {
      assert.throws(() => checkInputShape(contract, shape), /its contract says \(48, 40, 1\)/);
    }
    for (const width of [7, 0, undefined]) {
      assert.throws(() => checkOutputWidth(contract, width), /its contract 3 labels/);
    }
  });
});
