/**
 * Record the faces of a session in memory, for the timeline, the summary and the files. Pure: no document, no clock.
 *
 * The recording has ten samples per second: the scores of a face within one tenth of a second are averaged, so that an
 * hour takes the same memory at any number of results per second.
 *
 * @typedef {import('../../../types.js').Box} Box
 * @typedef {import('../../../types.js').Face} Face
 * @typedef {import('../../../types.js').ModelContract} ModelContract
 *
 * @typedef {object} Sample  One face in one tenth of a second.
 * @property {number} seconds  when the tenth began, since the start
 * @property {number} face  its number, from 1
 * @property {number} results  number of results that were averaged
 * @property {{width: number, height: number}} image
 * @property {Box} box  of the last result in the tenth, in pixels of `image`
 * @property {string} label
 * @property {number} score
 * @property {Record<string, number>} scores
 * @property {boolean} unsure
 * @property {boolean} resting_face  whether the last result in the tenth was compared with the person's resting face
 *
 * @typedef {(table: Float32Array, at: number, face: number, seconds: number) => void} RowCallback  The values of
 *   the row begin at `table[at]` (`sampleAt` reads them), its scores at `table[at + SCORES]`.
 *
 * @typedef {object} RecordedFace  A face, identified by the recognizer's id.
 * @property {number} key  its index in `Recording.faces`
 * @property {number | null} number  from 1; null for a face that was in view too briefly so far
 * @property {number} seconds  time in view
 * @property {Float64Array} labelSeconds  seconds of each label, and of "unsure" at the end
 * @property {number} label  index in `labelSeconds` since the last result; -1: not in view
 * @property {number} last  time of its last result, in seconds
 * @property {number} results  in the present tenth
 * @property {Float64Array} sums  of its scores in the present tenth
 * @property {Box} box
 * @property {boolean} compared  whether the last result was compared with the person's resting face
 */

import { IMAGE, KEY, REST, RESULTS, SCORES, SampleTable, TENTH } from './sample-table.js';
import { expressionOf } from '../../../argmax.js';
import { summarize } from './recording-summary.js';

/** Samples per second. */
export const RATE = 10;
/** A face that was in view for less than this, in seconds, gets no number and is in no file. */
export const BRIEF = 0.3;
/** Time between two results, in seconds, above which it counts as a gap, for which nothing is known. */
export const GAP = 1;
/** Most samples that are kept: six hours of one face, 13 MB. The oldest are dropped first. */
const MOST = 6 * 3600 * RATE;

export class Recording {
  /**
   * @param {ModelContract} contract
   * @param {{most?: number}} [options]  `most` samples are kept
   */
  constructor(contract, { most = MOST } = {}) {
    this.contract = contract;
    this.table = new SampleTable(contract.labels.length, most);
    /** @type {(RecordedFace | undefined)[]}  by key; undefined for a face that left before it got a number */
    this.faces = [];
    /** @type {Map<number, RecordedFace>}  by the recognizer's id */
    this.byId = new Map();
    this.numbers = 0;
    this.seconds = 0;
    this.empty = 0;
    /** Time of the last result, in seconds since the start. */
    this.latest = -Infinity;
    this.tenth = -1;
    this.image = { width: 0, height: 0 };
    this.hadFaces = false;
    /** Whether the time until the next result is not counted. */
    this.interrupted = false;
  }

  /**
   * Record one result. A result that is not later than the last one (the user seeked back in a video) is not recorded.
   *
   * @param {number} seconds  since the start
   * @param {Pick<import('../../../types.js').Result, 'faces' | 'image'>} result
   * @returns {(number | null)[]} the number of each face; null for a face that has just appeared
   */
  add(seconds, { faces, image }) {
    const past = seconds - this.latest;
    if (!(past > 0)) return faces.map(({ id }) => this.byId.get(id)?.number ?? null);
    const tenth = Math.floor(seconds * RATE + 1e-6);
    if (tenth !== this.tenth) this.flush();
    this.#pass(past <= GAP ? past : 0);
    this.#forget(seconds);
    this.tenth = tenth;
    this.latest = seconds;
    this.image = image;
    this.hadFaces = faces.length > 0;
    return faces.map((face) => this.#record(face, seconds));
  }

  /** Do not count the time from the last result to the next one: a pause, or another source. */
  cut() {
    this.flush();
    this.interrupted = true;
  }

  /** The recognizer was replaced: its ids belong to other faces from now on. */
  restart() {
    this.cut();
    this.byId.clear();
  }

  /** Write the present tenth of a second, so that it can be read. */
  flush() {
    for (const recorded of this.byId.values()) {
      if (recorded.results) this.#write(recorded);
      recorded.results = 0;
      recorded.sums.fill(0);
    }
    this.tenth = -1;
  }

  /**
   * Record the only result of a picture: its faces get their numbers at once.
   *
   * @param {{faces: Face[], image: {width: number, height: number}}} result
   * @returns {number[]}
   */
  addStill(result) {
    this.add(0, result);
    for (const recorded of this.byId.values()) recorded.number ??= ++this.numbers;
    this.flush();
    return result.faces.map(({ id }) => /** @type {number} */ (this.byId.get(id)?.number));
  }

  /**
   * Call back for each row in a time span, in order of time; faces without a number are left out.
   *
   * @param {{from: number, to: number}} span  in seconds, both ends included
   * @param {RowCallback} callback
   */
  each({ from, to }, callback) {
    const [first, end] = [from, to + 1 / RATE].map((seconds) => this.table.rowAt(Math.floor(seconds * RATE)));
    this.eachRow(this.dropped + first, this.dropped + end, callback);
  }

  /**
   * Call back for each row between two indices, which count all rows since the start, dropped ones included.
   *
   * @param {number} first
   * @param {number} end  exclusive
   * @param {RowCallback} callback
   */
  eachRow(first, end, callback) {
    const last = Math.min(this.table.rows, end - this.dropped);
    for (let row = Math.max(0, first - this.dropped); row < last; row += 1) {
      const { table, at } = this.table.row(row);
      const number = this.faces[table[at + KEY]]?.number;
      if (number) callback(table, at, number, table[at + TENTH] / RATE);
    }
  }

  /** Index after the last row. */
  get end() {
    return this.dropped + this.table.rows;
  }

  /** Number of rows that were dropped. */
  get dropped() {
    return this.table.dropped;
  }

  /** Time, in seconds, before which samples were dropped. */
  get droppedBefore() {
    return this.table.first / RATE;
  }

  /**
   * @param {Float32Array} table
   * @param {number} at
   * @param {number} face
   * @param {number} seconds
   * @returns {Sample}
   */
  sampleAt(table, at, face, seconds) {
    const [width, height, x, y, w, h] = table.subarray(at + IMAGE, at + REST);
    const scores = table.subarray(at + SCORES, at + this.table.width);
    return {
      seconds,
      face,
      results: table[at + RESULTS],
      image: { width, height },
      box: { x, y, width: w, height: h },
      ...expressionOf(scores, this.contract),
      resting_face: table[at + REST] === 1,
    };
  }

  summary() {
    return summarize(this);
  }

  /** Whether there is nothing to show or save. */
  get isEmpty() {
    return this.numbers === 0 && this.seconds === 0;
  }

  /** Count time in which the last result was valid. @param {number} seconds */
  #pass(seconds) {
    const counted = this.interrupted ? 0 : seconds;
    this.interrupted = false;
    this.seconds += counted;
    if (!this.hadFaces) this.empty += counted;
    for (const recorded of this.byId.values()) {
      if (recorded.label < 0) continue;
      recorded.seconds += counted;
      recorded.labelSeconds[recorded.label] += counted;
      recorded.label = -1;
    }
  }

  /** Forget faces that left without getting a number. @param {number} now */
  #forget(now) {
    for (const [id, recorded] of this.byId) {
      if (recorded.number !== null || now - recorded.last < 10) continue;
      this.byId.delete(id);
      this.faces[recorded.key] = undefined;
    }
  }

  /** @param {Face & Partial<import('../../../types.js').FromRest>} face @param {number} seconds @returns {number | null} */
  #record(face, seconds) {
    const { labels } = this.contract;
    let recorded = this.byId.get(face.id);
    if (!recorded) {
      const sums = new Float64Array(labels.length);
      const labelSeconds = new Float64Array(labels.length + 1);
      const key = this.faces.length;
      recorded = { key, number: null, seconds: 0, labelSeconds, label: -1, last: seconds, results: 0, sums, box: face.box, compared: false };
      this.byId.set(face.id, recorded);
      this.faces.push(recorded);
    }
    labels.forEach((label, i) => (recorded.sums[i] += face.scores[label]));
    recorded.results += 1;
    recorded.box = face.box;
    recorded.compared = face.change !== undefined;
    recorded.last = seconds;
    recorded.label = face.unsure ? labels.length : labels.indexOf(face.label);
    if (recorded.number === null && recorded.seconds >= BRIEF) recorded.number = ++this.numbers;
    return recorded.number;
  }

  /**
   * Add a row for the present tenth, or, after a pause within the tenth, average into the row that it already has.
   *
   * @param {RecordedFace} recorded
   */
  #write({ key, results, sums, box, compared }) {
    const known = this.table.find(this.tenth, key);
    const { table, at } = known ?? this.table.add();
    const before = known ? table[at + RESULTS] : 0;
    const all = before + results;
    const { width, height } = this.image;
    table.set([this.tenth, key, all, width, height, box.x, box.y, box.width, box.height, Number(compared)], at);
    sums.forEach((sum, i) => {
      const score = at + SCORES + i;
      table[score] = before ? (table[score] * before + sum) / all : sum / all;
    });
  }
}
