/**
 * The service worker: keeps one release of the live page, whole, and serves it offline or not. Everything else (the
 * photo page, the API, all other pages) goes to the network as if this were not there.
 *
 * The server puts `RELEASE` before this script (app/pages/service_worker.py). Another file, setting or template is another
 * release, so another script, which the browser installs beside this one: into a cache of its own, complete and with
 * every hash checked, or not at all. It takes over only when no live page of the old release is open any more, so
 * that no page is ever half old and half new; then the old cache goes.
 *
 * @typedef {object} Entry
 * @property {string} url  path and query
 * @property {string} hash  the first 12 hexadecimal digits of its content's SHA-256
 * @property {boolean} core  kept from the start; the others once they were asked for
 *
 * @typedef {{id: string, page: string, offline: string, entries: Entry[]}} Release  `page` and `offline`: paths
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const release = /** @type {Release} */ (/** @type {{RELEASE?: unknown}} */ (/** @type {unknown} */ (self)).RELEASE);

const PREFIX = 'mien-';
const NAME = PREFIX + release.id;
/** Where a cache says what it holds. */
const LIST = '/sw.js?release';

const byUrl = new Map(release.entries.map((entry) => [entry.url, entry]));

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOthers()));
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(takeOver());
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || request.headers.has('Range')) return;
  if (request.mode === 'navigate') {
    // Its query is for its scripts, not for the server.
    if (url.pathname === release.page) event.respondWith(kept(release.page).then((page) => page ?? fetch(request)));
    else event.respondWith(fetch(request).catch(async (error) => (await kept(release.offline)) ?? Promise.reject(error)));
    return;
  }
  const entry = byUrl.get(url.pathname + url.search);
  if (entry) event.respondWith(answer(entry, request, event.clientId));
});

async function install() {
  const cache = await caches.open(NAME);
  const old = await oldCopies();
  try {
    for (const entry of release.entries) {
      const copy = old.get(entry.url)?.hash === entry.hash ? await old.get(entry.url)?.cache.match(entry.url, { ignoreVary: true }) : undefined;
      if (copy) await cache.put(entry.url, copy);
      else if (entry.core || old.has(entry.url)) await cache.put(entry.url, await fetchWhole(entry));
    }
    await cache.put(LIST, new Response(JSON.stringify(release.entries)));
  } catch (error) {
    // The server may be between two releases; the browser tries again with the next visit.
    await caches.delete(NAME);
    throw error;
  }
}

/** What earlier releases kept. @returns {Promise<Map<string, {hash: string, cache: Cache}>>} by URL */
async function oldCopies() {
  /** @type {Map<string, {hash: string, cache: Cache}>} */
  const found = new Map();
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === NAME) continue;
    const cache = await caches.open(name);
    /** @type {Entry[]} */
    const entries = await cache.match(LIST).then((list) => list?.json() ?? []);
    const urls = new Set((await cache.keys()).map(({ url }) => url.slice(worker.location.origin.length)));
    for (const { url, hash } of entries) if (urls.has(url)) found.set(url, { hash, cache });
  }
  return found;
}

/**
 * A file of this release from the network, as the server sends it, with all its headers: the page is isolated and
 * its threads start only with those. Opaque, partial and redirected answers are none of it.
 *
 * @param {Entry} entry
 * @returns {Promise<Response>}
 */
async function fetchWhole({ url, hash }) {
  let problem = '';
  // The browser's own cache may hold what the page has just loaded; it may hold something older too.
  for (const cache of /** @type {RequestCache[]} */ ([url.includes('?v=') ? 'default' : 'no-cache', 'reload'])) {
    const response = await fetch(url, { cache });
    const found = await hashOf(response.clone());
    if (response.status === 200 && response.type === 'basic' && !response.redirected && found === hash) return response;
    problem = `${url} was answered with status ${response.status} and the hash ${found}, expected ${hash}`;
  }
  throw new Error(problem);
}

/** @param {Response} response */
async function hashOf(response) {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, 12);
}

/** @param {string} url @returns {Promise<Response | undefined>} */
async function kept(url) {
  return (await caches.open(NAME)).match(url, { ignoreVary: true });
}

/**
 * @param {Entry} entry
 * @param {Request} request
 * @param {string} clientId
 * @returns {Promise<Response>}
 */
async function answer(entry, request, clientId) {
  // A URL with a hash in it means one content. Others mean this release's only to the pages of this release.
  if (!isHashed(entry.url) && !(await isOurs(clientId))) {
    return fetch(request).catch(async (error) => (await kept(entry.url)) ?? Promise.reject(error));
  }
  const copy = await kept(entry.url);
  if (copy) return copy;
  const whole = await fetchWhole(entry);
  await (await caches.open(NAME)).put(entry.url, whole.clone());
  return whole;
}

/** @param {string} url */
const isHashed = (url) => /\?v=|-[A-Z0-9]{8}\.js$/.test(url);

/** Whether who asks is the live page or a worker of its. @param {string} clientId */
async function isOurs(clientId) {
  const client = await worker.clients.get(clientId);
  if (!client) return false;
  const { pathname, search } = new URL(client.url);
  return pathname === release.page || byUrl.has(pathname + search);
}

async function removeOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** A live page would take this release instead of its own: it may, if no other one is open. */
async function takeOver() {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const live = windows.filter(({ url }) => new URL(url).pathname === release.page);
  if (live.length <= 1) await worker.skipWaiting();
}
