/**
 * What the compared models agree on, and how that is said. Pure.
 *
 * @typedef {object} Opinion  What one model says of the face.
 * @property {string[]} labels  those it knows
 * @property {string} label  the one with its highest score
 * @property {boolean} unsure  that score is too low to go by
 *
 * @typedef {object} Agreement
 * @property {number} models  how many gave an opinion
 * @property {string[]} leading  the label that most models give; several where as many give another; none where
 *   all are unsure
 * @property {number} votes  how many models give each of `leading`
 * @property {Map<string, number>} tally  label -> how many models give it, the unsure ones left out
 * @property {number} unsure  how many models are unsure
 * @property {number} unknowing  how many models do not know the leading label; 0 where several lead
 */

/**
 * One model, one vote; a model that is unsure has none.
 *
 * @param {Opinion[]} opinions
 * @returns {Agreement}
 */
export function agree(opinions) {
  /** @type {Map<string, number>} */
  const tally = new Map();
  for (const { label } of opinions.filter((one) => !one.unsure)) tally.set(label, (tally.get(label) ?? 0) + 1);
  const votes = Math.max(0, ...tally.values());
  const leading = [...tally.keys()].filter((label) => tally.get(label) === votes);
  const [only] = leading;
  return {
    models: opinions.length,
    leading,
    votes,
    tally,
    unsure: opinions.filter((one) => one.unsure).length,
    unknowing: leading.length === 1 ? opinions.filter((one) => !one.labels.includes(only)).length : 0,
  };
}

/**
 * The agreement in a few large words and a small line beneath.
 *
 * @param {Agreement} agreement
 * @returns {{label: string, count: string, rest: string}} `count` e.g. "5 of 7 models"
 */
export function showAgreement({ models, leading, votes, unsure, unknowing }) {
  const rest = [
    unsure > 0 && leading.length > 0 ? `${unsure} unsure` : '',
    unknowing > 0 ? `${unknowing} ${unknowing === 1 ? 'does' : 'do'} not know this expression` : '',
  ];
  return {
    label: leading.length === 1 ? leading[0] : leading.length > 1 ? 'divided' : models > 0 ? 'unsure' : 'No model yet',
    count: models === 0 ? '' : `${leading.length > 0 ? votes : unsure} ${leading.length > 1 ? 'each ' : ''}of ${count(models)}`,
    rest: rest.filter(Boolean).join(', '),
  };
}

/**
 * The agreement as a sentence, for screen readers.
 *
 * @param {Agreement} agreement
 * @returns {string}
 */
export function sayAgreement({ models, leading, votes, unsure, tally }) {
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
