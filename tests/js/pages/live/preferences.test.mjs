/** Preferences: they are stored, and invalid stored values are ignored. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PRESET, createPreferences } from '../../../../static/js/pages/live/preferences.js';

/** @param {string | null} text  the stored text */
function storage(text = null) {
  const one = {
    text,
    getItem: () => one.text,
    setItem: (/** @type {string} */ _, /** @type {string} */ next) => (one.text = next),
  };
  return /** @type {Storage & {text: string | null}} */ (/** @type {unknown} */ (one));
}

test('without stored values, the preset applies', () => {
  assert.deepEqual({ ...createPreferences(() => storage()) }, PRESET);
});

test('a changed preference is stored with the others', () => {
  const stored = storage();
  const preferences = createPreferences(() => stored);
  preferences.mirror = false;
  preferences.span = 300;
  assert.equal(preferences.mirror, false);
  assert.deepEqual({ ...createPreferences(() => stored) }, { ...PRESET, mirror: false, span: 300 });
  assert.equal(PRESET.mirror, true, 'the preset itself must not change');
});

for (const text of ['', 'no JSON', 'null', '7', '"text"', '[1, 2]', '{"mirror": "yes", "span": null, "keys": 1, "other": true}']) {
  test(`an invalid stored value is ignored: ${text || 'empty'}`, () => {
    assert.deepEqual({ ...createPreferences(() => storage(text)) }, PRESET);
  });
}

test('the valid ones of the stored values are used', () => {
  assert.deepEqual({ ...createPreferences(() => storage('{"camera": "abc", "span": "60", "timeline": false}')) }, { ...PRESET, camera: 'abc', timeline: false });
});

test('with blocked storage, a preference holds until the page is closed', () => {
  const preferences = createPreferences(() => {
    throw new Error('blocked');
  });
  preferences.keys = false;
  assert.equal(preferences.keys, false);
  const full = storage();
  full.setItem = () => {
    throw new Error('full');
  };
  const others = createPreferences(() => full);
  others.camera = 'abc';
  assert.equal(others.camera, 'abc');
  assert.equal(full.text, null);
});
