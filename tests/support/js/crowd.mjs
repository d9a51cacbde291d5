/** Simulate people who move before a camera: where their faces are at each time, and which are visible. */

import { iou } from '../../../static/js/inference/tracking/track-assignment.js';

/** @typedef {import('../../../static/js/types.js').Box} Box */
/** @typedef {(seconds: number) => Box | null} Person  null: out of view */

/** A square box. @param {number} x  of its centre @param {number} y @param {number} [side] @returns {Box} */
export const at = (x, y, side = 100) => ({ x: x - side / 2, y: y - side / 2, width: side, height: side });

/** Of two boxes whose IoU is above this, the detector finds the larger only. */
const MERGED = 0.3;

/**
 * The faces that a detector finds at one time: without people who are out of view or behind somebody else.
 *
 * @param {Person[]} people  of people of equal size, those in front first
 * @param {number} seconds
 * @returns {{person: number, box: Box}[]}
 */
export function seen(people, seconds) {
  const all = people.flatMap((person, index) => {
    const box = person(seconds);
    return box ? [{ person: index, box }] : [];
  });
  const nearFirst = [...all].sort((a, b) => b.box.width - a.box.width || a.person - b.person);
  /** @type {typeof all} */
  const shown = [];
  for (const one of nearFirst) if (shown.every(({ box }) => iou(box, one.box) <= MERGED)) shown.push(one);
  return shown.sort((a, b) => a.person - b.person);
}

/**
 * The ids each person had, in order and without repeats.
 *
 * @param {{assign(boxes: Box[], timestamp: number): number[]}} tracker
 * @param {Person[]} people
 * @param {number} seconds  length of the simulation
 * @param {(seconds: number) => number} rate  frames a second at each time
 * @param {(box: Box) => Box} [jitter]  the detector's inaccuracy
 * @returns {number[][]}
 */
export function watch(tracker, people, seconds, rate, jitter = (box) => box) {
  /** @type {number[][]} */
  const ids = people.map(() => []);
  for (let now = 0; now <= seconds; now += 1 / rate(now)) {
    const faces = seen(people, now);
    const given = tracker.assign(faces.map(({ box }) => jitter(box)), now * 1000);
    faces.forEach(({ person }, i) => {
      if (ids[person].at(-1) !== given[i]) ids[person].push(given[i]);
    });
  }
  return ids;
}
