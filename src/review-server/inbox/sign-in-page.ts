import { html } from 'hono/html';
import { layout, type Html } from './layout.ts';

/** What the page remembers from the address and the last try. */
export interface SignIn {
  /** Where to go afterwards, within this server. */
  next: string;
  /** A one-time token of the link; then no password is asked for. */
  token?: string | undefined;
  problem?: string;
}

export function signInPage({ next, token, problem }: SignIn): Html {
  const fields = token === undefined
    ? html`<label for="name">Name</label><input id="name" name="name" autocomplete="username" required autofocus>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>`
    : html`<input type="hidden" name="token" value="${token}"><p>This link signs you in once.</p>`;
  return layout({ title: 'Sign in', body: html`<div class="narrow"><h1>Sign in to review</h1>
${problem === undefined ? '' : html`<p class="notice" role="alert">${problem}</p>`}
<form method="post" action="/login"><input type="hidden" name="next" value="${next}">
${fields}
<button>Sign in</button></form></div>` });
}
