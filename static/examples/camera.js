import { createRecognizer } from '/static/dist/mien.js';

const example = document.querySelector('#camera-example');
const button = example.querySelector('button');
const video = example.querySelector('video');
const output = example.querySelector('p');

let camera = null;
let recognizer = null;
let running = null;

button.addEventListener('click', () => (running ? stop() : start()));

async function start() {
  button.disabled = true;
  output.textContent = 'Starting';
  try {
    camera = await openCamera();
    video.srcObject = camera;
    await video.play();
    recognizer = await createRecognizer();
    running = recognizer.start(video, show, { onError: stop });
    button.textContent = 'Stop camera';
    video.hidden = false;
  } catch (error) {
    stop(error);
  }
  button.disabled = false;
}

function show({ faces }) {
  const [face] = faces; // the largest
  output.textContent = face ? `${face.label} ${Math.round(100 * face.score)} %` : 'No face';
}

function stop(error) {
  running?.stop();
  recognizer?.dispose();
  camera?.getTracks().forEach((track) => track.stop());
  running = recognizer = camera = video.srcObject = null;
  video.hidden = true;
  button.textContent = 'Start camera';
  output.textContent = error?.message ?? '';
}

async function openCamera() {
  if (!navigator.mediaDevices) throw new Error('The camera needs a page that was loaded over HTTPS.');
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  } catch (error) {
    throw new Error(`The camera could not be opened: ${error.message}.`);
  }
}
