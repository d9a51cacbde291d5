/** The outcome of the models' vote, and its words. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { countVotes, outcomeHeadline, outcomeSentence } from '../../../../static/js/pages/compare/vote.js';

const SEVEN = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const TWO = ['happy', 'neutral'];

/** @param {string} label @param {string[]} [labels] */
const sure = (label, labels = SEVEN) => ({ label, labels, unsure: false });
/** @param {string} label */
const unsure = (label) => ({ label, labels: SEVEN, unsure: true });

/** [ballots, large word, count, line beneath, sentence] @type {[import('../../../../static/js/pages/compare/vote.js').Ballot[], string, string, string, string][]} */
const CASES = [
  [[], 'No model yet', '', '', 'No model has an answer yet.'],
  [[sure('happy')], 'happy', '1 of 1 model', '', 'The one model sees happy.'],
  [[unsure('fear')], 'unsure', '1 of 1 model', '', 'The one model is unsure.'],
  [[sure('happy'), sure('happy'), sure('happy', TWO)], 'happy', '3 of 3 models', '', 'All 3 models see happy.'],
  [[sure('sad'), sure('sad'), sure('neutral', TWO)], 'sad', '2 of 3 models', '1 does not know this expression', '2 of 3 models see sad.'],
  [[sure('sad'), sure('happy', TWO), sure('neutral', TWO), sure('sad'), unsure('sad')], 'sad', '2 of 5 models', '1 unsure, 2 do not know this expression', '2 of 5 models see sad, 1 unsure.'],
  [[sure('sad'), sure('fear')], 'divided', '1 each of 2 models', '', 'The models are divided: sad 1, fear 1.'],
  [[sure('sad'), sure('fear'), unsure('fear')], 'divided', '1 each of 3 models', '1 unsure', 'The models are divided: sad 1, fear 1, 1 unsure.'],
  [[unsure('sad'), unsure('sad')], 'unsure', '2 of 2 models', '', 'Both models are unsure.'],
];

describe('the vote', () => {
  for (const [ballots, label, count, rest, sentence] of CASES) {
    test(sentence, () => {
      const outcome = countVotes(ballots);
      assert.deepEqual(outcomeHeadline(outcome), { label, count, rest });
      assert.equal(outcomeSentence(outcome), sentence);
    });
  }

  test('one vote for each model; unsure models have none', () => {
    const { tally, votes, leading, models } = countVotes([sure('happy'), sure('happy', TWO), sure('neutral'), unsure('neutral')]);
    assert.deepEqual([...tally], [['happy', 2], ['neutral', 1]]);
    assert.deepEqual([votes, leading, models], [2, ['happy'], 4]);
  });
});
