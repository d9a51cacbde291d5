/** The order of the compared models. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FIRST_DOWN, FIRST_ORDER, nextOrder, sorted } from '../../../../static/js/pages/compare/model-order.js';

/** @typedef {import('../../../../static/js/pages/compare/model-order.js').Sortable} Sortable */

/** @param {Partial<Sortable> & {name: string}} fields @returns {Sortable} */
const model = (fields) => ({
  default: false, year: null, accuracy: null, ms: null, bytes: null, parameters: null, ...fields,
});

const MODELS = [
  model({ name: 'cnn.b', year: 2020, accuracy: 0.6, ms: 3, bytes: 900, parameters: 90 }),
  model({ name: 'small.a', default: true, year: 2026, accuracy: 0.605, ms: 9, bytes: 2000, parameters: 200 }),
  model({ name: 'small.b', year: 2026, accuracy: 0.68, ms: 9, bytes: 2000, parameters: 200 }),
  model({ name: 'regression.c', accuracy: 0.35, bytes: 15 }),
];

/** @param {import('../../../../static/js/pages/compare/model-order.js').SortKey} key @param {boolean} down */
const names = (key, down) => sorted(MODELS, { key, down }).map(({ name }) => name);

describe('the order of the models', () => {
  test('by each column, both ways', () => {
    assert.deepEqual(names('name', false), ['cnn.b', 'regression.c', 'small.a', 'small.b']);
    assert.deepEqual(names('name', true), ['small.b', 'small.a', 'regression.c', 'cnn.b']);
    assert.deepEqual(names('accuracy', true), ['small.b', 'small.a', 'cnn.b', 'regression.c']);
    assert.deepEqual(names('accuracy', false), ['regression.c', 'cnn.b', 'small.a', 'small.b']);
    assert.deepEqual(names('bytes', false), ['regression.c', 'cnn.b', 'small.a', 'small.b']);
  });

  test('unknown values come last in either direction', () => {
    for (const down of [true, false]) {
      assert.equal(names('ms', down).at(-1), 'regression.c');
      assert.equal(names('year', down).at(-1), 'regression.c');
      assert.equal(names('parameters', down).at(-1), 'regression.c');
    }
    assert.deepEqual(names('ms', false), ['cnn.b', 'small.a', 'small.b', 'regression.c']);
  });

  test('of equal models the default comes first, then the more accurate one, then the alphabet', () => {
    assert.deepEqual(names('year', true).slice(0, 2), ['small.a', 'small.b']);
    const equal = ['c', 'a', 'b'].map((name) => model({ name, accuracy: name === 'b' ? 0.7 : 0.6 }));
    assert.deepEqual(sorted(equal, FIRST_ORDER).map(({ name }) => name), ['b', 'a', 'c']);
  });

  test('does not change its argument', () => {
    const before = MODELS.map(({ name }) => name);
    sorted(MODELS, { key: 'name', down: false });
    assert.deepEqual(MODELS.map(({ name }) => name), before);
  });

  test('a press sorts in the first direction, another one in the other', () => {
    const first = nextOrder(FIRST_ORDER, 'year');
    assert.deepEqual(first, { key: 'year', down: true });
    assert.deepEqual(nextOrder(first, 'year'), { key: 'year', down: false });
    assert.deepEqual(nextOrder(first, 'ms'), { key: 'ms', down: false });
    assert.deepEqual(nextOrder(FIRST_ORDER, FIRST_ORDER.key), { key: 'accuracy', down: false });
    assert.deepEqual(Object.keys(FIRST_DOWN).sort(), ['accuracy', 'bytes', 'ms', 'name', 'parameters', 'year']);
  });
});
