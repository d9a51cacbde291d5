import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Baselines } from '../../../static/js/inference/baselines.js';

const LABELS = ['angry', 'happy', 'sad', 'neutral'];
const REST = [0.003, 0.004, 0.003, 0.99];
const FAINT_SMILE = [0.003, 0.06, 0.003, 0.934];
const SAD_REST = [0.05, 0.01, 0.74, 0.2];
const STEP = 100; // milliseconds

/** A person's frames: each call plays some seconds of the same scores. */
function film(/** @type {Baselines} */ baselines, id = 1) {
  let now = 0;
  return (/** @type {number[]} */ scores, seconds = STEP / 1000) => {
    /** @type {ReturnType<Baselines['apply']>} */
    let last = null;
    for (const end = now + seconds * 1000; now < end; now += STEP) last = baselines.apply(id, scores, now);
    return last;
  };
}

/** @param {{scores: number[]} | null} applied */
const best = (applied) => (applied ? LABELS[applied.scores.indexOf(Math.max(...applied.scores))] : null);

test('a resting face that is asked for is taken from three seconds', async () => {
  const baselines = new Baselines(LABELS);
  const play = film(baselines);
  assert.equal(play(REST, 5), null, 'nothing is done unasked');
  const taken = baselines.take(1);
  assert.equal(play(REST, 2.9), null);
  play(REST, 0.5);
  const { rest, spread } = await taken;
  assert.ok(rest[3] > 4 && rest[1] < -4);
  assert.deepEqual(spread, [0.25, 0.25, 0.25, 0.25]);
  assert.equal(best(play(REST)), 'neutral');
  const smile = play(FAINT_SMILE);
  assert.equal(best(smile), 'happy');
  assert.ok(smile && smile.change[1] > 3 && Math.abs(smile.change[0]) < 1e-9);
});

test('one that was asked for stays, whatever is shown later', async () => {
  const baselines = new Baselines(LABELS, { automatic: true });
  const play = film(baselines);
  play(REST);
  const taken = baselines.take(1);
  play(SAD_REST, 3.5);
  await taken;
  assert.equal(best(play(SAD_REST, 60)), 'neutral');
  play(REST, 60);
  assert.equal(best(play(SAD_REST)), 'neutral');
});

test('a face that moves is waited for, then given up', async () => {
  const baselines = new Baselines(LABELS);
  const play = film(baselines);
  play(REST);
  const taken = baselines.take(1);
  const outcome = assert.rejects(taken, { code: 'baseline', message: /not held still/ });
  for (let i = 0; i < 130; i += 1) play([REST, [0.001, 0.99, 0.001, 0.008]][i % 2]);
  await outcome;
  assert.equal(play(REST), null);
  // The first seconds may be restless.
  const again = baselines.take(1);
  for (let i = 0; i < 40; i += 1) play([REST, [0.001, 0.99, 0.001, 0.008]][i % 2]);
  play(REST, 8);
  await again;
  assert.equal(best(play(FAINT_SMILE)), 'happy');
});

test('a face that leaves, or is not there, is said', async () => {
  const baselines = new Baselines(LABELS);
  await assert.rejects(baselines.take(4), { code: 'baseline', message: 'There is no face 4 in view.' });
  film(baselines)(REST);
  const taken = assert.rejects(baselines.take(1), { code: 'baseline', message: /left the picture/ });
  baselines.keep(new Set());
  await taken;
});

test('a model without the label neutral cannot have one', async () => {
  const baselines = new Baselines(['happy', 'sad']);
  film(baselines)([0.5, 0.5], 10);
  await assert.rejects(baselines.take(1), { code: 'baseline', message: /happy, sad.*needs the label neutral/ });
  assert.throws(() => new Baselines(['happy', 'sad'], { automatic: true }), { code: 'baseline' });
});

test('a resting face of another session is used, one of other labels is refused', () => {
  const baselines = new Baselines(LABELS);
  const play = film(baselines);
  play(SAD_REST);
  baselines.set(1, { rest: SAD_REST.map((p) => Math.log(p / (1 - p))), spread: [0, 1, 1, 1] });
  assert.equal(best(play(SAD_REST)), 'neutral');
  assert.throws(() => baselines.set(1, { rest: [1], spread: [1] }), { code: 'baseline', message: 'The resting face has no number for happy.' });
  baselines.clear(1);
  assert.equal(play(SAD_REST), null);
});

test('found by itself, it comes from neutral seconds, and an expression held for a minute changes nothing', () => {
  const play = film(new Baselines(LABELS, { automatic: true }));
  assert.equal(play(SAD_REST, 10), null, 'not from an expression');
  play(REST, 7);
  assert.equal(best(play(REST)), 'neutral');
  assert.equal(best(play(FAINT_SMILE, 60)), 'happy', 'also after a minute');
  assert.equal(best(play(REST)), 'neutral');
});

test('found during a faint smile, it is replaced by the rest that comes later', () => {
  const play = film(new Baselines(LABELS, { automatic: true }));
  play(FAINT_SMILE, 4);
  play(REST, 6.5);
  assert.equal(best(play(FAINT_SMILE)), 'happy');
});

test('a face that never looks neutral has a rest after two minutes', () => {
  const play = film(new Baselines(LABELS, { automatic: true }));
  assert.equal(play(SAD_REST, 100), null);
  play(SAD_REST, 30);
  assert.equal(best(play(SAD_REST)), 'neutral');
});

test('two people have a rest each', async () => {
  const baselines = new Baselines(LABELS);
  const [one, other] = [film(baselines, 1), film(baselines, 2)];
  one(REST);
  other(SAD_REST);
  const taken = baselines.take(2);
  one(REST, 4);
  other(SAD_REST, 4);
  await taken;
  assert.equal(one(REST), null);
  assert.equal(best(other(SAD_REST)), 'neutral');
});
