/** What the visitor chose: remembered, and only as far as it makes sense. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PRESET, createPreferences } from '../../../../static/js/pages/live/preferences.js';

/** @param {string | null} text  what is kept */
function storage(text = null) {
  const one = {
    text,
    getItem: () => one.text,
    setItem: (/** @type {string} */ _, /** @type {string} */ next) => (one.text = next),
  };
  return /** @type {Storage & {text: string | null}} */ (/** @type {unknown} */ (one));
}

test('nothing is kept: the preset', () => {
  assert.deepEqual({ ...createPreferences(() => storage()) }, PRESET);
});

test('a choice is kept, with the others as they were', () => {
  const kept = storage();
  const preferences = createPreferences(() => kept);
  preferences.mirror = false;
  preferences.span = 300;
  assert.equal(preferences.mirror, false);
  assert.deepEqual({ ...createPreferences(() => kept) }, { ...PRESET, mirror: false, span: 300 });
  assert.equal(PRESET.mirror, true, 'the preset itself stays');
});

for (const text of ['', 'no JSON', 'null', '7', '"text"', '[1, 2]', '{"mirror": "yes", "span": null, "keys": 1, "other": true}']) {
  test(`what is kept is not ours: ${text || 'empty'}`, () => {
    assert.deepEqual({ ...createPreferences(() => storage(text)) }, PRESET);
  });
}

test('of what is kept, all that a choice may be', () => {
  assert.deepEqual({ ...createPreferences(() => storage('{"camera": "abc", "span": "60", "timeline": false}')) }, { ...PRESET, camera: 'abc', timeline: false });
});

test('a browser that keeps nothing: a choice holds meanwhile', () => {
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
