/**
 * What was seen since the start, kept in memory for the timeline, the summary and the files that can be saved.
 * Pure: knows times and faces, neither page nor clock.
 *
 * Ten times a second: the scores of a face that fall into the same tenth of a second are averaged, whatever the
 * number of results a second, so that an hour is as heavy on a fast device as on a slow one.
 *
 * @typedef {import('../../../types.js').Box} Box
 * @typedef {import('../../../types.js').Face} Face
 * @typedef {import('../../../types.js').ModelContract} ModelContract
 *
 * @typedef {object} Sample  One face in one tenth of a second.
 * @property {number} seconds  when that tenth began, since the start
 * @property {number} face  its number, from 1
 * @property {number} results  how many results were averaged
 * @property {{width: number, height: number}} image
 * @property {Box} box  in pixels of `image`, of the tenth's last result
 * @property {string} label
 * @property {number} score
 * @property {Record<string, number>} scores
 * @property {boolean} unsure
 *
 * @typedef {(table: Float32Array, at: number, face: number, seconds: number) => void} Take  A row is `table[at]...`:
 *   `sampleAt` reads it, and its scores stand from `at + SCORES` on.
 *
 * @typedef {object} Share  How long a face, or all faces together, were in view and how they looked.
 * @property {number} seconds
 * @property {Record<string, number>} shares  label -> part of that time, 0..1; they and `unsure` sum to 1
 * @property {number} unsure  part of that time
 *
 * @typedef {object} Summary
 * @property {number} seconds  that were analysed, pauses and gaps not counted
 * @property {number} without_face  part of them, 0..1, in which no face was in view
 * @property {(Share & {face: number})[]} faces  by number
 * @property {Share} total  of all faces; two faces for a second are two seconds
 *
 * @typedef {object} Seen  A face, known by the recognizer's id.
 * @property {number} key  its place in `Recording.faces`
 * @property {number | null} number
 * @property {number} seconds  it was in view
 * @property {Float64Array} held  seconds of each label, and of "unsure" at the end
 * @property {number} label  what it holds since the last result; -1: it was not in view then
 * @property {number} last  when it was seen last
 * @property {number} results  in the present tenth
 * @property {Float64Array} sums  of its scores in the present tenth
 * @property {Box} box
 */

import { IMAGE, KEY, RESULTS, SCORES, SampleTable, TENTH } from './sample-table.js';
import { expressionOf } from '../../../argmax.js';

/** Samples a second. */
export const RATE = 10;
/** A face that was in view for less than this, in seconds, has no number and stands in no file. */
export const BRIEF = 0.3;
/** Results further apart than this, in seconds, have a gap between them, of which nothing is known. */
export const GAP = 1;
/** The most samples that are kept: six hours of one face, 13 MB. The oldest go first. */
const MOST = 6 * 3600 * RATE;

export class Recording {
  /**
   * @param {ModelContract} contract
   * @param {{most?: number}} [options]  `most` samples are kept
   */
  constructor(contract, { most = MOST } = {}) {
    this.contract = contract;
    this.table = new SampleTable(contract.labels.length, most);
    /** @type {(Seen | undefined)[]}  by key; a face that was gone before it had a number is forgotten */
    this.faces = [];
    /** @type {Map<number, Seen>}  by the recognizer's id */
    this.byId = new Map();
    this.numbers = 0;
    this.seconds = 0;
    this.empty = 0;
    /** When the last result was, in seconds since the start. */
    this.latest = -Infinity;
    this.tenth = -1;
    this.image = { width: 0, height: 0 };
    this.hadFaces = false;
    /** Whether the time up to the next result is unknown. */
    this.interrupted = false;
  }

  /**
   * Take in one result. One that is not later than those before (a film set back) is not recorded again.
   *
   * @param {number} seconds  since the start
   * @param {{faces: Face[], image: {width: number, height: number}}} result
   * @returns {(number | null)[]} the number of each face; null for one that has only just come
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
    return faces.map((face) => this.#see(face, seconds));
  }

  /** Nothing was seen since the last result: a pause, or another source. The next result counts from its own time. */
  cut() {
    this.flush();
    this.interrupted = true;
  }

  /** From here on the recognizer gives its ids anew. */
  restart() {
    this.cut();
    this.byId.clear();
  }

  /** Close the present tenth of a second, so that it can be read. */
  flush() {
    for (const seen of this.byId.values()) {
      if (seen.results) this.#write(seen);
      seen.results = 0;
      seen.sums.fill(0);
    }
    this.tenth = -1;
  }

  /**
   * A result as the last word on a picture that does not move: its faces are numbered at once.
   *
   * @param {{faces: Face[], image: {width: number, height: number}}} result
   * @returns {number[]}
   */
  addStill(result) {
    this.add(0, result);
    for (const seen of this.byId.values()) seen.number ??= ++this.numbers;
    this.flush();
    return result.faces.map(({ id }) => /** @type {number} */ (this.byId.get(id)?.number));
  }

  /**
   * Call with each row of the table in a span of time, in the order of time; faces without a number are left out.
   *
   * @param {{from: number, to: number}} span  in seconds, both ends included
   * @param {Take} take
   */
  each({ from, to }, take) {
    const [first, end] = [from, to + 1 / RATE].map((seconds) => this.table.rowAt(Math.floor(seconds * RATE)));
    this.eachRow(this.dropped + first, this.dropped + end, take);
  }

  /**
   * The same by place: rows are counted from the start, also those that had to go since.
   *
   * @param {number} first
   * @param {number} end  the first that is not taken
   * @param {Take} take
   */
  eachRow(first, end, take) {
    const last = Math.min(this.table.rows, end - this.dropped);
    for (let row = Math.max(0, first - this.dropped); row < last; row += 1) {
      const { table, at } = this.table.row(row);
      const number = this.faces[table[at + KEY]]?.number;
      if (number) take(table, at, number, table[at + TENTH] / RATE);
    }
  }

  /** The place after the last row. */
  get end() {
    return this.dropped + this.table.rows;
  }

  /** How many rows had to go. */
  get dropped() {
    return this.table.dropped;
  }

  /** Seconds before which samples had to go. */
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
    const [width, height, x, y, w, h] = table.subarray(at + IMAGE, at + SCORES);
    const scores = table.subarray(at + SCORES, at + this.table.width);
    return {
      seconds,
      face,
      results: table[at + RESULTS],
      image: { width, height },
      box: { x, y, width: w, height: h },
      ...expressionOf(scores, this.contract),
    };
  }

  /** @returns {Summary} */
  summary() {
    const { labels } = this.contract;
    /** @param {number} seconds @param {Float64Array} held @returns {Share} */
    const share = (seconds, held) => ({
      seconds,
      shares: Object.fromEntries(labels.map((label, i) => [label, seconds ? held[i] / seconds : 0])),
      unsure: seconds ? held[labels.length] / seconds : 0,
    });
    const known = this.faces.flatMap((seen) => (seen?.number ? [seen] : []));
    const held = new Float64Array(labels.length + 1);
    for (const seen of known) seen.held.forEach((value, i) => (held[i] += value));
    return {
      seconds: this.seconds,
      without_face: this.seconds ? this.empty / this.seconds : 0,
      faces: known
        .map((seen) => ({ face: /** @type {number} */ (seen.number), ...share(seen.seconds, seen.held) }))
        .sort((a, b) => a.face - b.face),
      total: share(known.reduce((sum, seen) => sum + seen.seconds, 0), held),
    };
  }

  /** Whether there is anything to show or save. */
  get isEmpty() {
    return this.numbers === 0 && this.seconds === 0;
  }

  /** Time has passed in which all was as the last result said. @param {number} seconds */
  #pass(seconds) {
    const counted = this.interrupted ? 0 : seconds;
    this.interrupted = false;
    this.seconds += counted;
    if (!this.hadFaces) this.empty += counted;
    for (const seen of this.byId.values()) {
      if (seen.label < 0) continue;
      seen.seconds += counted;
      seen.held[seen.label] += counted;
      seen.label = -1;
    }
  }

  /** Faces that came and went without getting a number. @param {number} now */
  #forget(now) {
    for (const [id, seen] of this.byId) {
      if (seen.number !== null || now - seen.last < 10) continue;
      this.byId.delete(id);
      this.faces[seen.key] = undefined;
    }
  }

  /** @param {Face} face @param {number} seconds @returns {number | null} */
  #see(face, seconds) {
    const { labels } = this.contract;
    let seen = this.byId.get(face.id);
    if (!seen) {
      const sums = new Float64Array(labels.length);
      const held = new Float64Array(labels.length + 1);
      const key = this.faces.length;
      seen = { key, number: null, seconds: 0, held, label: -1, last: seconds, results: 0, sums, box: face.box };
      this.byId.set(face.id, seen);
      this.faces.push(seen);
    }
    labels.forEach((label, i) => (seen.sums[i] += face.scores[label]));
    seen.results += 1;
    seen.box = face.box;
    seen.last = seconds;
    seen.label = face.unsure ? labels.length : labels.indexOf(face.label);
    if (seen.number === null && seen.seconds >= BRIEF) seen.number = ++this.numbers;
    return seen.number;
  }

  /**
   * A row of its own, or, where a pause has cut the present tenth in two, more of the one there is.
   *
   * @param {Seen} seen
   */
  #write({ key, results, sums, box }) {
    const known = this.table.find(this.tenth, key);
    const { table, at } = known ?? this.table.add();
    const before = known ? table[at + RESULTS] : 0;
    const all = before + results;
    const { width, height } = this.image;
    table.set([this.tenth, key, all, width, height, box.x, box.y, box.width, box.height], at);
    sums.forEach((sum, i) => {
      const score = at + SCORES + i;
      table[score] = before ? (table[score] * before + sum) / all : sum / all;
    });
  }
}
