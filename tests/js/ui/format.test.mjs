import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatTime, percent, signed } from '../../../static/js/ui/format.js';

test('a share is shown as whole percent', () => {
  assert.deepEqual([0, 0.005, 0.927, 1].map(percent), ['0%', '1%', '93%', '100%']);
});

test('a change has a sign', () => {
  assert.deepEqual([3.14, -0.4, 0, -0.01].map(signed), ['+3.1', '−0.4', '+0.0', '+0.0']);
});

test('times are shown as on a clock', () => {
  assert.deepEqual([0, 59.95, 65, 3600, 3725.4].map((seconds) => formatTime(seconds)), ['0:00', '0:59', '1:05', '1:00:00', '1:02:05']);
  assert.deepEqual([0.3, 65, 3725.47].map((seconds) => formatTime(seconds, true)), ['0:00.3', '1:05.0', '1:02:05.4']);
});
