import offlinePage from './offline.html?raw';

type Lasting = { waitUntil: (promise: Promise<unknown>) => void };
type Fetching = { request: Request; respondWith: (response: Promise<Response>) => void };
type Worker = {
  location: Location;
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  addEventListener: ((type: 'install' | 'activate', on: (event: Lasting) => void) => void) &
    ((type: 'fetch', on: (event: Fetching) => void) => void);
};

const worker = globalThis as unknown as Worker;
/** The build writes a digest of all other files here: each build has another worker and another cache. */
const assetCache = 'holdpoint-assets-__inbox_version__';
const assetPath = /^\/assets\/[\w.-]+$/;
const pagePath = /^\/(?:login|admin(?:\/.*)?|approvals\/[^/]*)?$/;

// Pages come from the network, so an open page and a new worker agree. A new worker takes over at once.
worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(dropOldCaches().then(() => worker.clients.claim())));

/**
 * Answers two kinds of requests: files whose name changes with their content, and pages while the server is out of reach.
 * The browser sends every other request itself, also those to the API.
 */
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (assetPath.test(pathname)) event.respondWith(readAsset(request));
  else if (request.mode === 'navigate' && pagePath.test(pathname))
    event.respondWith(fetch(request).catch(() => offlineAnswer()));
});

async function readAsset(request: Request): Promise<Response> {
  const cache = await caches.open(assetCache);
  const found = await cache.match(request.url, { ignoreVary: true });
  if (found !== undefined) return found;
  const response = await fetch(request);
  if (response.status === 200) await cache.put(request.url, response.clone());
  return response;
}

/** The offline page is part of the worker, so that it is there without any cache. */
function offlineAnswer(): Response {
  const nonce = crypto.randomUUID();
  return new Response(offlinePage.replaceAll('__csp_nonce__', nonce), {
    status: 503,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}

async function dropOldCaches(): Promise<void> {
  for (const name of await caches.keys()) if (name !== assetCache) await caches.delete(name);
}
