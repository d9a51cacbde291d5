import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRateMeter, createThrottle } from '../../../static/js/ui/throttle.js';

test('a throttle lets through what is new, and not too often', () => {
  const due = createThrottle(2000);
  assert.deepEqual(
    [due('a', 0), due('b', 1999), due('a', 2000), due('b', 2001), due('b', 5000)],
    [true, false, false, true, false],
  );
});

test('the rate counts the results of the last two seconds', () => {
  const rate = createRateMeter();
  assert.equal(rate(1000), 0);
  for (let now = 1050; now < 6000; now += 50) rate(now);
  assert.equal(Math.round(rate(6000)), 20);
  assert.equal(rate(60000), 0);
});
