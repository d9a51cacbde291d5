/** Tests of the choice of a model. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { resolveModel, unknownModel } from '../../../static/js/ui/model-select.js';

const models = ['small.ferplus', 'small.fer2013', 'plain.fer2013'];
const preset = 'small.ferplus';

describe('the model select', () => {
  test('the address wins over an earlier selection, and that over the default', () => {
    const stored = 'plain.fer2013';
    assert.deepEqual(resolveModel({ models, preset, requested: ['small.fer2013'], stored }), { model: 'small.fer2013', problem: '' });
    assert.deepEqual(resolveModel({ models, preset, requested: [], stored }), { model: stored, problem: '' });
    assert.deepEqual(resolveModel({ models, preset, requested: [] }), { model: preset, problem: '' });
  });

  test('a stored model that no longer exists is ignored', () => {
    assert.deepEqual(resolveModel({ models, preset, requested: [], stored: 'old.fer2013' }), { model: preset, problem: '' });
  });

  test('an unknown model: a sentence that lists the known ones', () => {
    const { model, problem } = resolveModel({ models, preset, requested: ['big.fer2013'], stored: 'plain.fer2013' });
    assert.equal(model, 'plain.fer2013');
    assert.equal(problem, "There is no model 'big.fer2013'; the known ones: small.ferplus, small.fer2013, plain.fer2013.");
  });

  test('of several, the first unknown one is named, shortened', () => {
    assert.equal(unknownModel(['plain.fer2013'], models), '');
    assert.match(unknownModel(['plain.fer2013', 'x'.repeat(500)], models), /^There is no model 'x{80}'; /);
    assert.match(unknownModel(['a.b'], []), /the known ones: none\.$/);
  });
});
