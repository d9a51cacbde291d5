/**
 * Measure which backend of TensorFlow.js is faster in this browser, and store the answer for the next start. The
 * recognizer starts on WebAssembly, which starts fastest, until a measurement has shown that the graphics processor is
 * faster. It measures the real work and reads its results back, in a worker of its own, well after the first results.
 *
 * @typedef {'wasm' | 'webgl'} BackendName
 *
 * @typedef {object} Measured  What is stored.
 * @property {BackendName} backend
 * @property {string} of  the browser and model that it holds for
 * @property {number} [wasm]  milliseconds of one detection and one classification
 * @property {number} [webgl]
 */

const KEY = 'mien:backend';
/** WebGL must be faster by this factor: its start takes longer, and its context can be lost. */
const MIN_GAIN = 1.25;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export class BackendBenchmark {
  /**
   * @param {string} model  address of the model, since a small network gains less than a large one
   * @param {object} [from]  replaces the browser's own in tests
   * @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} [from.storage]
   * @param {() => boolean} [from.gpu]
   * @param {string} [from.browser]
   */
  constructor(model, { storage = () => localStorage, gpu = hasGpu, browser = globalThis.navigator?.userAgent ?? '' } = {}) {
    this.storage = storage;
    this.gpu = gpu;
    this.of = `${browser} ${model}`;
  }

  /** What is stored for this browser and model; null: nothing yet. @returns {Measured | null} */
  get stored() {
    try {
      const found = JSON.parse(this.storage().getItem(KEY) ?? 'null');
      return found?.of === this.of && ['wasm', 'webgl'].includes(found.backend) ? found : null;
    } catch {
      return null; // storage is forbidden or holds something else
    }
  }

  /** The backend to start on; null: not measured yet. @returns {BackendName | null} */
  get fastest() {
    return this.stored?.backend ?? null;
  }

  /**
   * Measures both backends, unless the answer is stored.
   *
   * @param {() => Promise<number>} wasm  measures, in milliseconds
   * @param {() => Promise<number>} webgl  the same, called only where there is a graphics processor; rejects where it
   *   does not start
   * @returns {Promise<Measured>}
   */
  async run(wasm, webgl) {
    if (this.stored) return this.stored;
    if (!this.gpu()) return this.store({ backend: 'wasm' });
    const other = await webgl().catch(() => Infinity);
    const here = await wasm();
    return this.store({ backend: other * MIN_GAIN < here ? 'webgl' : 'wasm', wasm: here, webgl: other });
  }

  /** @param {Omit<Measured, 'of'>} measured @returns {Measured} */
  store(measured) {
    const found = { ...measured, of: this.of };
    try {
      this.storage().setItem(KEY, JSON.stringify(found));
    } catch {
      // Measured again next time.
    }
    return found;
  }
}

/** Whether WebGL runs on a graphics processor, not in software. */
function hasGpu() {
  const options = { failIfMajorPerformanceCaveat: true };
  const gl = globalThis.OffscreenCanvas && new OffscreenCanvas(1, 1).getContext('webgl2', options);
  if (!gl) return false;
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers give a page a few contexts only
  return !SOFTWARE.test(name);
}
