/**
 * Queue of the models: each is switched on or off, and those that are switched on are loaded one after the other.
 * Pure: the loader is given.
 *
 * @typedef {'off' | 'waiting' | 'loading' | 'on' | 'failed'} Status
 *
 * @typedef {object} Loader
 * @property {(name: string) => Promise<unknown>} load
 * @property {(name: string) => Promise<unknown>} unload  of a model that is loaded or being loaded
 */

export class ModelQueue {
  /**
   * @param {string[]} names  in the order in which they are to be loaded; all are switched on
   * @param {(name: string) => void} onChange  called when a model's status has changed
   */
  constructor(names, onChange) {
    /** @type {Map<string, {status: Status, problem: string}>} */
    this.models = new Map(names.map((name) => [name, { status: 'waiting', problem: '' }]));
    this.onChange = onChange;
    /** @type {Loader | null} */
    this.loader = null;
    this.paused = false;
    /** Rises with each loader that is detached, so that earlier work notices that it is out of date. */
    this.generation = 0;
    /** The generation that is loading; null: none. @type {number | null} */
    this.working = null;
  }

  /** @param {string} name @returns {Status} */
  status(name) {
    return this.#model(name).status;
  }

  /** Why a model failed; '' where it has not. @param {string} name */
  problem(name) {
    return this.#model(name).problem;
  }

  /** @param {Status} status @returns {string[]} the models that have it */
  withStatus(status) {
    return [...this.models.keys()].filter((name) => this.status(name) === status);
  }

  /** Switches a model on; one that failed is tried again. @param {string} name */
  switchOn(name) {
    if (this.status(name) === 'off' || this.status(name) === 'failed') this.#set(name, 'waiting');
    void this.#loadWaiting();
  }

  /** Switches a model off and frees its memory. @param {string} name */
  switchOff(name) {
    const before = this.status(name);
    this.#set(name, 'off');
    // This fails only if the worker has ended, which its other calls report.
    if (before === 'on' || before === 'loading') this.loader?.unload(name).catch(() => {});
  }

  /** Records that a model failed. @param {string} name @param {string} problem  a sentence */
  fail(name, problem) {
    this.#set(name, 'failed', problem);
  }

  /** Begins or continues to load. @param {Loader} loader */
  attach(loader) {
    this.loader = loader;
    this.paused = false;
    void this.#loadWaiting();
  }

  /** Loads no more until `attach`; loaded models stay. */
  pause() {
    this.paused = true;
    for (const name of this.withStatus('loading')) {
      this.#set(name, 'waiting');
      this.loader?.unload(name).catch(() => {});
    }
  }

  /** The loader has ended, and with it all models that it had loaded. */
  detach() {
    this.loader = null;
    this.generation++;
    for (const name of [...this.withStatus('on'), ...this.withStatus('loading')]) this.#set(name, 'waiting');
  }

  async #loadWaiting() {
    const { loader, generation } = this;
    if (loader === null || this.working === generation) return;
    this.working = generation;
    for (let name = this.#next(); name !== undefined; name = this.#next()) {
      this.#set(name, 'loading');
      const problem = await loader.load(name).then(() => '', messageOf);
      if (this.generation !== generation) return;
      // Switched off or paused meanwhile, and perhaps on again: then it waits once more.
      if (this.status(name) !== 'loading') await loader.unload(name).catch(() => {});
      else if (problem) this.#set(name, 'failed', problem);
      else this.#set(name, 'on');
      if (this.generation !== generation) return;
    }
    this.working = null;
  }

  /** The model to load next. @returns {string | undefined} */
  #next() {
    return this.paused ? undefined : this.withStatus('waiting')[0];
  }

  /** @param {string} name @param {Status} status @param {string} [problem] */
  #set(name, status, problem = '') {
    Object.assign(this.#model(name), { status, problem });
    this.onChange(name);
  }

  /** @param {string} name */
  #model(name) {
    const model = this.models.get(name);
    if (model === undefined) throw new Error(`there is no model ${name} on this page`);
    return model;
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
