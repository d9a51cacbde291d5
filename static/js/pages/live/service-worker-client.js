/**
 * Register the service worker that makes this page work offline, and activate a new release when nothing is lost by
 * reloading the page.
 *
 * @typedef {object} Options
 * @property {string} url  of the service worker
 * @property {() => boolean} isIdle  whether the page may be reloaded: nothing runs and nothing was recorded
 */

/** Milliseconds after which an unused page registers the service worker, unless the user saves data. */
const REGISTER_MS = 5000;

/**
 * @param {Options} options
 * @returns {{register: () => void, updateIfIdle: () => void}} `register`: call it when the page runs, and its files are
 *   worth caching; `updateIfIdle`: call it when the page may have become idle
 */
export function createServiceWorkerClient({ url, isIdle }) {
  const container = navigator.serviceWorker;
  /** @type {ServiceWorkerRegistration | null} */
  let registration = null;
  let registered = false;
  let touched = false;

  const updateIfIdle = () => {
    if (registration?.waiting && isIdle() && (!touched || document.hidden)) registration.waiting.postMessage('take-over');
  };

  async function register() {
    if (registered || !container || !globalThis.isSecureContext) return;
    registered = true;
    try {
      registration = await container.register(url, { updateViaCache: 'none' });
    } catch {
      return; // service workers are blocked
    }
    const watch = () => {
      const installing = registration?.installing;
      installing?.addEventListener('statechange', () => installing.state === 'installed' && updateIfIdle());
    };
    registration?.addEventListener('updatefound', watch);
    watch();
    updateIfIdle();
  }

  if (container) {
    const controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      // Requested above, or by another page of the old release just before it was closed.
      if (controlled && isIdle()) location.reload();
    });
    for (const event of ['pointerdown', 'keydown']) addEventListener(event, () => (touched = true), { once: true, capture: true });
    document.addEventListener('visibilitychange', updateIfIdle);
    // A page that the service worker controls only has to look for a new release.
    if (controlled) void register();
    else if (!(/** @type {{connection?: {saveData?: boolean}}} */ (navigator).connection?.saveData)) setTimeout(() => isIdle() && register(), REGISTER_MS);
  }
  return { register: () => void register(), updateIfIdle };
}
