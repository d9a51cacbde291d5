import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { csvPieces, jsonPieces } from '../../../../../static/js/pages/live/recording/recording-export.js';
import { Recording } from '../../../../../static/js/pages/live/recording/recording.js';

const CONTRACT = {
  contract_version: 1,
  model: 'net.data',
  labels: ['angry', 'happy', 'neutral'],
  input: { height: 48, width: 48, channels: 1 },
  crop: { margin: 0.02 },
  calibration: { bias: [0, 0, 0], temperature: 1, unsure_below: 0.5 },
};
const STARTED = new Date('2026-11-20T23:59:59.250Z');
/** @param {string} name */
const golden = (name) => readFileSync(new URL(`../../../../golden/${name}`, import.meta.url), 'utf8');

/**
 * @param {number} id
 * @param {number} angry
 * @param {number} happy
 */
function face(id, angry, happy) {
  const scores = { angry, happy, neutral: 1 - angry - happy };
  const [label, score] = Object.entries(scores).sort((a, b) => b[1] - a[1])[0];
  return { id, box: { x: 10.5 * id - 1, y: 20.25, width: 98, height: 97.125 }, label, score, scores, detector: /** @type {const} */ ('blazeface'), unsure: score < 0.5 };
}

/** One face for 0.9 s, a second one for 0.4 of them. */
function recorded() {
  const recording = new Recording(CONTRACT);
  const image = { width: 640, height: 480 };
  for (let i = 0; i <= 18; i += 1) {
    const faces = [face(0, 0.25, i < 10 ? 0.625 : 0.375)];
    if (i >= 8 && i <= 16) faces.push(face(4, 0.75, 0.125));
    recording.add(i / 20, { faces, image });
  }
  recording.cut();
  return recording;
}

/** @type {import('../../../../../static/js/pages/live/recording/recording-export.js').RecordedSource} */
const CAMERA = { kind: 'camera', name: '', started: STARTED };

test('the CSV file', () => {
  assert.equal([...csvPieces(recorded(), CAMERA)].join(''), golden('recording.csv'));
});

test('the JSON file', () => {
  assert.equal([...jsonPieces(recorded(), CAMERA)].join(''), golden('recording.json'));
});

test('both files have the same values for each sample', () => {
  const [head, ...lines] = golden('recording.csv').trimEnd().split('\r\n').map((line) => line.split(','));
  const { samples, model, contract_version } = JSON.parse(golden('recording.json'));
  assert.equal(samples.length, lines.length);
  for (const [index, line] of lines.entries()) {
    const row = Object.fromEntries(head.map((column, i) => [column, line[i]]));
    const sample = samples[index];
    assert.equal(row.time, sample.time);
    for (const column of ['seconds', 'face', 'results', 'score']) assert.equal(Number(row[column]), sample[column]);
    for (const column of ['x', 'y', 'width', 'height']) assert.equal(Number(row[column]), sample.box[column]);
    assert.deepEqual([row.label, row.unsure], [sample.label, String(sample.unsure)]);
    assert.deepEqual([row.model, row.contract_version], [model, String(contract_version)]);
    for (const [label, score] of Object.entries(sample.scores)) assert.equal(Number(row[`score_${label}`]), score);
  }
});

test('for a video file, seconds are positions in the video, and there is no time of day', () => {
  const about = { kind: /** @type {const} */ ('video'), name: 'a "film".webm', started: null };
  const { source, started, samples } = JSON.parse([...jsonPieces(recorded(), about)].join(''));
  assert.deepEqual([source, started, samples[0].time], [{ kind: 'video', name: 'a "film".webm' }, null, null]);
  const [, line] = [...csvPieces(recorded(), about)].join('').split('\r\n');
  assert.match(line, /^"a ""film""\.webm",,,0\.0,1,/);
});

test('a recording without faces can be saved', () => {
  const recording = new Recording(CONTRACT);
  recording.add(0, { faces: [], image: { width: 640, height: 480 } });
  assert.deepEqual(JSON.parse([...jsonPieces(recording, CAMERA)].join('')).samples, []);
  assert.equal([...csvPieces(recording, CAMERA)].join('').split('\r\n').length, 2);
});

test('a long recording is written in short pieces', () => {
  const recording = new Recording(CONTRACT);
  for (let i = 0; i < 9000; i += 1) recording.add(i / 10, { faces: [face(0, 0.25, 0.625)], image: { width: 640, height: 480 } });
  recording.cut();
  const pieces = [...csvPieces(recording, CAMERA)];
  assert.equal(pieces.join('').trimEnd().split('\r\n').length, 9001);
  assert.ok(pieces.length >= 45);
  assert.ok(Math.max(...pieces.map((piece) => piece.length)) < 40_000);
  assert.equal(JSON.parse([...jsonPieces(recording, CAMERA)].join('')).samples.length, 9000);
});
