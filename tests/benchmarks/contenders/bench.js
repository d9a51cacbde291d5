/**
 * The page that all contenders run in: `?contender=NAME` loads NAME.js, whose `open(query)` gives
 * {inFlight, info, look(source, timestamp), memory(), dispose()}. The library's own code is there
 * before the press of the button; all it loads after that counts.
 */

const query = Object.fromEntries(new URLSearchParams(location.search));
const video = document.getElementById('video');
const { open } = await import(`./${query.contender}.js`);

/** @type {Awaited<ReturnType<typeof open>>} */
let contender;
/** @type {HTMLCanvasElement[]} */
let film = [];
let shown = 0;

/** From the press of a button to the first face, in milliseconds. */
async function firstResult() {
  const pressed = performance.now();
  const opening = open(query);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  video.srcObject = stream;
  await video.play();
  const camera = performance.now() - pressed;
  contender = await opening;
  const loaded = performance.now() - pressed;
  for (;;) {
    const { faces } = await contender.look(video, performance.now());
    if (faces.length) break;
  }
  const first = performance.now() - pressed;
  for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
  return { camera, loaded, first, info: contender.info };
}

/** Decodes the film's frames into canvases. @param {string[]} urls */
async function load(urls) {
  film = await Promise.all(
    urls.map(async (url) => {
      const bitmap = await createImageBitmap(await (await fetch(url)).blob());
      const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
      canvas.getContext('2d').drawImage(bitmap, 0, 0);
      return canvas;
    }),
  );
}

/**
 * Feeds the film as fast as results come.
 *
 * @param {{seconds: number, warmUp?: number, keep?: boolean}} options  keep: give all results back
 */
async function throughput({ seconds, warmUp = 1, keep = false }) {
  const longTasks = [];
  const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  let drawn = 0;
  let running = true;
  const gaps = [];
  let last = 0;
  const draw = (now) => {
    drawn++;
    if (last) gaps.push(now - last);
    last = now;
    if (running) requestAnimationFrame(draw);
  };
  let results = 0;
  let faces = 0;
  let counting = false;
  const kept = [];
  const timings = [];
  const begin = performance.now();
  const end = begin + (warmUp + seconds) * 1000;
  let from = begin;
  const feed = async () => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      if (!counting && now > begin + warmUp * 1000) {
        counting = true;
        from = now;
        results = faces = drawn = 0;
        gaps.length = longTasks.length = 0;
        requestAnimationFrame(draw);
      }
      const index = next();
      const result = await contender.look(film[index], now);
      results++;
      faces += result.faces.length;
      if (counting && result.timings) timings.push(result.timings);
      if (counting && keep) kept.push({ index, at: performance.now(), ...result });
      // A library that never waits for anything would not let the page draw.
      if (contender.inFlight === 1) await new Promise((resolve) => setTimeout(resolve));
    }
  };
  await Promise.all(Array.from({ length: contender.inFlight }, feed));
  running = false;
  observer.disconnect();
  const spent = (performance.now() - from) / 1000;
  gaps.sort((a, b) => a - b);
  return {
    perSecond: results / spent,
    facesEach: faces / results,
    drawnPerSecond: drawn / spent,
    gap95: gaps[Math.floor(gaps.length * 0.95)],
    longTasks: longTasks.length,
    longest: Math.max(0, ...longTasks),
    timings,
    kept,
  };
}

/** Faces of pictures, each by itself. @param {string[]} urls */
async function recognize(urls) {
  const all = [];
  for (const url of urls) all.push((await contender.recognize(await (await fetch(url)).blob())).faces);
  return all;
}

/** Which of the film's frames comes next: there and back, so that it has no cut. */
function next() {
  const turn = shown++ % (2 * film.length - 2);
  return turn < film.length ? turn : 2 * film.length - 2 - turn;
}

window.bench = { inside: () => ({ contender, film, next }), firstResult, load, throughput, recognize, open: async () => (contender = await open(query)), memory: () => contender.memory() };
