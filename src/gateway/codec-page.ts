import type { Context } from 'hono';
import { html } from 'hono/html';

type Shown = { state: 'signed out' } | { state: 'refused'; problem: string } | { state: 'signed in'; caller: string };

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** The page on which a person signs in to decrypted values in Temporal's UI. It has no script. */
export function codecPage(c: Context, shown: Shown): Response | Promise<Response> {
  c.header('content-security-policy', policy);
  c.header('cache-control', 'no-store');
  c.header('referrer-policy', 'no-referrer');
  const isIn = shown.state === 'signed in';
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Decrypted values · Holdpoint</title>
          <style>
            :root {
              color-scheme: light dark;
              font:
                16px/1.5 system-ui,
                sans-serif;
            }
            body {
              max-width: 32rem;
              margin: 12vh auto;
              padding: 0 1rem;
            }
            label,
            input {
              display: block;
              width: 100%;
              box-sizing: border-box;
            }
            input,
            button {
              font: inherit;
              padding: 0.5rem 0.75rem;
              margin: 0.5rem 0;
            }
          </style>
        </head>
        <body>
          <main>
            <h1>Decrypted values in Temporal’s UI</h1>
            ${
              isIn
                ? html`<p role="status">
                      Signed in as <strong>${shown.caller}</strong> for 12 hours. Reload Temporal’s page.
                    </p>
                    <form method="post" action="/codec/sign-out"><button>Sign out</button></form>`
                : html`${shown.state === 'refused' ? html`<p role="alert">${shown.problem}</p>` : ''}
                    <form method="post" action="/codec/sign-in">
                      <label for="key">API key with the permission decode</label>
                      <input id="key" name="key" type="password" autocomplete="off" required autofocus />
                      <button>Sign in</button>
                    </form>`
            }
          </main>
        </body>
      </html>`,
    shown.state === 'refused' ? 403 : 200,
  );
}
