/**
 * The service worker: caches one complete release of the live page and serves it from the cache, online and offline.
 * Requests for everything else (the photo page, the API, all other pages) go to the network.
 *
 * The server defines `RELEASE` before this script (app/pages/service_worker.py). A change of a file, setting or template
 * makes a new release and so a new script, which the browser installs beside the old one: completely, into its own
 * cache, with all hashes checked, or not at all. It takes over when no live page of the old release is open any
 * more, so that a page never mixes two releases. Then the old cache is deleted.
 *
 * @typedef {object} Entry  A file of the release.
 * @property {string} url  path and query
 * @property {string} hash  the first 12 hexadecimal digits of the SHA-256 of its content
 * @property {boolean} core  cached at installation; other entries are cached at their first request
 *
 * @typedef {{id: string, page: string, offline: string, entries: Entry[]}} Release  `page` and `offline`: paths
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const release = /** @type {Release} */ (/** @type {{RELEASE?: unknown}} */ (/** @type {unknown} */ (self)).RELEASE);

const PREFIX = 'mien-';
const NAME = PREFIX + release.id;
/** The key under which a cache has the list of its entries. */
const LIST = '/sw.js?release';

const byUrl = new Map(release.entries.map((entry) => [entry.url, entry]));

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(deleteOtherCaches()));
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(takeOverIfAlone());
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || request.headers.has('Range')) return;
  if (request.mode === 'navigate') {
    // The query of the live page is read by its scripts only.
    if (url.pathname === release.page) event.respondWith(cached(release.page).then((page) => page ?? fetch(request)));
    else event.respondWith(fetch(request).catch(async (error) => (await cached(release.offline)) ?? Promise.reject(error)));
    return;
  }
  const entry = byUrl.get(url.pathname + url.search);
  if (entry) event.respondWith(answer(entry, request, event.clientId));
});

async function install() {
  const cache = await caches.open(NAME);
  const old = await entriesOfOldReleases();
  try {
    for (const entry of release.entries) {
      const copy = old.get(entry.url)?.hash === entry.hash ? await old.get(entry.url)?.cache.match(entry.url, { ignoreVary: true }) : undefined;
      if (copy) await cache.put(entry.url, copy);
      else if (entry.core || old.has(entry.url)) await cache.put(entry.url, await fetchChecked(entry));
    }
    await cache.put(LIST, new Response(JSON.stringify(release.entries)));
  } catch (error) {
    // The server may be changing its release; the browser tries again at the next visit.
    await caches.delete(NAME);
    throw error;
  }
}

/** Cached entries of older releases. @returns {Promise<Map<string, {hash: string, cache: Cache}>>} by URL */
async function entriesOfOldReleases() {
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
 * Fetches a file of this release. The response is kept with all its headers, which make the page cross-origin isolated
 * (threads need that).
 *
 * @param {Entry} entry
 * @returns {Promise<Response>} rejects if the response is opaque, partial or redirected, or has another hash
 */
async function fetchChecked({ url, hash }) {
  let problem = '';
  // The HTTP cache may have what the page has just loaded, or something older; then 'reload' bypasses it.
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

/** The cached response of this release. @param {string} url @returns {Promise<Response | undefined>} */
async function cached(url) {
  return (await caches.open(NAME)).match(url, { ignoreVary: true });
}

/**
 * The response to a request for a file of this release.
 *
 * @param {Entry} entry
 * @param {Request} request
 * @param {string} clientId
 * @returns {Promise<Response>}
 */
async function answer(entry, request, clientId) {
  // A URL with a hash stands for one content. Without a hash, only pages of this release mean the file of this release.
  if (!isHashed(entry.url) && !(await isOfLivePage(clientId))) {
    return fetch(request).catch(async (error) => (await cached(entry.url)) ?? Promise.reject(error));
  }
  const copy = await cached(entry.url);
  if (copy) return copy;
  const response = await fetchChecked(entry);
  await (await caches.open(NAME)).put(entry.url, response.clone());
  return response;
}

/** Whether a URL has a hash of its content. @param {string} url */
const isHashed = (url) => /\?v=|-[A-Z0-9]{8}\.js$/.test(url);

/** Whether a client is the live page or one of its workers. @param {string} clientId */
async function isOfLivePage(clientId) {
  const client = await worker.clients.get(clientId);
  if (!client) return false;
  const { pathname, search } = new URL(client.url);
  return pathname === release.page || byUrl.has(pathname + search);
}

async function deleteOtherCaches() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** Activates this release at the request of a live page, unless another live page is open. */
async function takeOverIfAlone() {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const live = windows.filter(({ url }) => new URL(url).pathname === release.page);
  if (live.length <= 1) await worker.skipWaiting();
}
