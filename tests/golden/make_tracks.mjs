/**
 * Write tracks.json, what tracking gives in JavaScript and in Python:
 *
 *     node tests/golden/make_tracks.mjs
 *
 * `ids`: the boxes of people who move, and the ids that the browser's TrackAssigner gives them. `films`: drawn frames
 * (tests/support/js/drawn-faces.mjs), what a detector finds in each, and the faces that the browser's FaceTracker gives.
 * `smoothing`: a box and scores over time, and what the smoothers make of them.
 *
 * @typedef {import('../../static/js/types.js').Box} Box
 * @typedef {import('../support/js/drawn-faces.mjs').Drawn} Drawn
 */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { BoxSmoother } from '../../static/js/inference/tracking/box-smoothing.js';
import { FaceTracker } from '../../static/js/inference/tracking/face-tracking.js';
import { ScoreSmoother } from '../../static/js/inference/tracking/score-smoothing.js';
import { TrackAssigner } from '../../static/js/inference/tracking/track-assignment.js';
import { at, seen } from '../support/js/crowd.mjs';
import { drawnFrame } from '../support/js/drawn-faces.mjs';
import { frameOf, random } from '../support/js/runtime.mjs';

const OUT = new URL('tracks.json', import.meta.url);
const [WIDTH, HEIGHT] = [160, 120];

/** @param {number} value */
const rounded = (value) => Number(value.toFixed(4));
/** @param {Box} box */
const numbers = ({ x, y, width, height }) => [x, y, width, height].map(rounded);
/** @param {number[]} numbers @returns {Box} */
const boxOf = ([x, y, width, height]) => ({ x, y, width, height });

/** Between two moments a person is elsewhere.
 * @param {number} from @param {number} to @param {import('../support/js/crowd.mjs').Person} person
 * @returns {import('../support/js/crowd.mjs').Person}
 */
const away = (from, to, person) => (t) => (t > from && t < to ? null : person(t));

/** @type {Record<string, {seconds: number, rate: number, people: import('../support/js/crowd.mjs').Person[]}>} */
const PEOPLE = {
  'crossing slowly, hidden for more than a second': {
    seconds: 8, rate: 10, people: [(t) => at(160 + 40 * t, 200, 110), (t) => at(480 - 40 * t, 205, 100)],
  },
  'one passes before another who sits': { seconds: 4, rate: 30, people: [(t) => at(60 + 130 * t, 210, 120), () => at(320, 200, 100)] },
  'leaving and coming back after 1.5 seconds': {
    seconds: 5, rate: 10, people: [away(1, 2.5, (t) => at(t < 2 ? 560 + 40 * t : 690 - 40 * (t - 1), 200)), () => at(200, 200)],
  },
  'leaving and coming back after 3 seconds is somebody new': {
    seconds: 6, rate: 10, people: [away(1, 4, () => at(560, 200)), () => at(200, 200)],
  },
  'three faces that change places': {
    seconds: 6, rate: 15,
    people: [0, 2, 4].map((phase) => (/** @type {number} */ t) => at(320 + 150 * Math.cos(t + phase), 240 + 110 * Math.sin(t + phase), 80)),
  },
};

/** @type {Record<string, {frames: number, step: number, faces: (i: number) => Drawn[], missed?: (i: number, pattern: number) => boolean}>} */
const FILMS = {
  'one face that moves, turns and comes nearer': {
    frames: 25, step: 100, faces: (i) => [{ pattern: 1, x: 40 + 2.7 * i, y: 50 + 9 * Math.sin(i / 4), side: 30 + 0.6 * i, roll: 0.2 * Math.sin(i / 5) }],
  },
  'two faces, one of which leaves and comes back; frames of irregular length': {
    frames: 40, step: 0,
    faces: (i) => [
      { pattern: 2, x: 45 + 8 * Math.sin(i / 6), y: 60, side: 36, roll: 0.1 },
      ...(i > 14 && i < 22 ? [] : [{ pattern: 3, x: 115, y: 55 + 6 * Math.sin(i / 3), side: 32.5, roll: -0.1 }]),
    ],
  },
  'a jump across the frame, and a detector that misses': {
    frames: 25, step: 60, faces: (i) => [{ pattern: 1, x: i < 12 ? 40 : 110, y: 60, side: 34, roll: 0 }], missed: (i) => i % 5 === 4,
  },
};

/** @param {typeof PEOPLE[string]} scene */
function assigned({ seconds, rate, people }) {
  const next = random(7);
  const off = () => 3 * (next() - 0.5);
  const tracker = new TrackAssigner();
  return Array.from({ length: seconds * rate + 1 }, (_, i) => {
    const boxes = seen(people, i / rate).map(({ box: { x, y, width } }) => numbers(at(x + width / 2 + off(), y + width / 2 + off(), width + off())));
    return { time: rounded((i * 1000) / rate), boxes, ids: tracker.assign(boxes.map(boxOf), rounded((i * 1000) / rate)) };
  });
}

/** @param {typeof FILMS[string]} film */
function tracked({ frames, step, faces, missed = () => false }) {
  const next = random(3);
  /** @type {Box[]} */
  let boxes = [];
  const tracker = new FaceTracker((_, reduced) => (reduced ? [] : boxes));
  let time = 0;
  return Array.from({ length: frames }, (_, i) => {
    time += i === 0 ? 0 : step || 20 + Math.round(110 * next());
    const drawn = faces(i).map((face) => ({ ...face, x: rounded(face.x), y: rounded(face.y), side: rounded(face.side), roll: rounded(face.roll) }));
    const detections = drawn
      .filter(({ pattern }) => !missed(i, pattern))
      .map(({ x, y, side }) => numbers(at(x + next() - 0.5, y + next() - 0.5, side + next() - 0.5)));
    boxes = detections.map(boxOf);
    const result = tracker.update(frameOf(drawnFrame(drawn, WIDTH, HEIGHT)), time);
    const found = result.faces.map(({ id, box }) => ({ id, box: numbers(box) }));
    return { time, drawn, detections, detected: result.detected, faces: found };
  });
}

function smoothed() {
  const next = random(5);
  const [boxes, scores] = [new BoxSmoother(), new ScoreSmoother()];
  return Array.from({ length: 30 }, (_, i) => {
    const time = 40 * i + Math.round(30 * next());
    const box = numbers(at(100 + (i > 15 ? 9 * i : 0) + next(), 90 + next(), 60 + 2 * next()));
    const happy = rounded(i < 12 ? 0.2 : 0.9);
    const given = [happy, rounded(1 - happy)];
    const smooth = scores.update(0, given, time);
    return { time, box, scores: given, smooth_box: numbers(boxes.update(0, boxOf(box), time)), smooth_scores: [...smooth].map(rounded) };
  });
}

/** @template T @template R @param {Record<string, T>} named @param {(one: T) => R} change */
const mapped = (named, change) => Object.fromEntries(Object.entries(named).map(([name, one]) => [name, change(one)]));

/** What tracks.json holds. */
export function makeTracks() {
  return { width: WIDTH, height: HEIGHT, ids: mapped(PEOPLE, assigned), films: mapped(FILMS, tracked), smoothing: smoothed() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ids, films, ...more } = makeTracks();
  /** @param {Record<string, object[]>} named */
  const lines = (named) => `{\n${Object.entries(named).map(([name, frames]) => `  ${JSON.stringify(name)}: [\n    ${frames.map((frame) => JSON.stringify(frame)).join(',\n    ')}\n  ]`).join(',\n')}\n }`;
  await writeFile(OUT, `{\n "films": ${lines(films)},\n "ids": ${lines(ids)},\n ${JSON.stringify(more).slice(1)}\n`);
}
