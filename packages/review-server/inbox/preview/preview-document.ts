import { diffLines } from 'diff';
import type { Preview } from '@holdpoint/cheqpoint/wire';
import { html, textHtml, type Html } from './html.ts';
import { markdownHtml, plainHtml } from './markdown-html.ts';
import style from './preview.css?inline';

/** Milliseconds for the lines of a diff. Beyond it all lines count as changed. */
const longestDiffMs = 300;

/**
 * The page inside the frame. It has no script, link, form or address to load: the frame could run, open and load none
 * of them either. `nonce`: of the inbox's own page, for the style.
 */
export function previewDocument(preview: Preview, nonce: string): Html {
  const policy = textHtml(
    `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; form-action 'none'; base-uri 'none'`,
  );
  return html`<!doctype html>
    <html>
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="color-scheme" content="light dark" />
        <title>Preview</title>
        <style nonce="${textHtml(nonce)}">
          ${style as Html}
        </style>
      </head>
      <body>
        <main data-type="${textHtml(preview.type)}">${bodyOf(preview)}</main>
      </body>
    </html>`;
}

function bodyOf(preview: Preview): Html {
  switch (preview.type) {
    case 'email':
      return emailHtml(preview);
    case 'markdown':
      return markdownHtml(preview.text);
    case 'diff':
      return diffHtml(preview.before, preview.after);
    case 'table':
      return tableHtml(preview.columns, preview.rows);
    case 'image':
      // The schema took a data: address of base64 letters only.
      return html`<img src="${textHtml(preview.data)}" alt="${textHtml(preview.alt)}" />
        <p class="alt">${textHtml(preview.alt)}</p>`;
  }
}

function emailHtml({ from, to, cc, bcc, subject, body, format }: Extract<Preview, { type: 'email' }>): Html {
  const fields = [
    ['From', from],
    ['To', to],
    ['Cc', cc],
    ['Bcc', bcc],
    ['Subject', subject],
  ] as const;
  const rows = fields.flatMap(([name, value]) =>
    value === undefined || value.length === 0
      ? []
      : [
          html`<div>
            <dt>${textHtml(name)}</dt>
            <dd>${textHtml(typeof value === 'string' ? value : value.join(', '))}</dd>
          </div>`,
        ],
  );
  return html`<dl>${rows}</dl>
    ${format === 'markdown' ? markdownHtml(body) : plainHtml(body)}`;
}

function tableHtml(columns: readonly string[], rows: readonly (readonly string[])[]): Html {
  const heads = columns.map((column) => html`<th scope="col">${textHtml(column)}</th>`);
  const lines = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell) => html`<td>${textHtml(cell)}</td>`)}
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}

function diffHtml(before: string, after: string): Html {
  const parts = diffLines(before, after, { timeout: longestDiffMs }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  const lines = parts.map(({ value, added, removed }) => {
    const text = textHtml(value);
    if (added) return html`<ins>${text}</ins>`;
    return removed ? html`<del>${text}</del>` : html`<span>${text}</span>`;
  });
  return html`<pre class="diff">${lines}</pre>`;
}
