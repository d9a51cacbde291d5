/**
 * Draws faces over a picture: where each box lies on the screen, and how it looks. Pure: needs no document,
 * only a canvas context, and its geometry runs under node.
 *
 * @typedef {import('./types.js').Box} Box
 * @typedef {import('./types.js').Face} Face
 *
 * @typedef {object} Size
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Look  CSS colours and a font family.
 * @property {string} line
 * @property {string} halo  drawn under the line, so that it stands out on any picture
 * @property {string} chip
 * @property {string} text
 * @property {string} font
 */

/**
 * The box on the screen, in a view that shows the whole picture as large as it fits, centred
 * (CSS `object-fit: contain`).
 *
 * @param {Box} box  pixels of the picture, unmirrored
 * @param {Size} image  the picture's size
 * @param {Size} view  the view's size
 * @param {boolean} mirrored  the view shows the picture mirrored, left to right
 * @returns {Box} in units of the view
 */
export function boxInView(box, image, view, mirrored) {
  const scale = Math.min(view.width / image.width, view.height / image.height);
  const left = (view.width - image.width * scale) / 2;
  const top = (view.height - image.height * scale) / 2;
  const x = mirrored ? image.width - box.x - box.width : box.x;
  return { x: left + x * scale, y: top + box.y * scale, width: box.width * scale, height: box.height * scale };
}

/**
 * Where a chip of this size stands: above the box where there is room, else inside its upper edge; never
 * outside the view.
 *
 * @param {Box} box  in units of the view
 * @param {Size} chip
 * @param {Size} view
 * @param {number} gap  between chip and box
 * @returns {{x: number, y: number}} the chip's top left corner
 */
export function chipPlace(box, chip, view, gap) {
  const above = box.y - gap - chip.height;
  return {
    x: Math.max(0, Math.min(box.x, view.width - chip.width)),
    y: Math.max(0, Math.min(above >= 0 ? above : box.y + gap, view.height - chip.height)),
  };
}

/**
 * @param {number} share  0..1
 * @returns {string} e.g. "93%"
 */
export function percent(share) {
  return `${Math.round(share * 100)}%`;
}

/**
 * What stands beside a face: its number where there are several, its label (or "unsure") and its score.
 *
 * @param {Face} face
 * @param {number | null} number
 * @returns {string}
 */
export function caption(face, number) {
  return [number ?? '', face.unsure ? 'unsure' : `${face.label} ${percent(face.score)}`].join(' ').trim();
}

/**
 * Clear the context and draw each face's box and caption.
 *
 * @param {CanvasRenderingContext2D} context  scaled so that its units are those of `view`
 * @param {Face[]} faces
 * @param {{image: Size, view: Size, mirrored: boolean, look: Look}} options
 */
export function drawFaces(context, faces, { image, view, mirrored, look }) {
  context.clearRect(0, 0, view.width, view.height);
  const unit = Math.max(1, Math.min(view.width, view.height) / 300);
  const size = Math.max(15, Math.min(view.width, view.height) / 20);
  context.font = `600 ${size}px ${look.font}`;
  context.textBaseline = 'middle';
  faces.forEach((face, index) => {
    const box = boxInView(face.box, image, view, mirrored);
    context.setLineDash(face.unsure ? [unit * 5, unit * 4] : []);
    path(context, box, unit * 3);
    context.strokeStyle = look.halo;
    context.lineWidth = unit * 3.5;
    context.stroke();
    context.strokeStyle = look.line;
    context.lineWidth = unit * 1.75;
    context.stroke();

    const text = caption(face, faces.length > 1 ? index + 1 : null);
    const chip = { width: context.measureText(text).width + size, height: size * 1.6 };
    const place = chipPlace(box, chip, view, unit * 3);
    path(context, { ...place, ...chip }, unit * 2);
    context.fillStyle = look.chip;
    context.fill();
    context.fillStyle = look.text;
    context.fillText(text, place.x + size / 2, place.y + chip.height / 2 + size * 0.04);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {number} radius
 */
function path(context, box, radius) {
  context.beginPath();
  // Browsers from before 2023 have no round corners to give.
  if ('roundRect' in context) context.roundRect(box.x, box.y, box.width, box.height, radius);
  else /** @type {CanvasRenderingContext2D} */ (context).rect(box.x, box.y, box.width, box.height);
}
