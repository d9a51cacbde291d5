import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileName } from '../../../static/js/ui/save-file.js';

test('a file is named after the time it was saved at', () => {
  assert.equal(fileName(new Date(2026, 0, 5, 7, 8, 9), 'csv'), 'mien-2026-01-05-070809.csv');
});
