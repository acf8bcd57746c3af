import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { SecureHeadersVariables } from 'hono/secure-headers';
import { noncePlaceholder, type BuiltFile, type BuiltInbox } from './built-inbox.ts';

// Addresses of the application. It reads the rest of the path.
const pagePaths = ['/', '/login', '/approvals/:id', '/runs', '/runs/:id', '/admin', '/admin/*'];
/** Paths for programs: a 404 there is JSON. */
const programPaths = /^\/(api|reviewer-api|assets)(\/|$)/;
const cacheForAYear = 'public, max-age=31536000, immutable';
/** Asks the server at each use. */
const alwaysAsk = 'no-cache';

/** Serves the inbox: one page for all its addresses, and files that never change. */
export function serveInbox(inbox: BuiltInbox | undefined): Hono<{ Variables: SecureHeadersVariables }> {
  const routes = new Hono<{ Variables: SecureHeadersVariables }>();
  const pageFor = ({ page }: BuiltInbox, nonce = '') => page.replaceAll(noncePlaceholder, nonce);
  for (const path of pagePaths)
    routes.get(path, (c) =>
      inbox === undefined ? c.html(notBuiltPage, 503) : c.html(pageFor(inbox, c.get('secureHeadersNonce'))),
    );
  routes.get('/assets/:name', (c) => fileAnswer(c, inbox?.files.get(c.req.path), cacheForAYear));
  for (const path of ['/service-worker.js', '/manifest.webmanifest', '/icons/:name'])
    routes.get(path, (c) => fileAnswer(c, inbox?.namedFiles.get(c.req.path), alwaysAsk));
  // A mistyped address in a browser: the application shows a page with a way back.
  routes.get('*', async (c, next) => {
    if (inbox === undefined || programPaths.test(c.req.path) || !c.req.header('accept')?.includes('text/html'))
      return next();
    return c.html(pageFor(inbox, c.get('secureHeadersNonce')), 404);
  });
  return routes;
}

function fileAnswer(c: Context, file: BuiltFile | undefined, cacheControl: string): Response | Promise<Response> {
  if (file === undefined) return c.notFound();
  const headers = { 'content-type': file.type, 'cache-control': cacheControl, vary: 'accept-encoding' };
  if (file.gzipped === undefined || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? ''))
    return c.body(file.body, 200, headers);
  return c.body(file.gzipped(), 200, { ...headers, 'content-encoding': 'gzip' });
}

const notBuiltPage = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>The inbox is not built · Holdpoint</title>
    </head>
    <body>
      <h1>The inbox is not built</h1>
      <p>
        The review server runs, and its API works. For the page, run this in the folder of Holdpoint, then start the
        server again:
      </p>
      <pre>npm run build:inbox</pre>
      <p>Until then, decide in a terminal: <code>npx holdpoint approvals --help</code></p>
    </body>
  </html>`;
