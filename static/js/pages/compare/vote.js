/**
 * Count the models' votes on a face's expression, and put the outcome into words. Pure.
 *
 * @typedef {object} Ballot  What one model gives for the face.
 * @property {string[]} labels  those that it knows
 * @property {string} label  the one with its highest score
 * @property {boolean} unsure  true: that score is too low to count
 *
 * @typedef {object} Outcome
 * @property {number} models  how many gave a result
 * @property {string[]} leading  the label with the most votes; several where they have equally many; none where all
 *   models are unsure
 * @property {number} votes  for each label of `leading`
 * @property {Map<string, number>} tally  label -> votes, without unsure models
 * @property {number} unsure  how many models are unsure
 * @property {number} unaware  how many models do not have the leading label; 0 where several lead
 */

/**
 * One vote for each model; an unsure model has none.
 *
 * @param {Ballot[]} ballots
 * @returns {Outcome}
 */
export function countVotes(ballots) {
  /** @type {Map<string, number>} */
  const tally = new Map();
  for (const { label } of ballots.filter((one) => !one.unsure)) tally.set(label, (tally.get(label) ?? 0) + 1);
  const votes = Math.max(0, ...tally.values());
  const leading = [...tally.keys()].filter((label) => tally.get(label) === votes);
  const [only] = leading;
  return {
    models: ballots.length,
    leading,
    votes,
    tally,
    unsure: ballots.filter((one) => one.unsure).length,
    unaware: leading.length === 1 ? ballots.filter((one) => !one.labels.includes(only)).length : 0,
  };
}

/**
 * The outcome in a few large words and a small line below them.
 *
 * @param {Outcome} outcome
 * @returns {{label: string, count: string, rest: string}} `count` e.g. "5 of 7 models"
 */
export function outcomeHeadline({ models, leading, votes, unsure, unaware }) {
  const rest = [
    unsure > 0 && leading.length > 0 ? `${unsure} unsure` : '',
    unaware > 0 ? `${unaware} ${unaware === 1 ? 'does' : 'do'} not know this expression` : '',
  ];
  return {
    label: leading.length === 1 ? leading[0] : leading.length > 1 ? 'divided' : models > 0 ? 'unsure' : 'No model yet',
    count: models === 0 ? '' : `${leading.length > 0 ? votes : unsure} ${leading.length > 1 ? 'each ' : ''}of ${count(models)}`,
    rest: rest.filter(Boolean).join(', '),
  };
}

/**
 * The outcome as a sentence, for screen readers.
 *
 * @param {Outcome} outcome
 * @returns {string}
 */
export function outcomeSentence({ models, leading, votes, unsure, tally }) {
  if (models === 0) return 'No model has an answer yet.';
  if (leading.length === 0) return models === 1 ? 'The one model is unsure.' : `${all(models)} are unsure.`;
  const others = unsure > 0 ? `, ${unsure} unsure` : '';
  if (leading.length > 1) {
    const parts = leading.map((label) => `${label} ${tally.get(label)}`);
    return `The models are divided: ${parts.join(', ')}${others}.`;
  }
  if (models === 1) return `The one model sees ${leading[0]}.`;
  if (votes === models) return `${all(models)} see ${leading[0]}.`;
  return `${votes} of ${models} models see ${leading[0]}${others}.`;
}

/** @param {number} models */
const count = (models) => (models === 1 ? '1 model' : `${models} models`);

/** @param {number} models  more than one */
const all = (models) => (models === 2 ? 'Both models' : `All ${models} models`);
