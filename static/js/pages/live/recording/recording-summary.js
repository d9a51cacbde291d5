/**
 * Summarize a recording: time in view and share of each label, for each face and for all faces together. Pure.
 *
 * @typedef {import('./recording.js').Recording} Recording
 *
 * @typedef {object} Share
 * @property {number} seconds  time in view
 * @property {Record<string, number>} shares  label -> part of that time, 0..1; they and `unsure` sum to 1
 * @property {number} unsure  part of that time, 0..1
 *
 * @typedef {object} Summary
 * @property {number} seconds  analysed time, without pauses and gaps
 * @property {number} without_face  part of that time, 0..1, in which no face was in view
 * @property {(Share & {face: number})[]} faces  in the order of their numbers
 * @property {Share} total  of all faces; two faces in view for one second count as two seconds
 */

/** @param {Recording} recording @returns {Summary} */
export function summarize({ contract, faces, seconds, empty }) {
  const { labels } = contract;
  const numbered = faces.flatMap((face) => (face?.number ? [{ ...face, number: face.number }] : []));
  const total = new Float64Array(labels.length + 1);
  for (const { labelSeconds } of numbered) labelSeconds.forEach((value, i) => (total[i] += value));
  return {
    seconds,
    without_face: seconds ? empty / seconds : 0,
    faces: numbered
      .map(({ number, seconds: inView, labelSeconds }) => ({ face: number, ...shareOf(inView, labelSeconds, labels) }))
      .sort((a, b) => a.face - b.face),
    total: shareOf(numbered.reduce((sum, face) => sum + face.seconds, 0), total, labels),
  };
}

/**
 * @param {number} seconds
 * @param {Float64Array} labelSeconds  of each label, and of "unsure" at the end
 * @param {string[]} labels
 * @returns {Share}
 */
function shareOf(seconds, labelSeconds, labels) {
  return {
    seconds,
    shares: Object.fromEntries(labels.map((label, i) => [label, seconds ? labelSeconds[i] / seconds : 0])),
    unsure: seconds ? labelSeconds[labels.length] / seconds : 0,
  };
}
