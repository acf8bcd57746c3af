import { Hono } from 'hono';
import { html } from 'hono/html';
import type { SecureHeadersVariables } from 'hono/secure-headers';
import { NONCE_PLACEHOLDER, type BuiltInbox } from './built-inbox.ts';

// The application's own addresses; it reads the rest of the path itself.
const PAGES = ['/', '/login', '/approvals/:id', '/admin', '/admin/*'];
/** What answers programs, also where it has nothing. */
const NO_PAGES = /^\/(api|reviewer-api|assets)(\/|$)/;
const A_YEAR = 'public, max-age=31536000, immutable';

/** Serves the reviewers' web application: one page for all its addresses, and files that may be kept for ever. */
export function serveInbox(inbox: BuiltInbox | undefined): Hono<{ Variables: SecureHeadersVariables }> {
  const routes = new Hono<{ Variables: SecureHeadersVariables }>();
  const pageFor = ({ page }: BuiltInbox, nonce = '') => page.replaceAll(NONCE_PLACEHOLDER, nonce);
  for (const path of PAGES)
    routes.get(path, (c) =>
      inbox === undefined ? c.html(NOT_BUILT, 503) : c.html(pageFor(inbox, c.get('secureHeadersNonce'))),
    );
  routes.get('/assets/:name', (c) => {
    const file = inbox?.files.get(c.req.path);
    if (file === undefined) return c.notFound();
    const headers = { 'content-type': file.type, 'cache-control': A_YEAR, vary: 'accept-encoding' };
    if (file.gzipped === undefined || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? ''))
      return c.body(file.body, 200, headers);
    return c.body(file.gzipped, 200, { ...headers, 'content-encoding': 'gzip' });
  });
  // An address that was cut off or mistyped in a browser: the application says so, with a way on.
  routes.get('*', async (c, next) => {
    if (inbox === undefined || NO_PAGES.test(c.req.path) || !c.req.header('accept')?.includes('text/html'))
      return next();
    return c.html(pageFor(inbox, c.get('secureHeadersNonce')), 404);
  });
  return routes;
}

const NOT_BUILT = html`<!doctype html>
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
