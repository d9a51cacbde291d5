/** Against tests/golden/face_search.json, which the Python twin wrote. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { decode, merge } from '../../../static/js/inference/blazeface-decoder.js';
import { FaceFinder } from '../../../static/js/inference/face-finder.js';
import { FaceDetector } from '../../../static/js/inference/face-detector.js';
import { VideoSearch, searchPicture } from '../../../static/js/inference/face-search.js';
import { haarBox } from '../../../static/js/inference/haar-box.js';
import { letterbox } from '../../../static/js/inference/letterbox.js';
import { iou } from '../../../static/js/inference/tracking/track-assignment.js';
import { FACE, astronaut } from '../../support/js/astronaut.mjs';
import { faceAt, filmed } from '../../support/js/filmed.mjs';
import { DETECTOR, frameOf, random, readDisk, startWasm } from '../../support/js/runtime.mjs';

const golden = JSON.parse(readFileSync(new URL('../../golden/face_search.json', import.meta.url), 'utf8'));
const picture = astronaut();
const next = random(7);

/**
 * A frame of the golden file.
 *
 * @param {{width: number, height: number, parts: {part: number[], enlarge: number, reduce: number, x: number, y: number}[]}} spec
 */
function frameFrom({ width, height, parts }) {
  const data = new Uint8ClampedArray(width * height * 4).fill(120);
  for (const { part: [left, top, across, down], enlarge, reduce, x, y } of parts) {
    const columns = Math.floor((across * enlarge) / reduce);
    const rows = Math.floor((down * enlarge) / reduce);
    for (let row = 0; row < Math.min(rows, height - y); row++) {
      for (let column = 0; column < Math.min(columns, width - x); column++) {
        let sum = 0;
        for (let i = 0; i < reduce * reduce; i++) {
          const u = left + Math.floor((column * reduce + (i % reduce)) / enlarge);
          const v = top + Math.floor((row * reduce + Math.floor(i / reduce)) / enlarge);
          sum += picture.data[4 * (v * picture.width + u)];
        }
        data.fill(Math.floor(sum / (reduce * reduce)), 4 * ((y + row) * width + x + column), 4 * ((y + row) * width + x + column) + 3);
      }
    }
  }
  return frameOf({ data, width, height });
}

/** @param {number[]} given @param {number[]} expected @param {number} tolerance */
function assertNear(given, expected, tolerance) {
  assert.equal(given.length, expected.length);
  given.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= tolerance, `${value}, expected ${expected[i]}`));
}

/**
 * @typedef {import('../../../static/js/inference/blazeface-decoder.js').Detection} Detection
 *
 * @param {Detection[]} given
 * @param {Detection[]} expected
 */
function assertSame(given, expected) {
  assertNear(given.map(({ score }) => score), expected.map(({ score }) => score), 1e-5);
  given.forEach(({ values }, i) => assertNear(values, expected[i].values, 1e-4));
}

describe('the twins agree', () => {
  for (const { grid, width, logits, values, found, merged, boxes } of golden.detections) {
    test(`on the detections of grid ${grid}`, () => {
      const own = decode(grid, logits, values, 0.5, width);
      const ownMerged = merge(own, 0.3);
      assert.ok(found.length > merged.length && merged.length > 1);
      assertSame(own, found);
      assertSame(ownMerged, merged);
      ownMerged.forEach((one, i) => {
        const { x, y, width: w, height } = haarBox(one);
        assertNear([x, y, w, height], Object.values(boxes[i]), 0.011);
      });
    });
  }

  for (const { width, height, size, border, expected } of golden.letterboxes) {
    test(`on the place of ${width} x ${height} in ${size}, border ${border.toFixed(2)}`, () => {
      const { scaleX, scaleY, ...whole } = letterbox(width, height, size, 32, border);
      const { scaleX: across, scaleY: down, ...rest } = expected;
      assert.deepEqual(whole, rest);
      assertNear([scaleX, scaleY], [across, down], 1e-6 * across);
    });
  }
});

describe('a search', () => {
  /** @type {FaceDetector} */
  let detector;
  before(async () => {
    await startWasm();
    detector = await FaceDetector.load(DETECTOR, readDisk);
  });
  after(() => detector.model.dispose());

  for (const [name, spec] of Object.entries(golden.frames)) {
    test(`finds the faces of a picture where the twin does: ${name}`, () => {
      const boxes = searchPicture(detector, frameFrom(spec));
      assert.equal(boxes.length, spec.boxes.length);
      boxes.forEach((box, i) => assert.ok(iou(box, spec.boxes[i]) > 0.97, JSON.stringify([box, spec.boxes[i]])));
    });
  }

  test('of a video frame finds the face that fills it, and no part of it', () => {
    const spec = golden.frames['a face that fills the frame'];
    const [box, ...others] = new VideoSearch(detector).search(frameFrom(spec));
    assert.deepEqual(others, []);
    assert.ok(iou(box, { x: 0, y: 0, width: 686, height: 686 }) > 0.7, JSON.stringify(box));
  });

  test('of a video looks for large faces where one may be, and in every fourth frame', () => {
    const sizes = /** @type {number[]} */ ([]);
    const counted = /** @type {any} */ ({
      detect(/** @type {{width: number}} */ { width }, /** @type {any} */ place, /** @type {number} */ minScore) {
        sizes.push(width);
        return detector.detect(/** @type {any} */ (arguments[0]), place, minScore);
      },
    });
    const search = new VideoSearch(counted);
    const [usual, near] = ['one face', 'a face that fills the frame'].map((name) => frameFrom(golden.frames[name]));
    for (const frame of [usual, usual, usual, usual, usual, near, usual, usual]) search.search(frame);
    // After the near face one more search is for large faces, which finds none.
    assert.deepEqual(sizes, [256, 192, 256, 256, 256, 256, 192, 256, 192, 256, 192, 256]);
  });

  test('a face that comes near until it is larger than the frame, and goes back, keeps one id and a right box', () => {
    const finder = new FaceFinder(detector);
    finder.tracker.now = () => 0; // the time between detections does not depend on this machine
    const ids = new Set();
    for (let i = 0; i <= 80; i++) {
      const part = 0.2 + 0.9 * Math.sin((Math.PI * i) / 80); // of the frame's height
      const scale = (part * 480) / FACE.height;
      const place = {
        x: 320 - (FACE.x + FACE.width / 2) * scale,
        y: 240 - (FACE.y + FACE.height / 2) * scale,
        scale,
      };
      const image = filmed([{ picture, place }], { noise: 3, random: next });
      const { faces } = finder.find(frameOf(image), { timestamp: 100 * i, track: true });
      assert.equal(faces.length, 1, `${faces.length} faces at ${part.toFixed(2)} of the height`);
      ids.add(faces[0].id);
      const overlap = iou(faces[0].box, faceAt(FACE, picture, place));
      assert.ok(overlap > 0.6, `IoU ${overlap.toFixed(2)} at ${part.toFixed(2)} of the height`);
    }
    assert.deepEqual([...ids], [0]);
  });
});
