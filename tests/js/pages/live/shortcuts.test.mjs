/** The actions of keys, and when keys are ignored. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SHORTCUTS, actionOf } from '../../../../static/js/pages/live/shortcuts.js';

/** A stand-in for the focused element, for the selectors of shortcuts.js. @param {string} kind  such as 'input[type=text]' or 'button' */
function target(kind) {
  return {
    closest(/** @type {string} */ selector) {
      if (!kind) return null;
      const [, tag, type] = /** @type {RegExpMatchArray} */ (kind.match(/^(\w+)(?:\[type=(\w+)\])?$/));
      if (tag === 'input' && /\binput:not\(/.test(selector)) return !selector.includes(`[type=${type}]`) || null;
      return selector.split(/,\s*/).includes(tag) || null;
    },
  };
}

/** @param {string} key @param {string} [on] @param {object} [more] */
const press = (key, on = '', more = {}) => actionOf({ key, target: target(on), ...more });

test('every listed key has its action, in upper and lower case', () => {
  for (const { keys, action } of SHORTCUTS) {
    for (const name of keys) {
      const key = name === 'Space' ? ' ' : name;
      assert.equal(press(key), action);
      assert.equal(press(key.toLowerCase()), action);
    }
  }
  const all = SHORTCUTS.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length, 'no key may have two actions');
});

test('other keys have no action', () => {
  for (const key of ['x', 'Enter', 'Escape', 'Tab', 'ArrowLeft', 'F1', 'Shift', '']) assert.equal(press(key), null, key);
});

test('keys with a modifier, repeated, handled or while composing are ignored', () => {
  for (const name of ['ctrlKey', 'metaKey', 'altKey', 'repeat', 'defaultPrevented', 'isComposing']) {
    assert.equal(press('s', '', { [name]: true }), null, name);
  }
});

test('letters are ignored in fields and dialogs', () => {
  for (const on of ['textarea', 'select', 'dialog', 'input[type=text]', 'input[type=search]']) assert.equal(press('s', on), null, on);
  for (const on of ['button', 'a', 'input[type=checkbox]', 'input[type=range]']) assert.equal(press('s', on), 'start', on);
});

test('the space bar activates a focused button, and pauses elsewhere', () => {
  for (const on of ['button', 'a', 'summary', 'input[type=checkbox]']) assert.equal(press(' ', on), null, on);
  assert.equal(press(' ', 'canvas'), 'pause');
  assert.equal(actionOf({ key: ' ', target: null }), 'pause');
});
