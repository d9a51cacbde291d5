import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPageState } from '../../../static/js/ui/page-state.js';

test('the state moves only where it makes sense, and says so', () => {
  /** @type {string[]} */
  const seen = [];
  const status = createPageState((state) => seen.push(state));
  for (const next of /** @type {const} */ (['loading', 'running', 'paused', 'running', 'error', 'loading', 'idle'])) {
    status.to(next);
  }
  status.to('idle');
  assert.deepEqual(seen, ['loading', 'running', 'paused', 'running', 'error', 'loading', 'idle']);
  assert.throws(() => status.to('running'), /cannot go from idle to running/);
  assert.equal(status.state, 'idle');
});
