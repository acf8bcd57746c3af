import { html } from 'hono/html';

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

/** A page: its title, who looks at it, and what is on it. */
export interface Page {
  title: string;
  reviewer?: string | undefined;
  body: Html;
}

/** The frame of every page; works without JavaScript and has none. */
export function layout({ title, reviewer, body }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Holdpoint</title>
<link rel="stylesheet" href="/inbox.css">
</head>
<body>
<header><a class="brand" href="/">Holdpoint</a>${reviewer === undefined ? '' : html`
<nav><a href="/?status=pending">Needs you</a> <a href="/?status=decided">Done</a></nav>
<form method="post" action="/logout"><span class="who">${reviewer}</span> <button class="quiet">Sign out</button></form>`}</header>
<main>
${body}
</main>
</body>
</html>`;
}
