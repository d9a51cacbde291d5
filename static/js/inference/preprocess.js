/**
 * Make the model's input from a face box. Twin of app/inference/preprocess.py, by tests/golden.
 *
 * Pixels are squares: pixel i covers [i, i+1). A crop box may start and end anywhere, also
 * outside the image, where the edge pixels are repeated. Resampling is an exact area
 * average: each input pixel is the mean of what its square covers, weighted by overlap.
 *
 * @typedef {import('../types.js').Box} Box
 * @typedef {import('../types.js').InputSpec} InputSpec
 * @typedef {import('../types.js').Pixels} Pixels
 */

/** Weights of red, green and blue in luma grey (ITU-R BT.601). */
export const LUMA = [0.299, 0.587, 0.114];

/**
 * The square that is cut out for a face: centred on `box`, its side the longer side of `box`
 * and `crop.margin` of it on each side. Not rounded, not clipped to the image.
 *
 * @param {Box} box
 * @param {{margin: number}} crop  the contract's
 * @returns {Box}
 */
export function cropBox(box, crop) {
  const side = Math.max(box.width, box.height) * (1 + 2 * crop.margin);
  return {
    x: box.x + box.width / 2 - side / 2,
    y: box.y + box.height / 2 - side / 2,
    width: side,
    height: side,
  };
}

/**
 * The whole pixels that `toInput` reads for a crop box, clipped to the image.
 *
 * @param {Box} crop  what `cropBox` gave
 * @param {{width: number, height: number}} image
 * @returns {Box} whole numbers, at least 1 x 1
 */
export function pixelsUnder(crop, image) {
  const [left, right] = span(crop.x, crop.width, image.width);
  const [top, bottom] = span(crop.y, crop.height, image.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * The model's input for one crop box, in pixels of `image`.
 *
 * @param {Pixels} image
 * @param {Box} crop  what `cropBox` gave
 * @param {InputSpec} spec  the contract's input size
 * @param {Float32Array} [out]  where to write; its length is height * width * channels
 * @returns {Float32Array} (height, width, channels) in 0..255
 */
export function toInput(image, crop, spec, out = new Float32Array(spec.height * spec.width * spec.channels)) {
  const rows = areaWeights(crop.y, crop.height, spec.height, image.height);
  const columns = areaWeights(crop.x, crop.width, spec.width, image.width);
  const depth = spec.channels;
  const stride = spec.width * depth;
  const first = columns.first[0];
  const last = columns.first[spec.width - 1] + columns.count[spec.width - 1];
  const line = new Float64Array((last - first) * depth);
  const resampled = new Float64Array(stride);
  const sums = new Float64Array(spec.height * stride);
  let from = 0; // the output rows that the source row falls into: from, from + 1, ...
  for (let y = rows.first[0]; from < spec.height; y++) {
    readLine(image, y, first, last, depth, line);
    resampleLine(line, first, columns, depth, resampled);
    for (let row = from; row < spec.height && rows.first[row] <= y; row++) {
      const weight = rows.weights[rows.offset[row] + y - rows.first[row]];
      const base = row * stride;
      for (let i = 0; i < stride; i++) sums[base + i] += weight * resampled[i];
    }
    while (from < spec.height && rows.first[from] + rows.count[from] <= y + 1) from++;
  }
  out.set(sums);
  return out;
}

/** One row of the image in float64: luma grey (depth 1) or RGB (depth 3).
 * @param {Pixels} image
 * @param {number} y
 * @param {number} first  the first column
 * @param {number} last  one past the last column
 * @param {number} depth
 * @param {Float64Array} line  where to write
 */
function readLine(image, y, first, last, depth, line) {
  const { data, width } = image;
  const [red, green, blue] = LUMA;
  let at = (y * width + first) * 4;
  if (depth === 1) {
    for (let i = 0; i < last - first; i++, at += 4) {
      line[i] = red * data[at] + green * data[at + 1] + blue * data[at + 2];
    }
    return;
  }
  for (let i = 0; i < line.length; i += 3, at += 4) {
    line[i] = data[at];
    line[i + 1] = data[at + 1];
    line[i + 2] = data[at + 2];
  }
}

/**
 * @param {Float64Array} line
 * @param {number} start  the image column of the line's first pixel
 * @param {Cells} columns
 * @param {number} depth
 * @param {Float64Array} out
 */
function resampleLine(line, start, columns, depth, out) {
  const { first, count, offset, weights } = columns;
  for (let cell = 0; cell < first.length; cell++) {
    const base = (first[cell] - start) * depth;
    for (let channel = 0; channel < depth; channel++) {
      let sum = 0;
      for (let i = 0; i < count[cell]; i++) {
        sum += weights[offset[cell] + i] * line[base + i * depth + channel];
      }
      out[cell * depth + channel] = sum;
    }
  }
}

/**
 * What each of the equal cells of an interval covers.
 *
 * @typedef {object} Cells
 * @property {Int32Array} first  cell -> first source pixel
 * @property {Int32Array} count  cell -> how many source pixels
 * @property {Int32Array} offset  cell -> where its weights start
 * @property {Float64Array} weights  the weights of each cell sum to 1
 *
 * @param {number} start
 * @param {number} length
 * @param {number} cells
 * @param {number} limit  pixels the image has along this axis
 * @returns {Cells}
 */
function areaWeights(start, length, cells, limit) {
  const first = new Int32Array(cells);
  const count = new Int32Array(cells);
  const offset = new Int32Array(cells);
  let total = 0;
  for (let cell = 0; cell < cells; cell++) {
    const left = start + length * (cell / cells);
    const right = start + length * ((cell + 1) / cells);
    const [from, to] = span(left, right - left, limit);
    first[cell] = from;
    count[cell] = to - from;
    offset[cell] = total;
    total += to - from;
  }
  const weights = new Float64Array(total);
  for (let cell = 0; cell < cells; cell++) {
    const left = start + length * (cell / cells);
    const right = start + length * ((cell + 1) / cells);
    for (let i = 0; i < count[cell]; i++) {
      const pixel = first[cell] + i;
      // The first and the last pixel stand for everything beyond them.
      const low = pixel === 0 ? left : Math.max(left, pixel);
      const high = pixel === limit - 1 ? right : Math.min(right, pixel + 1);
      weights[offset[cell] + i] = Math.max(0, high - low) / (right - left);
    }
  }
  return { first, count, offset, weights };
}

/** First and one past the last pixel under [start, start + length), in 0..limit, at least one.
 * @param {number} start
 * @param {number} length
 * @param {number} limit
 * @returns {[number, number]}
 */
function span(start, length, limit) {
  const first = Math.min(Math.max(Math.floor(start), 0), limit - 1);
  const last = Math.min(Math.max(Math.ceil(start + length), first + 1), limit);
  return [first, last];
}
