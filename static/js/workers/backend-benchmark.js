/**
 * Which backend the recognizer starts on: WebAssembly, which is there at once, until a measurement in this very
 * browser has shown that its graphics processor is faster. Measured is real work with its result read back, well
 * after the first results, in a worker of its own; what was found is remembered and taken at the next start.
 *
 * @typedef {'wasm' | 'webgl'} Name
 *
 * @typedef {object} Found  What is remembered.
 * @property {Name} backend
 * @property {string} of  what it holds for: browser and model
 * @property {number} [wasm]  milliseconds of one detection and one classification
 * @property {number} [webgl]
 */

const KEY = 'mien:backend';
/** WebGL must be faster by this factor: its start costs more, and its context can be lost. */
const WORTH = 1.25;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export class BackendChoice {
  /**
   * @param {string} model  address of the model, since a small network gains less than a large one
   * @param {object} [from]  what a test puts in the browser's place
   * @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} [from.storage]
   * @param {() => boolean} [from.gpu]
   * @param {string} [from.browser]
   */
  constructor(model, { storage = () => localStorage, gpu = hasGpu, browser = globalThis.navigator?.userAgent ?? '' } = {}) {
    this.storage = storage;
    this.gpu = gpu;
    this.of = `${browser} ${model}`;
  }

  /** What was found for this browser and model; null: nothing yet. @returns {Found | null} */
  get found() {
    try {
      const found = JSON.parse(this.storage().getItem(KEY) ?? 'null');
      return found?.of === this.of && ['wasm', 'webgl'].includes(found.backend) ? found : null;
    } catch {
      return null; // storage is forbidden or holds something else
    }
  }

  /** What to start on; null: what starts first, WebAssembly before WebGL. @returns {Name | null} */
  get start() {
    return this.found?.backend ?? null;
  }

  /**
   * Finds out, unless it is known.
   *
   * @param {() => Promise<number>} wasm  measures, in milliseconds
   * @param {() => Promise<number>} webgl  the same, asked only where there is a graphics processor; rejects where it
   *   does not start
   * @returns {Promise<Found>}
   */
  async settle(wasm, webgl) {
    if (this.found) return this.found;
    if (!this.gpu()) return this.remember({ backend: 'wasm' });
    const other = await webgl().catch(() => Infinity);
    const here = await wasm();
    return this.remember({ backend: other * WORTH < here ? 'webgl' : 'wasm', wasm: here, webgl: other });
  }

  /** @param {Omit<Found, 'of'>} what @returns {Found} */
  remember(what) {
    const found = { ...what, of: this.of };
    try {
      this.storage().setItem(KEY, JSON.stringify(found));
    } catch {
      // Measured again next time.
    }
    return found;
  }
}

/** Whether WebGL runs on a graphics processor, not on the processor in its stead. */
export function hasGpu() {
  const options = { failIfMajorPerformanceCaveat: true };
  const gl = globalThis.OffscreenCanvas && new OffscreenCanvas(1, 1).getContext('webgl2', options);
  if (!gl) return false;
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers give a page a few contexts only
  return !SOFTWARE.test(name);
}
