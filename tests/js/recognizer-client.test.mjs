/** The messenger between page and worker, with the worker's end played by the test. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';

import { RecognizerError, createRecognizer } from '../../static/js/recognizer-client.js';

const INFO = { backend: 'wasm', threads: 1, model: 'mien_plain.fer2013', contract: {} };
const OPTIONS = {
  workerUrl: '/dist/recognizer.worker.js',
  modelUrl: '../models/m/model.json?v=1',
  detectorUrl: '/dist/blazeface.json',
  wasmUrl: '/dist/',
};

/** What the page has of a worker; `sent` is what arrived there. */
class WorkerEnd {
  /** @type {WorkerEnd} */
  static last;

  /** @param {string} url @param {object} options */
  constructor(url, options) {
    Object.assign(this, { url, options });
    /** @type {{message: any, transfer: unknown[]}[]} */
    this.sent = [];
    this.terminated = false;
    /** @type {(event: {data: any}) => void} */
    this.onmessage = () => {};
    /** @type {(event: {message?: string, preventDefault: () => void}) => void} */
    this.onerror = () => {};
    WorkerEnd.last = this;
  }

  /** @param {any} message @param {unknown[]} transfer */
  postMessage(message, transfer) {
    this.sent.push({ message, transfer });
  }

  terminate() {
    this.terminated = true;
  }

  /** Answers the latest call. @param {object} answer */
  answer(answer) {
    this.onmessage({ data: { id: this.sent[this.sent.length - 1].message.id, ...answer } });
  }
}

/** A recognizer that has loaded. */
async function ready() {
  const loading = createRecognizer(OPTIONS);
  WorkerEnd.last.answer({ result: INFO });
  return loading;
}

/** @param {Promise<unknown>} call @param {string} code @param {RegExp} message */
function rejects(call, code, message) {
  return assert.rejects(call, (error) => {
    assert.ok(error instanceof RecognizerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const frame = /** @type {ImageBitmap} */ (/** @type {unknown} */ ({ close() {} }));
const WHEN = { timestamp: 40, track: true };

beforeEach(() => {
  Object.assign(globalThis, { Worker: WorkerEnd, document: { baseURI: 'https://mien.test/a/b/' } });
  mock.timers.enable({ apis: ['setTimeout'] });
});

afterEach(() => {
  mock.timers.reset();
  Reflect.deleteProperty(globalThis, 'Worker');
  Reflect.deleteProperty(globalThis, 'document');
});

describe('the recognizer as the page sees it', () => {
  test('loads in a module worker, addresses made absolute, progress told', async () => {
    /** @type {[string, number][]} */
    const steps = [];
    const loading = createRecognizer({ ...OPTIONS, backend: 'wasm', onProgress: (...step) => steps.push(step) });
    const worker = WorkerEnd.last;
    worker.onmessage({ data: { progress: { step: 'model', fraction: 0.6 } } });
    worker.answer({ result: INFO });
    const recognizer = await loading;
    assert.deepEqual(recognizer.info, INFO);
    assert.deepEqual(steps, [['model', 0.6]]);
    const [{ message }] = worker.sent;
    assert.equal(message.action, 'load');
    assert.deepEqual(message.payload, {
      modelUrl: 'https://mien.test/a/models/m/model.json?v=1',
      detectorUrl: 'https://mien.test/dist/blazeface.json',
      wasmUrl: 'https://mien.test/dist/',
      backend: 'wasm',
    });
  });

  test('hands the frame over and gives the result back', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(frame, WHEN);
    const { message, transfer } = WorkerEnd.last.sent[1];
    assert.deepEqual(transfer, [frame]);
    assert.deepEqual(message.payload, { frame, ...WHEN });
    WorkerEnd.last.answer({ result: { faces: [] } });
    assert.deepEqual(await call, { faces: [] });
    mock.timers.tick(60_000);
    assert.equal(WorkerEnd.last.terminated, false, 'an answered call is not waited for');
  });

  test('what goes wrong while loading ends the worker', async () => {
    const loading = createRecognizer(OPTIONS);
    WorkerEnd.last.answer({ error: { code: 'model-missing', message: 'The model cannot be loaded: gone.' } });
    await rejects(loading, 'model-missing', /^The model cannot be loaded: gone\.$/);
    assert.ok(WorkerEnd.last.terminated);
  });

  test('a worker that crashes fails the call under way and all later ones', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(frame, WHEN);
    let shown = true;
    WorkerEnd.last.onerror({ message: 'out of memory', preventDefault: () => (shown = false) });
    await rejects(call, 'worker-crashed', /stopped working: out of memory\./);
    await rejects(recognizer.memory(), 'worker-crashed', /out of memory/);
    assert.ok(WorkerEnd.last.terminated);
    assert.equal(shown, false, 'the console is left alone, since the caller knows');
  });

  test('a worker script that is missing', async () => {
    const loading = createRecognizer(OPTIONS);
    WorkerEnd.last.onerror({ preventDefault() {} });
    await rejects(loading, 'worker-crashed', /\/dist\/recognizer\.worker\.js could not be loaded/);
  });

  test('a worker that may not be started', async () => {
    Object.assign(globalThis, {
      Worker: class {
        constructor() {
          throw new Error('forbidden');
        }
      },
    });
    await rejects(createRecognizer(OPTIONS), 'worker-crashed', /could not be started: forbidden\./);
  });

  test('a worker that falls silent counts as crashed', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(frame, WHEN);
    mock.timers.tick(29_999);
    assert.equal(WorkerEnd.last.terminated, false);
    mock.timers.tick(1);
    await rejects(call, 'worker-crashed', /no answer within 30 seconds/);
  });

  test('disposed of, every call is refused', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(frame, WHEN);
    recognizer.dispose();
    await rejects(call, 'disposed', /disposed of/);
    await rejects(recognizer.recognize(frame, WHEN), 'disposed', /disposed of/);
    assert.ok(WorkerEnd.last.terminated);
    recognizer.dispose();
  });

  test('a frame that cannot be handed over fails its own call and no other', async () => {
    const recognizer = await ready();
    const post = WorkerEnd.last.postMessage;
    WorkerEnd.last.postMessage = () => {
      throw new Error('already closed');
    };
    await assert.rejects(recognizer.recognize(frame, WHEN), /already closed/);
    WorkerEnd.last.postMessage = post;
    mock.timers.tick(60_000);
    const call = recognizer.memory();
    WorkerEnd.last.answer({ result: { numTensors: 1, numBytes: 4 } });
    assert.deepEqual(await call, { numTensors: 1, numBytes: 4 });
  });
});
