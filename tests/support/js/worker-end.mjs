/** A fake worker, and the other parts of a browser that mien.js uses. */

/** Replaces the browser's Worker; `sent` are the calls that arrived, `told` the messages without an answer. */
export class WorkerEnd {
  /** @type {WorkerEnd} */
  static last;

  /** @param {string} url @param {object} options */
  constructor(url, options) {
    Object.assign(this, { url, options });
    /** @type {{message: any, transfer: unknown[]}[]} */
    this.sent = [];
    /** @type {{message: any, transfer: unknown[]}[]} */
    this.told = [];
    this.terminated = false;
    /** @type {(event: {data: any}) => void} */
    this.onmessage = () => {};
    /** @type {(event: {message?: string, preventDefault: () => void}) => void} */
    this.onerror = () => {};
    WorkerEnd.last = this;
  }

  /** @param {any} message @param {unknown[]} transfer */
  postMessage(message, transfer) {
    (message.id === undefined ? this.told : this.sent).push({ message, transfer });
  }

  terminate() {
    this.terminated = true;
  }

  /** Answers the latest call. @param {object} answer */
  answer(answer) {
    this.onmessage({ data: { id: this.sent[this.sent.length - 1].message.id, ...answer } });
  }
}

/** A video whose frames the test shows; each is a number. */
export class VideoEnd {
  readyState = 2;
  frame = 0;
  /** @type {((now: number) => void) | null} */
  waiting = null;

  /** @param {(now: number) => void} step */
  requestVideoFrameCallback(step) {
    this.waiting = step;
    return 1;
  }

  cancelVideoFrameCallback() {
    this.waiting = null;
  }

  /** @param {number} now */
  show(now) {
    this.frame++;
    const step = this.waiting;
    this.waiting = null;
    step?.(now);
  }
}

/** Waits until all promises that can settle have settled. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

const NAMES = ['Worker', 'document', 'location', 'HTMLVideoElement', 'HTMLMediaElement', 'ImageBitmap', 'createImageBitmap'];

/** Installs the browser's classes. */
export function putBrowser() {
  class ImageBitmap {
    /** @param {unknown} of */
    constructor(of) {
      this.of = of;
    }

    close() {}
  }
  Object.assign(globalThis, {
    Worker: WorkerEnd,
    document: { baseURI: 'https://mien.test/a/b/', hidden: false },
    location: new URL('https://mien.test/a/b/'),
    HTMLVideoElement: VideoEnd,
    HTMLMediaElement: { HAVE_CURRENT_DATA: 2 },
    ImageBitmap,
    createImageBitmap: async (/** @type {any} */ source) => new ImageBitmap(source.frame ?? source),
  });
}

export function removeBrowser() {
  for (const name of NAMES) Reflect.deleteProperty(globalThis, name);
}
