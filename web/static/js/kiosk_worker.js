/**
 * A terminal whose browser starts while no server answers still shows a page that goes on trying.
 *
 * Keeps that page and what it loads, and nothing of a seat: no list, no name, no call.
 */
const STORE_OF_TERMINAL = 'kiosk-1';
const WAITING = '/kiosk/waiting';
const SERVER_MS_MAX = 4_000;
const terminal = /** @type {any} */ (self);

terminal.addEventListener('install', (/** @type {any} */ event) => {
  terminal.skipWaiting();
  event.waitUntil(keep());
});
terminal.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(terminal.clients.claim()));
terminal.addEventListener('message', (/** @type {any} */ event) => event.waitUntil(keep()));

/** Takes the page and its files anew; what is not named by it any more is dropped. */
async function keep() {
  const page = await fetch(WAITING, { credentials: 'same-origin', cache: 'no-store' });
  if (!page.ok) return;
  const text = await page.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1] ?? '');
  const cache = await caches.open(STORE_OF_TERMINAL);
  await Promise.all([...new Set(files)].map((file) => cache.add(file)));
  await cache.put(WAITING, page);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (pathname !== WAITING && !files.includes(pathname + search)) await cache.delete(request);
  }
}

/** @param {Request} request a page */
async function openPage(request) {
  const end = new AbortController();
  const late = setTimeout(() => end.abort(), SERVER_MS_MAX);
  try {
    const fresh = await fetch(request.url, { credentials: 'same-origin', redirect: 'manual', signal: end.signal });
    // A server that cannot give the page is as good as none.
    if (fresh.status < 500) return fresh;
  } catch {
    // None answers.
  } finally {
    clearTimeout(late);
  }
  return (await (await caches.open(STORE_OF_TERMINAL)).match(WAITING)) ?? Response.error();
}

/** @param {Request} request a file of a page */
async function give(request) {
  const kept = await (await caches.open(STORE_OF_TERMINAL)).match(request.url);
  return kept ?? fetch(request);
}

terminal.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const { pathname, search } = new URL(request.url);
  if (request.mode === 'navigate') event.respondWith(openPage(request));
  // What has its version in its address never changes.
  else if (pathname.startsWith('/static/') && (search !== '' || pathname.startsWith('/static/fonts/'))) event.respondWith(give(request));
});
