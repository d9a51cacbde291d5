/**
 * Sets up the service worker that keeps this page for times without a network, and brings in a new release when
 * nothing is lost by it.
 *
 * @typedef {object} Options
 * @property {string} url  of the service worker
 * @property {() => boolean} isFree  whether the page may be loaded anew: nothing goes on in it and nothing was recorded
 */

/** After this long without anything else to do, in milliseconds, the files are fetched, unless data is to be saved. */
const LATER_MS = 5000;

/**
 * @param {Options} options
 * @returns {{keep: () => void, check: () => void}} keep: the page is at work, and what it loaded is worth keeping; check:
 *   it may be free now
 */
export function createServiceWorkerClient({ url, isFree }) {
  const container = navigator.serviceWorker;
  /** @type {ServiceWorkerRegistration | null} */
  let registration = null;
  let begun = false;
  let touched = false;

  const check = () => {
    if (registration?.waiting && isFree() && (!touched || document.hidden)) registration.waiting.postMessage('take-over');
  };

  async function keep() {
    if (begun || !container || !globalThis.isSecureContext) return;
    begun = true;
    try {
      registration = await container.register(url, { updateViaCache: 'none' });
    } catch {
      return; // a browser or a setting that keeps nothing
    }
    const watch = () => {
      const coming = registration?.installing;
      coming?.addEventListener('statechange', () => coming.state === 'installed' && check());
    };
    registration?.addEventListener('updatefound', watch);
    watch();
    check();
  }

  if (container) {
    const controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      // Asked for above, or by another page of the old release just before it went.
      if (controlled && isFree()) location.reload();
    });
    for (const event of ['pointerdown', 'keydown']) addEventListener(event, () => (touched = true), { once: true, capture: true });
    document.addEventListener('visibilitychange', check);
    // A page that is kept already only has to ask for news.
    if (controlled) void keep();
    else if (!(/** @type {{connection?: {saveData?: boolean}}} */ (navigator).connection?.saveData)) setTimeout(() => isFree() && keep(), LATER_MS);
  }
  return { keep: () => void keep(), check };
}
