/**
 * Keep the resting faces of the people in a video: taken when asked for, or found while the video runs. Pure: time comes
 * with the frames.
 *
 * @typedef {import('./resting-face.js').RestingFace} RestingFace
 *
 * @typedef {object} Observation  What is known of one person.
 * @property {RestingFace | null} face  the resting face in use
 * @property {number} windows  how many windows it is made of; Infinity where it was asked for, so that it stays
 * @property {number[][]} rows  log-odds in the present window
 * @property {number} since  when the window began, in milliseconds
 * @property {number[]} best  for each label, in how many windows it was the best
 * @property {Asked | null} asked
 *
 * @typedef {object} Asked  A call of `take` that waits.
 * @property {number | null} since  when it began; null before the first frame
 * @property {(face: RestingFace) => void} resolve
 * @property {(error: RecognizerError) => void} reject
 */

import { RecognizerError } from '../errors.js';
import { LEAST_SPREAD, NEUTRAL, THRESHOLD, adjustedScores, changeFrom, logOdds, restingFaceOf } from './resting-face.js';

/** Length of the window from which a resting face is taken, in milliseconds. */
export const WINDOW_MS = 3000;
/** A call gives up when the face was not held still for a whole window within this time, in milliseconds. */
export const PATIENCE_MS = 12_000;
/** Fewest results in a window. */
const LEAST_RESULTS = 5;
/** A face counts as held still where the middle four fifths of each label's log-odds lie this close together. */
const STEADY = 4;
/** After this many windows, two minutes, in which one label is the best, it is the rest of a face that never looks neutral. */
const AT_LAST = 40;
/** A resting face that is found by itself is the mean of at most this many windows: it follows slow changes of light. */
const MOST_WINDOWS = 20;

export class Baselines {
  /**
   * @param {string[]} labels  of the model's contract
   * @param {{automatic?: boolean}} [options]  automatic: whether each person's resting face is found by itself
   * @throws {RecognizerError} 'baseline' where the model has no label neutral
   */
  constructor(labels, { automatic = false } = {}) {
    this.neutral = labels.indexOf(NEUTRAL);
    if (this.neutral < 0 && automatic) throw noNeutral(labels);
    this.labels = labels;
    this.automatic = automatic;
    /** @type {Map<number, Observation>}  by id */
    this.people = new Map();
  }

  /**
   * Takes a person's resting face from the frames of the next three seconds in which the face is held still.
   *
   * @param {number} id  of a face in view
   * @returns {Promise<RestingFace>} rejects with a RecognizerError 'baseline' where there is no such face, the face is
   *   not held still within 12 seconds, or the model has no label neutral
   */
  async take(id) {
    if (this.neutral < 0) throw noNeutral(this.labels);
    const person = this.people.get(id);
    if (person === undefined) throw new RecognizerError('baseline', `There is no face ${id} in view.`);
    person.asked?.reject(new RecognizerError('baseline', 'The resting face was asked for again.'));
    return new Promise((resolve, reject) => {
      person.asked = { since: null, resolve, reject };
      person.rows = [];
    });
  }

  /**
   * Uses a resting face that was taken earlier.
   *
   * @param {number} id
   * @param {RestingFace} face
   * @throws {RecognizerError} 'baseline' as `take`, or where it is of other labels
   */
  set(id, { rest, spread }) {
    if (this.neutral < 0) throw noNeutral(this.labels);
    const person = this.people.get(id);
    if (person === undefined) throw new RecognizerError('baseline', `There is no face ${id} in view.`);
    const missing = this.labels.find((_, i) => !Number.isFinite(rest[i]) || !Number.isFinite(spread[i]));
    if (missing !== undefined) throw new RecognizerError('baseline', `The resting face has no number for ${missing}.`);
    person.face = { rest, spread: spread.map((value) => Math.max(value, LEAST_SPREAD)) };
    person.windows = Infinity;
  }

  /** Forgets a person's resting face, or everyone's. @param {number | null} [id] */
  clear(id = null) {
    for (const [key, person] of this.people) {
      if (id !== null && key !== id) continue;
      person.face = null;
      person.windows = 0;
      person.rows = [];
      person.asked?.reject(new RecognizerError('baseline', 'The resting face was given up.'));
      person.asked = null;
    }
  }

  /** Forgets people who are not expected back. @param {Set<number>} ids  of the others */
  keep(ids) {
    for (const [id, { asked }] of this.people) {
      if (ids.has(id)) continue;
      asked?.reject(new RecognizerError('baseline', 'The face left the picture before its resting face was known.'));
      this.people.delete(id);
    }
  }

  /**
   * Takes note of a person's scores in a video's frame, and adjusts them where the resting face is known.
   *
   * @param {number} id
   * @param {ArrayLike<number>} scores  calibrated probabilities, 0..1
   * @param {number} timestamp  in milliseconds
   * @returns {{scores: number[], change: number[]} | null} null where no resting face is known
   */
  apply(id, scores, timestamp) {
    const person = this.people.get(id) ?? this.#newPerson(timestamp);
    this.people.set(id, person);
    const odds = logOdds(scores);
    this.#observe(person, odds, timestamp);
    if (person.face === null) return null;
    const change = changeFrom(person.face, odds);
    return { scores: adjustedScores(scores, change, this.neutral), change };
  }

  /** @param {number} timestamp @returns {Observation} */
  #newPerson(timestamp) {
    return { face: null, windows: 0, rows: [], since: timestamp, best: this.labels.map(() => 0), asked: null };
  }

  /** @param {Observation} person @param {number[]} odds @param {number} timestamp */
  #observe(person, odds, timestamp) {
    if (!person.asked && !(this.automatic && person.windows !== Infinity)) return;
    if (person.rows.length === 0) person.since = timestamp;
    person.rows.push(odds);
    if (person.asked) person.asked.since ??= timestamp;
    if (timestamp - person.since < WINDOW_MS) return;
    const { rows } = person;
    person.rows = [];
    const found = rows.length >= LEAST_RESULTS && isSteady(rows) ? restingFaceOf(rows) : null;
    if (person.asked) this.#answer(person, found, timestamp);
    else if (found) this.#learn(person, found);
  }

  /** @param {Observation} person @param {RestingFace | null} found @param {number} timestamp */
  #answer(person, found, timestamp) {
    const { asked } = person;
    if (asked === null) return;
    if (found) {
      person.face = found;
      person.windows = Infinity;
      asked.resolve(found);
    } else if (timestamp - Number(asked.since) >= PATIENCE_MS) {
      asked.reject(new RecognizerError('baseline', 'The face was not held still for three seconds. Look at the camera and try again.'));
    } else return;
    person.asked = null;
  }

  /**
   * Learns from a window in which the face was held still. An expression that is held is no rest, however long: such a
   * window shows more of a label than the rest so far. A window that shows less of one label and more of none is a better
   * rest than the one so far, which then was an expression.
   *
   * @param {Observation} person
   * @param {RestingFace} found
   */
  #learn(person, found) {
    const { face, windows } = person;
    if (face === null) {
      const best = found.rest.indexOf(Math.max(...found.rest));
      person.best[best] += 1;
      if (best !== this.neutral && person.best[best] < AT_LAST) return;
      Object.assign(person, { face: found, windows: 1 });
      return;
    }
    const change = changeFrom(face, found.rest).filter((_, i) => i !== this.neutral);
    if (Math.max(...change) >= THRESHOLD) return;
    if (Math.min(...change) <= -THRESHOLD) {
      Object.assign(person, { face: found, windows: 1 });
      return;
    }
    const count = Math.min(windows + 1, MOST_WINDOWS);
    /** @param {number} before @param {number} now */
    const mean = (before, now) => before + (now - before) / count;
    person.face = {
      rest: face.rest.map((value, i) => mean(value, found.rest[i])),
      spread: face.spread.map((value, i) => mean(value, found.spread[i])),
    };
    person.windows = count;
  }
}

/** @param {number[][]} rows  log-odds of each label */
function isSteady(rows) {
  return rows[0].every((_, i) => {
    const order = rows.map((row) => row[i]).sort((a, b) => a - b);
    const tail = Math.floor(order.length / 10);
    return order[order.length - 1 - tail] - order[tail] <= STEADY;
  });
}

/** @param {string[]} labels */
function noNeutral(labels) {
  return new RecognizerError('baseline', `The model's labels are ${labels.join(', ')}. A resting face needs the label ${NEUTRAL}.`);
}
