/**
 * Decode the outputs of BlazeFace 256 into face detections. Twin of app/inference/detection/blazeface_decoder.py. Pure:
 * without TensorFlow.js.
 *
 * The network takes a picture of 256 x 256 pixels or less and gives, for each anchor (two at every
 * 16th pixel, then six at every 32nd), the logit of a face and 16 numbers in pixels: the
 * centre of its box relative to the anchor, its width and height, and six keypoints relative to
 * the anchor. (Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on
 * Mobile GPUs"; MediaPipe's "back" model.)
 *
 * @typedef {object} Detection  In pixels of that picture.
 * @property {number} score  0..1
 * @property {number[]} values  16 numbers: centre x, y, width, height, then x, y of the right
 *   eye, the left eye, the nose, the mouth, the right and the left ear (the person's own)
 */

/** Longer side of the picture, in pixels. */
export const INPUT_SIZE = 256;
/** The sides of the picture are multiples of this. */
export const SIZE_STEP = 32;
const VALUES = 16;
const GRIDS = [
  { stride: 16, anchors: 2 },
  { stride: 32, anchors: 6 },
];

/**
 * The faces on one of the two grids.
 *
 * @param {number} grid  0 for the 16-pixel one, 1 for the 32-pixel one
 * @param {ArrayLike<number>} logits  one for each anchor
 * @param {ArrayLike<number>} values  16 for each anchor
 * @param {number} threshold  least score, 0..1
 * @param {number} [width]  of the picture
 * @returns {Detection[]}
 */
export function decode(grid, logits, values, threshold, width = INPUT_SIZE) {
  const { stride, anchors } = GRIDS[grid];
  const columns = width / stride;
  const least = Math.log(threshold / (1 - threshold));
  const found = [];
  for (let anchor = 0; anchor < logits.length; anchor++) {
    if (!(logits[anchor] >= least)) continue;
    const cell = Math.floor(anchor / anchors);
    const centreX = ((cell % columns) + 0.5) * stride;
    const centreY = (Math.floor(cell / columns) + 0.5) * stride;
    /** @type {number[]} */
    const decoded = [];
    for (let i = 0; i < VALUES; i++) {
      const offset = i === 2 || i === 3 ? 0 : i % 2 === 0 ? centreX : centreY;
      decoded.push(values[anchor * VALUES + i] + offset);
    }
    found.push({ score: 1 / (1 + Math.exp(-logits[anchor])), values: decoded });
  }
  return found;
}

/**
 * One detection for each face, by weighted non-maximum suppression: detections that overlap the most certain one by
 * more than `overlap` (IoU) are averaged with it, weighted by score, as in the paper. The box then jitters less from
 * frame to frame than that of the best anchor alone.
 *
 * @param {Detection[]} detections
 * @param {number} overlap  0..1
 * @returns {Detection[]} most certain first
 */
export function merge(detections, overlap) {
  let rest = [...detections].sort((a, b) => b.score - a.score);
  const faces = [];
  while (rest.length > 0) {
    const best = rest[0];
    const same = rest.filter((other) => other === best || iou(best.values, other.values) > overlap);
    rest = rest.filter((other) => !same.includes(other));
    const total = same.reduce((sum, { score }) => sum + score, 0);
    const values = best.values.map(
      (_, i) => same.reduce((sum, other) => sum + other.score * other.values[i], 0) / total,
    );
    faces.push({ score: best.score, values });
  }
  return faces;
}

/**
 * Intersection over union of two boxes given as centre x, y, width, height.
 *
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @returns {number} 0..1
 */
function iou(a, b) {
  const width = Math.min(a[0] + a[2] / 2, b[0] + b[2] / 2) - Math.max(a[0] - a[2] / 2, b[0] - b[2] / 2);
  const height = Math.min(a[1] + a[3] / 2, b[1] + b[3] / 2) - Math.max(a[1] - a[3] / 2, b[1] - b[3] / 2);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a[2] * a[3] + b[2] * b[3] - width * height);
}
