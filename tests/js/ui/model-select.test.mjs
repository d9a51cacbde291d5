/** Which model a page works with. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { resolveModel, unknownModel } from '../../../static/js/ui/model-select.js';

const known = ['small.ferplus', 'small.fer2013', 'plain.fer2013'];
const preset = 'small.ferplus';

describe('the choice of a model', () => {
  test('the address goes before what was chosen here, and that before the default', () => {
    const remembered = 'plain.fer2013';
    assert.deepEqual(resolveModel({ known, preset, asked: ['small.fer2013'], remembered }), { model: 'small.fer2013', problem: '' });
    assert.deepEqual(resolveModel({ known, preset, asked: [], remembered }), { model: remembered, problem: '' });
    assert.deepEqual(resolveModel({ known, preset, asked: [] }), { model: preset, problem: '' });
  });

  test('a model that was chosen and is gone is passed over', () => {
    assert.deepEqual(resolveModel({ known, preset, asked: [], remembered: 'old.fer2013' }), { model: preset, problem: '' });
  });

  test('one that there is not: a sentence that lists the known ones', () => {
    const { model, problem } = resolveModel({ known, preset, asked: ['big.fer2013'], remembered: 'plain.fer2013' });
    assert.equal(model, 'plain.fer2013');
    assert.equal(problem, "There is no model 'big.fer2013'; the known ones: small.ferplus, small.fer2013, plain.fer2013.");
  });

  test('of several the first stranger is named, shortened', () => {
    assert.equal(unknownModel(['plain.fer2013'], known), '');
    assert.match(unknownModel(['plain.fer2013', 'x'.repeat(500)], known), /^There is no model 'x{80}'; /);
    assert.match(unknownModel(['a.b'], []), /the known ones: none\.$/);
  });
});
