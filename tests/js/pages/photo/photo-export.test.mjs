import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { tally, toCsv, toJson } from '../../../../static/js/pages/photo/photo-export.js';

const golden = JSON.parse(readFileSync(new URL('../../../golden/exports.json', import.meta.url), 'utf8'));

test('the files equal those of the server', () => {
  assert.equal(toCsv(golden.results), golden.csv);
  assert.deepEqual(JSON.parse(toJson(golden.results)), golden.json);
});

test('a line break in a name does not break the line', () => {
  const [one] = golden.results;
  const lines = toCsv([{ ...one, name: 'a\nb' }]);
  assert.match(lines, /\r\n1,"a\nb",512,/);
});

test('a sentence describes the results of all photos', () => {
  const [portrait, two, none, letter] = golden.results;
  assert.equal(tally([portrait]), 'One face in one photo.');
  assert.equal(tally([none]), 'No face in one photo.');
  assert.equal(tally([portrait, two, none]), '3 faces in 3 photos.');
  assert.equal(tally([portrait, letter]), 'One face in one photo. One photo could not be read.');
  assert.equal(tally([letter, letter]), '2 photos could not be read.');
  assert.equal(tally([]), '');
});
