/**
 * Keeps the gate's page for hours without a line: asks the server first, and answers from what it kept when none comes.
 *
 * Keeps only the page `/gate` and static files, never a list or a mark: the page itself keeps those.
 */
const KEPT = 'gate-1';
const PATIENCE_MS = 4_000;
const worker = /** @type {any} */ (self);

/** @param {string} address */
function isKept(address) {
  const { pathname, search } = new URL(address);
  return pathname.startsWith('/static/') || (pathname === '/gate' && search === '');
}

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('message', (/** @type {any} */ event) => {
  const wanted = /** @type {string[]} */ (event.data?.keep ?? []).filter(isKept);
  event.waitUntil(caches.open(KEPT).then(async (cache) => {
    await Promise.allSettled(wanted.map((address) => cache.add(address)));
    for (const client of await worker.clients.matchAll()) client.postMessage({ kept: wanted.length });
  }));
});

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(KEPT);
  const end = new AbortController();
  setTimeout(() => end.abort(), PATIENCE_MS);
  try {
    const fresh = await fetch(request.url, { credentials: 'same-origin', redirect: 'manual', signal: end.signal });
    if (fresh.ok) await cache.put(request.url, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(request.url);
    if (kept === undefined) throw error;
    return kept;
  }
}

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  if (event.request.method === 'GET' && isKept(event.request.url)) event.respondWith(answer(event.request));
});
