import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RecentMedian, median } from '../../static/js/median.js';

test('the median of an odd and an even number of values, and of none', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), null);
});

test('the median of the latest values', () => {
  const recent = new RecentMedian(3);
  assert.deepEqual([recent.value, recent.count], [null, 0]);
  for (const value of [100, 100, 1, 2, 3]) recent.add(value);
  assert.deepEqual([recent.value, recent.count], [2, 3]);
});
