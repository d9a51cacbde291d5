import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { drawFaces } from '../../../static/js/ui/overlay.js';
import { captionSize } from '../../../static/js/ui/overlay-layout.js';

const golden = JSON.parse(readFileSync(new URL('../../golden/overlay.json', import.meta.url), 'utf8'));
const TOLERANCE = 1e-6; // pixels

/**
 * What drawFaces draws: the rounded rectangles, and the texts, line widths and dashes as they are set.
 *
 * @param {any} testCase
 * @param {number} size  of the captions
 */
function drawn({ faces, image, view }, size) {
  /** @type {{rectangles: number[][], texts: string[], lineWidths: number[], dashes: number[][]}} */
  const found = { rectangles: [], texts: [], lineWidths: [], dashes: [] };
  const context = new Proxy({}, {
    has: () => true,
    get: (_, name) => {
      if (name === 'measureText') {
        return (/** @type {string} */ text) => ({ width: golden.character_width * size * text.length });
      }
      if (name === 'fillText') return (/** @type {string} */ text) => found.texts.push(text);
      if (name === 'roundRect') return (/** @type {number[]} */ ...numbers) => found.rectangles.push(numbers);
      if (name === 'setLineDash') return (/** @type {number[]} */ lengths) => found.dashes.push(lengths);
      return () => {};
    },
    set: (_, name, value) => {
      if (name === 'lineWidth') found.lineWidths.push(value);
      return true;
    },
  });
  const style = { line: '', halo: '', chip: '', text: '', font: '' };
  drawFaces(/** @type {CanvasRenderingContext2D} */ (context), faces, { image, view, mirrored: false, style, still: 'alone' });
  return found;
}

/**
 * @param {number[]} found
 * @param {number[]} wanted
 */
function assertClose(found, wanted) {
  assert.equal(found.length, wanted.length);
  wanted.forEach((number, index) => {
    assert.ok(Math.abs(Number(found[index]) - number) <= TOLERANCE, `${found} instead of ${wanted}`);
  });
}

/** @param {{x: number, y: number, width: number, height: number}} box @param {number} radius */
const rectangle = ({ x, y, width, height }, radius) => [x, y, width, height, radius];

for (const testCase of golden.cases) {
  test(`the overlay is the golden one: ${testCase.name}`, () => {
    const { expected } = testCase;
    const size = captionSize(testCase.faces, testCase.image, testCase.view);
    assertClose([size], [expected.caption_size]);
    const found = drawn(testCase, size);
    const wanted = [
      ...expected.faces.map((/** @type {any} */ face) => rectangle(face.box, expected.box_radius)),
      ...expected.faces.map((/** @type {any} */ face) => rectangle(face.caption_box, expected.caption_radius)),
    ];
    assertClose(found.rectangles.flat(), wanted.flat());
    assert.deepEqual(found.texts, expected.faces.map((/** @type {any} */ face) => face.caption));
    assertClose(found.lineWidths, expected.faces.flatMap(() => expected.line_widths));
    assertClose(
      found.dashes.flat(),
      expected.faces.flatMap((/** @type {any} */ face) => (face.dashed ? expected.dashes : [])),
    );
  });
}
