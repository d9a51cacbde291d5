import { createRecognizer } from '/static/dist/mien.js';

const example = document.querySelector('#picture-example');
const input = example.querySelector('input');
const canvas = example.querySelector('canvas');
const output = example.querySelector('output');

/** Created for the first picture and kept for the next ones. */
let recognizer = null;

input.addEventListener('change', async () => {
  const [file] = input.files;
  if (!file) return;
  output.value = 'Looking for faces';
  input.disabled = true;
  try {
    recognizer ??= await createRecognizer();
    const { faces, image } = await recognizer.recognize(file);
    draw(await createImageBitmap(file), faces, image);
    output.value = faces.map(describe).join(', ') || 'No face';
  } catch (error) {
    canvas.hidden = true;
    output.value = error.message;
  }
  input.disabled = false;
});

function draw(picture, faces, { width, height }) {
  Object.assign(canvas, { width, height, hidden: false });
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  context.strokeStyle = 'white';
  context.lineWidth = Math.max(width, height) / 150;
  for (const { box } of faces) context.strokeRect(box.x, box.y, box.width, box.height);
}

function describe({ label, score, unsure }) {
  return unsure ? 'unsure' : `${label} ${Math.round(100 * score)} %`;
}
