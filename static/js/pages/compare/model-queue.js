/**
 * Which models take part: each is switched on or off, and those that are on are loaded one at a time. Pure: what
 * loads them is given.
 *
 * @typedef {'off' | 'waiting' | 'loading' | 'on' | 'failed'} Part
 *
 * @typedef {object} Loader  Gives models a place to run, and takes it away.
 * @property {(name: string) => Promise<unknown>} load
 * @property {(name: string) => Promise<unknown>} unload  of one that is loaded or being loaded
 */

export class Roster {
  /**
   * @param {string[]} names  in the order in which they are to be loaded; all are switched on
   * @param {(name: string) => void} onChange  called when a model's part has changed
   */
  constructor(names, onChange) {
    /** @type {Map<string, {part: Part, problem: string}>} */
    this.models = new Map(names.map((name) => [name, { part: 'waiting', problem: '' }]));
    this.onChange = onChange;
    /** @type {Loader | null} */
    this.loader = null;
    this.paused = false;
    /** Rises with each loader that goes, so that what began before knows it is out of date. */
    this.generation = 0;
    /** The generation that is loading. @type {number | null} */
    this.working = null;
  }

  /** @param {string} name @returns {Part} */
  part(name) {
    return this.of(name).part;
  }

  /** Why a model failed; '' where it did not. @param {string} name */
  problem(name) {
    return this.of(name).problem;
  }

  /** @param {Part} part @returns {string[]} the models that play it */
  having(part) {
    return [...this.models.keys()].filter((name) => this.part(name) === part);
  }

  /** Switches a model on; one that failed is tried again. @param {string} name */
  on(name) {
    if (this.part(name) === 'off' || this.part(name) === 'failed') this.set(name, 'waiting');
    void this.work();
  }

  /** Switches a model off; its memory is given back. @param {string} name */
  off(name) {
    const had = this.part(name);
    this.set(name, 'off');
    // What goes wrong here is that the worker is gone, which its other calls tell.
    if (had === 'on' || had === 'loading') this.loader?.unload(name).catch(() => {});
  }

  /** A model that is on gave up. @param {string} name @param {string} problem  a sentence */
  fail(name, problem) {
    this.set(name, 'failed', problem);
  }

  /** Begins to load, or goes on. @param {Loader} loader */
  attach(loader) {
    this.loader = loader;
    this.paused = false;
    void this.work();
  }

  /** Loads no more until `attach`; what is loaded stays. */
  pause() {
    this.paused = true;
    for (const name of this.having('loading')) {
      this.set(name, 'waiting');
      this.loader?.unload(name).catch(() => {});
    }
  }

  /** The loader is gone, and with it all it had loaded. */
  detach() {
    this.loader = null;
    this.generation++;
    for (const name of [...this.having('on'), ...this.having('loading')]) this.set(name, 'waiting');
  }

  /** Loads what waits, one after the other. */
  async work() {
    const { loader, generation } = this;
    if (loader === null || this.working === generation) return;
    this.working = generation;
    for (let [name] = this.next(); name !== undefined; [name] = this.next()) {
      this.set(name, 'loading');
      const problem = await loader.load(name).then(() => '', sentence);
      if (this.generation !== generation) return;
      // Switched off or paused meanwhile, and perhaps on again: then it waits once more.
      if (this.part(name) !== 'loading') await loader.unload(name).catch(() => {});
      else if (problem) this.set(name, 'failed', problem);
      else this.set(name, 'on');
      if (this.generation !== generation) return;
    }
    this.working = null;
  }

  /** What is to be loaded, the next first. @returns {string[]} */
  next() {
    return this.paused ? [] : this.having('waiting');
  }

  /** @param {string} name @param {Part} part @param {string} [problem] */
  set(name, part, problem = '') {
    Object.assign(this.of(name), { part, problem });
    this.onChange(name);
  }

  /** @param {string} name */
  of(name) {
    const model = this.models.get(name);
    if (model === undefined) throw new Error(`there is no model ${name} on this page`);
    return model;
  }
}

/** @param {unknown} error */
function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}
