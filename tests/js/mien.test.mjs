/** The public API, with a worker played by the test. */

import assert from 'node:assert/strict';
import { resolveObjectURL } from 'node:buffer';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';

import { RecognizerError, createRecognizer, preload } from '../../static/js/mien.js';
import { VideoEnd, WorkerEnd, putBrowser, removeBrowser, settled } from '../support/js/worker-end.mjs';

const INFO = { backend: 'wasm', threads: 1, model: 'mien_plain.fer2013', contract: {} };
const OPTIONS = { modelUrl: '../models/m/model.json?v=1', workerUrl: '/dist/recognizer.worker.js' };
const HERE = new URL('../../static/js/', import.meta.url);
const INDEX = {
  default: 'b.test',
  models: ['a.test', 'b.test'].map((model) => ({ model, path: `${model}/model.json` })),
};

/** @typedef {Awaited<ReturnType<typeof createRecognizer>>} Recognizer */

/** The latest worker, once it has been asked to load. */
async function asked() {
  await settled();
  return WorkerEnd.last;
}

/** A recognizer that has loaded. */
async function ready() {
  const loading = createRecognizer(OPTIONS);
  (await asked()).answer({ result: INFO });
  return loading;
}

/** Answers what the worker was last asked with the number of faces `n`. @param {number} n */
const answer = (n) => WorkerEnd.last.answer({ result: { faces: n } });

/** @param {Promise<unknown>} call @param {string} code @param {RegExp} message */
function rejects(call, code, message) {
  return assert.rejects(call, (/** @type {unknown} */ error) => {
    assert.ok(error instanceof RecognizerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

/** @param {string} [of] */
const picture = (of = 'picture') => new (/** @type {any} */ (globalThis).ImageBitmap)(of);

beforeEach(() => {
  putBrowser();
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(globalThis, 'fetch', async (/** @type {string} */ url) =>
    url.includes('/models/index.json') ? Response.json(INDEX) : new Response('', { status: 404 }),
  );
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  removeBrowser();
});

describe('createRecognizer', () => {
  test('loads in a module worker; given addresses are relative to the page, default ones to the module', async () => {
    /** @type {[string, number][]} */
    const steps = [];
    const loading = createRecognizer({ ...OPTIONS, backend: 'wasm', onProgress: (...step) => steps.push(step) });
    const worker = await asked();
    worker.onmessage({ data: { progress: { step: 'model', fraction: 0.6 } } });
    worker.answer({ result: INFO });
    const recognizer = await loading;
    assert.deepEqual(recognizer.info, INFO);
    assert.deepEqual(steps, [['model', 0.6]]);
    const [{ message }] = worker.sent;
    assert.equal(/** @type {any} */ (worker).url, 'https://mien.test/dist/recognizer.worker.js');
    assert.equal(message.action, 'load');
    assert.deepEqual(message.payload, {
      modelUrl: 'https://mien.test/a/models/m/model.json?v=1',
      detectorUrl: new URL('blazeface.json', HERE).href,
      wasmUrl: HERE.href,
      backend: 'wasm',
      baseline: null,
      threads: 1, // the module, and with it the .wasm files, is of another origin than the page
      expected: [new URL('blazeface.json', HERE).href, 'https://mien.test/a/models/m/model.json?v=1'],
    });
  });

  for (const [name, options, path] of [
    ["the list's default", {}, 'b.test/model.json'],
    ['a model by name', { model: 'a.test' }, 'a.test/model.json'],
  ]) {
    test(`without an address: ${name}`, async () => {
      const loading = createRecognizer(/** @type {object} */ (options));
      const worker = await asked();
      assert.equal(worker.sent[0].message.payload.modelUrl, new URL(`../models/${path}`, HERE).href);
      const script = await resolveObjectURL(/** @type {any} */ (worker).url)?.text();
      assert.equal(script, `import "${new URL('recognizer.worker.js', HERE)}";`, 'the worker is beside the module');
      worker.answer({ result: INFO });
      await loading;
    });
  }

  test('a model that is not in the list', () =>
    rejects(createRecognizer({ model: 'c.test' }), 'model-missing', /no model c\.test; there are a\.test, b\.test\./));

  test('a list of models that cannot be fetched', () =>
    rejects(createRecognizer({ modelsUrl: '/elsewhere.json' }), 'model-missing', /answered 404 for .*elsewhere\.json\.$/));

  for (const [options, sentence] of [
    ['mien', /was given a string, expected an object of options/],
    [null, /was given null/],
    [{ modle: 'a.test' }, /has no option modle; it has model, modelUrl, /],
    [{ model: 7 }, /option model is a number, expected the name of a model/],
    [{ backend: 'webgpu' }, /option backend is a string, expected wasm, webgl or null/],
    [{ threads: 0.5 }, /option threads is a number, expected a whole number from 1/],
    [{ onProgress: {} }, /option onProgress is an object of class Object, expected a function/],
    [{ model: 'a.test', modelUrl: '/m.json' }, /Give model or modelUrl, not both/],
  ]) {
    test(`wrong options: ${JSON.stringify(options)}`, () =>
      assert.rejects(createRecognizer(/** @type {any} */ (options)), (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /** @type {RegExp} */ (sentence));
        return true;
      }));
  }

  test("sends the networks' files to the worker as they arrive, and reports those that cannot be fetched", async () => {
    /** @type {Record<string, object>} */
    const served = {
      'https://mien.test/a/m.json?v=1': { weightsManifest: [{ paths: ['one.bin', 'two.bin'] }] },
      'https://mien.test/a/one.bin': { one: 1 },
    };
    mock.method(globalThis, 'fetch', async (/** @type {string} */ url) =>
      url in served ? Response.json(served[url]) : new Response('', { status: 404 }),
    );
    const detectorUrl = 'https://mien.test/d.json';
    const loading = createRecognizer({ modelUrl: 'https://mien.test/a/m.json?v=1', detectorUrl });
    const worker = await asked();
    await settled();
    worker.answer({ result: INFO });
    await loading;
    const files = worker.told.map(({ message: { action, payload }, transfer }) => {
      assert.equal(action, 'file');
      assert.deepEqual(transfer, payload.bytes ? [payload.bytes] : []);
      return [payload.url, payload.error ?? payload.bytes.byteLength, payload.expected];
    });
    assert.deepEqual(files.sort(), [
      ['https://mien.test/a/m.json?v=1', 53, ['https://mien.test/a/one.bin', 'https://mien.test/a/two.bin']],
      ['https://mien.test/a/one.bin', 9, []],
      ['https://mien.test/a/two.bin', 'the server answered 404 for https://mien.test/a/two.bin', []],
      [detectorUrl, `the server answered 404 for ${detectorUrl}`, []],
    ]);
  });

  for (const [name, wasmUrl, threads] of /** @type {[string, string, number][]} */ ([
    ["the page's own", '/dist/', 3],
    ['another', 'https://other.test/dist/', 1],
  ])) {
    test(`threads where the files are of ${name} origin`, async () => {
      createRecognizer({ ...OPTIONS, wasmUrl, threads: 3 }).catch(() => {});
      assert.equal((await asked()).sent[0].message.payload.threads, threads);
    });
  }

  test('a worker of another origin is imported by a worker of this origin', async () => {
    createRecognizer({ ...OPTIONS, workerUrl: 'https://other.test/recognizer.worker.js' }).catch(() => {});
    const { url } = /** @type {any} */ (await asked());
    assert.match(url, /^blob:/);
    assert.equal(await resolveObjectURL(url)?.text(), 'import "https://other.test/recognizer.worker.js";');
  });

  test('a worker that was started ahead is used once, and only if it still runs', async () => {
    const workerUrl = 'https://mien.test/spare.js';
    preload({ workerUrl });
    preload({ workerUrl });
    const first = WorkerEnd.last;
    assert.deepEqual(first.sent, []);
    const loading = createRecognizer({ ...OPTIONS, workerUrl });
    assert.equal(await asked(), first);
    first.answer({ result: INFO });
    await loading;
    createRecognizer({ ...OPTIONS, workerUrl }).catch(() => {});
    const second = await asked();
    assert.notEqual(second, first);
    preload({ workerUrl });
    WorkerEnd.last.onerror({ message: 'gone', preventDefault() {} });
    const dead = WorkerEnd.last;
    createRecognizer({ ...OPTIONS, workerUrl }).catch(() => {});
    assert.notEqual(await asked(), dead);
  });

  test('a list of models that was fetched ahead is not fetched again, except after an error', async () => {
    let up = false;
    const fetched = mock.method(globalThis, 'fetch', async (/** @type {string} */ url) =>
      up && url.endsWith('/models/index.json') ? Response.json(INDEX) : new Response('', { status: 503 }),
    );
    const lists = () => fetched.mock.calls.filter(({ arguments: [url] }) => String(url).endsWith('index.json')).length;
    preload();
    await settled();
    assert.equal(lists(), 1);
    up = true;
    createRecognizer().catch(() => {});
    await asked();
    assert.equal(lists(), 2);
    preload();
    createRecognizer().catch(() => {});
    await asked();
    assert.equal(lists(), 3);
    preload({ modelsUrl: null });
    assert.equal(lists(), 3);
  });

  test('an error while loading ends the worker', async () => {
    const loading = createRecognizer(OPTIONS);
    (await asked()).answer({ error: { code: 'model-missing', message: 'The model cannot be loaded: gone.' } });
    await rejects(loading, 'model-missing', /^The model cannot be loaded: gone\.$/);
    assert.ok(WorkerEnd.last.terminated);
  });

  test('a worker script that is missing', async () => {
    const loading = createRecognizer(OPTIONS);
    (await asked()).onerror({ preventDefault() {} });
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
});

describe('recognize', () => {
  test('sends a copy of the picture and returns the result', async () => {
    const recognizer = await ready();
    const given = picture('a face');
    const call = recognizer.recognize(given, { timestamp: 40, track: true });
    const { message, transfer } = (await asked()).sent[1];
    assert.deepEqual(transfer, [message.payload.frame]);
    assert.notEqual(message.payload.frame, given);
    assert.equal(message.payload.frame.of, given);
    assert.equal(message.payload.timestamp, 40);
    assert.equal(message.payload.track, true);
    answer(0);
    assert.deepEqual(await call, { faces: 0 });
    mock.timers.tick(60_000);
    assert.equal(WorkerEnd.last.terminated, false, 'an answered call is not waited for');
  });

  for (const given of [undefined, 'a.jpg', {}]) {
    test(`refuses a source of another type: ${JSON.stringify(given)}`, async () => {
      const recognizer = await ready();
      await assert.rejects(recognizer.recognize(/** @type {any} */ (given)), TypeError);
    });
  }

  test('refuses a timestamp that is not a number', async () => {
    const recognizer = await ready();
    await assert.rejects(recognizer.recognize(picture(), { timestamp: NaN }), /timestamp is NaN, expected/);
  });

  test('a picture that cannot be decoded', async () => {
    const recognizer = await ready();
    Object.assign(globalThis, { createImageBitmap: () => Promise.reject(new Error('The source could not be decoded.')) });
    await rejects(recognizer.recognize(new Blob(['text'])), 'image-unreadable', /^The picture cannot be read: The source could not be decoded\.$/);
  });

  test('a worker that crashes rejects the pending call; the next call starts another worker', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(picture());
    const first = await asked();
    let shown = true;
    first.onerror({ message: 'out of memory', preventDefault: () => (shown = false) });
    await rejects(call, 'worker-crashed', /stopped working: out of memory\./);
    assert.ok(first.terminated);
    assert.equal(shown, false, 'the console stays empty, since the caller is told');
    await rejects(recognizer.memory(), 'worker-crashed', /out of memory/);

    const both = [recognizer.recognize(picture()), recognizer.recognize(picture())];
    const second = await asked();
    assert.notEqual(second, first);
    assert.deepEqual(second.sent.map(({ message }) => message.action), ['load']);
    second.answer({ result: INFO });
    await settled();
    assert.deepEqual(second.sent.map(({ message }) => message.action), ['load', 'recognize', 'recognize']);
    for (const { message } of second.sent.slice(1)) second.onmessage({ data: { id: message.id, result: 1 } });
    assert.deepEqual(await Promise.all(both), [1, 1]);
  });

  test('a second worker that does not start rejects the call', async () => {
    const recognizer = await ready();
    WorkerEnd.last.onerror({ message: 'gone', preventDefault() {} });
    const call = recognizer.recognize(picture());
    (await asked()).answer({ error: { code: 'backend', message: 'no' } });
    await rejects(call, 'backend', /no/);
  });

  test('a worker that does not answer counts as crashed', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(picture());
    await settled();
    mock.timers.tick(29_999);
    assert.equal(WorkerEnd.last.terminated, false);
    mock.timers.tick(1);
    await rejects(call, 'worker-crashed', /no answer within 30 seconds/);
  });

  test('after dispose every call is rejected', async () => {
    const recognizer = await ready();
    const call = recognizer.recognize(picture());
    await settled();
    recognizer.dispose();
    await rejects(call, 'disposed', /disposed of/);
    await rejects(recognizer.recognize(picture()), 'disposed', /disposed of/);
    assert.ok(WorkerEnd.last.terminated);
    recognizer.dispose();
  });

  test('a frame that cannot be sent rejects its own call and no other', async () => {
    const recognizer = await ready();
    const post = WorkerEnd.last.postMessage;
    WorkerEnd.last.postMessage = () => {
      throw new Error('already closed');
    };
    await assert.rejects(recognizer.recognize(picture()), /already closed/);
    WorkerEnd.last.postMessage = post;
    mock.timers.tick(60_000);
    const call = recognizer.memory();
    WorkerEnd.last.answer({ result: { numTensors: 1, numBytes: 4 } });
    assert.deepEqual(await call, { numTensors: 1, numBytes: 4 });
  });
});

describe('start', () => {
  /** @returns {Promise<{recognizer: Recognizer, video: VideoEnd, element: HTMLVideoElement}>} */
  async function shown() {
    const video = new VideoEnd();
    return { recognizer: await ready(), video, element: /** @type {any} */ (video) };
  }
  /** What of the video the worker was given: [frame, timestamp]. */
  const given = () =>
    WorkerEnd.last.sent
      .filter(({ message }) => message.action === 'recognize')
      .map(({ message: { payload } }) => [payload.frame.of, Math.round(payload.timestamp)]);

  test('processes frames, drops those that come while it is busy, and then takes the newest', async () => {
    const { recognizer, video, element } = await shown();
    mock.method(performance, 'now', () => 1000);
    /** @type {unknown[]} */
    const results = [];
    recognizer.start(element, (result) => results.push(result));
    await settled();
    assert.deepEqual(given(), [[0, 1000]], 'the frame that the video shows is processed');
    video.show(1020);
    video.show(1040);
    await settled();
    assert.equal(given().length, 1);
    mock.method(performance, 'now', () => 1050);
    answer(1);
    await settled();
    assert.deepEqual(given(), [[0, 1000], [2, 1050]]);
    answer(2);
    await settled();
    assert.equal(given().length, 2, 'no frame is processed twice');
    video.show(1080);
    await settled();
    assert.deepEqual(given()[2], [3, 1080]);
    assert.deepEqual(results, [{ faces: 1 }, { faces: 2 }]);
  });

  test('after stop there is no result, and it has finished', async () => {
    const { recognizer, video, element } = await shown();
    let results = 0;
    const running = recognizer.start(element, () => results++);
    await settled();
    running.stop();
    answer(1);
    video.show(5);
    await settled();
    assert.equal(results, 0);
    assert.equal(given().length, 1);
    await running.finished;
    running.stop();
  });

  test('pauses while the page is hidden', async () => {
    const { recognizer, video, element } = await shown();
    Object.assign(document, { hidden: true });
    let results = 0;
    recognizer.start(element, () => results++);
    video.show(5);
    await settled();
    assert.equal(given().length, 0);
    Object.assign(document, { hidden: false });
    video.show(10);
    await settled();
    answer(1);
    await settled();
    assert.equal(results, 1);
  });

  test('an error ends it and is reported, and it can be started again', async () => {
    const { recognizer, video, element } = await shown();
    /** @type {unknown[]} */
    const errors = [];
    recognizer.start(element, () => {}, { onError: (error) => errors.push(error) });
    await settled();
    WorkerEnd.last.onerror({ message: 'gone', preventDefault() {} });
    await settled();
    assert.equal(errors.length, 1);
    assert.equal(/** @type {RecognizerError} */ (errors[0]).code, 'worker-crashed');
    assert.equal(video.waiting, null, 'no more frames are asked for');

    let results = 0;
    const running = recognizer.start(element, () => results++);
    (await asked()).answer({ result: INFO });
    await settled();
    answer(1);
    await settled();
    assert.equal(results, 1);
    running.stop();
  });

  test('without onError, finished rejects', async () => {
    const { recognizer, element } = await shown();
    const { finished } = recognizer.start(element, () => {});
    await settled();
    WorkerEnd.last.onerror({ message: 'gone', preventDefault() {} });
    await rejects(finished, 'worker-crashed', /gone/);
  });

  test("an error of the caller's own function ends it too", async () => {
    const { recognizer, element } = await shown();
    const { finished } = recognizer.start(element, () => {
      throw new Error('my own');
    });
    await settled();
    answer(1);
    await assert.rejects(finished, /my own/);
  });

  for (const [args, sentence] of [
    [[{}, () => {}], /start was given an object of class Object, expected a video element/],
    [[new VideoEnd()], /start was given undefined, expected a function/],
  ]) {
    test(`refuses wrong arguments: ${sentence}`, async () => {
      const recognizer = await ready();
      assert.throws(() => /** @type {any} */ (recognizer).start(...(/** @type {any} */ (args))), {
        name: 'TypeError',
        message: /** @type {RegExp} */ (sentence),
      });
    });
  }
});
