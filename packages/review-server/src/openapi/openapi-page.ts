import { html } from 'hono/html';
import type { OpenApiDocument } from './openapi-document.ts';

type Html = ReturnType<typeof html>;
type Schema = {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  description?: string;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};
type Content = { content?: Record<string, { schema?: Schema }> };
type Shown = {
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: Content;
  responses?: Record<string, Content & { description?: string }>;
  security?: Record<string, unknown>[];
};

/** Style of the page, light or dark by the reader's system. */
export const openApiStyle = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
nav a { margin-right: 1rem; }
article { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; overflow-x: auto; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
h3 b { text-transform: uppercase; margin-right: .5rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
small { font-weight: normal; }
summary { cursor: pointer; margin-top: .5rem; }
`;

/** The document as a page without scripts and external files. */
export function openApiPage(document: OpenApiDocument): Html {
  const shown = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Shown>).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(shown.flatMap(({ operation }) => operation.tags ?? []))];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} · API</title>
        <link rel="stylesheet" href="/openapi.css" />
      </head>
      <body>
        <h1>${document.info.title} ${document.info.version}</h1>
        <p>
          Cheqpoint’s API takes a Connection Key in the header <code>x-api-key</code>; the reviewers’ takes a sign-in as
          <code>authorization: Bearer …</code>. Every error is <code>{ "error": "…" }</code>. For programs:
          <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
        </p>
        <nav aria-label="Parts">${tags.map((tag) => html`<a href="#${tag}">${tag}</a> `)}</nav>
        ${tags.map(
          (tag) =>
            html`<h2 id="${tag}">${tag}</h2>
              ${shown.filter(({ operation }) => operation.tags?.includes(tag)).map(article)}`,
        )}
      </body>
    </html>`;
}

function article({ path, method, operation }: { path: string; method: string; operation: Shown }): Html {
  const answers = Object.entries(operation.responses ?? {});
  return html`<article>
    <h3><b>${method}</b><code>${path}</code></h3>
    <p>${operation.summary}.</p>
    ${
      (operation.parameters?.length ?? 0) > 0
        ? html`<details>
            <summary>Parameters</summary>
            <table>
              ${operation.parameters?.map((each) => row(`${each.name} (${each.in})`, each.schema ?? {}, each.required === true))}
            </table>
          </details>`
        : ''
    }
    ${
      operation.requestBody === undefined
        ? ''
        : html`<details>
            <summary>Body</summary>
            ${fields(schemaOf(operation.requestBody))}
          </details>`
    }
    ${answers
      .filter(([status]) => status < '300')
      .map(
        ([status, answer]) =>
          html`<details>
            <summary>${status}: answer</summary>
            ${answer.content?.['application/json'] === undefined ? html`<p>${Object.keys(answer.content ?? {}).join(' or ') || 'JSON without fields of note'}</p>` : fields(schemaOf(answer))}
          </details>`,
      )}
    ${
      answers.filter(([status]) => status >= '300').length === 0
        ? ''
        : html`<details>
            <summary>Errors</summary>
            <table>
              ${answers
                .filter(([status]) => status >= '300')
                .map(
                  ([status, { description }]) =>
                    html`<tr>
                      <th>${status}</th>
                      <td>${description}</td>
                    </tr>`,
                )}
            </table>
          </details>`
    }
  </article>`;
}

function schemaOf({ content }: Content): Schema {
  return content?.['application/json']?.schema ?? {};
}

function fields(schema: Schema): Html {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined)
    return html`${alternatives.map((each, index) => html`${index === 0 ? '' : html`<p>or</p>`}${fields(each)}`)}`;
  if (schema.items !== undefined && schema.properties === undefined)
    return html`<p>A list of:</p>
      ${fields(schema.items)}`;
  if (schema.properties === undefined) return html`<p><code>${typeOf(schema)}</code></p>`;
  return html`<table>
    ${Object.entries(schema.properties).map(([name, field]) => row(name, field, schema.required?.includes(name) === true))}
  </table>`;
}

function row(name: string, field: Schema, required: boolean): Html {
  const inner = field.properties ?? field.items?.properties;
  return html`<tr>
    <th><code>${name}</code>${required ? '' : html` <small>optional</small>`}</th>
    <td>
      <code>${typeOf(field)}</code> ${field.description ?? ''}${
        inner === undefined
          ? ''
          : html`<details>
              <summary>${field.items === undefined ? 'fields' : 'each'}</summary>
              ${fields(field.items ?? field)}
            </details>`
      }
    </td>
  </tr>`;
}

function typeOf(schema: Schema): string {
  const { type, format, enum: values, maxLength, minimum, maximum, default: preset } = schema;
  const name =
    schema.const !== undefined
      ? JSON.stringify(schema.const)
      : values !== undefined
        ? values.map((value) => JSON.stringify(value)).join(' | ')
        : [type].flat().filter(Boolean).join(' | ') || 'any value';
  const limits = [
    format,
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    minimum === undefined && maximum === undefined ? '' : `${minimum ?? '…'} to ${maximum ?? '…'}`,
    preset === undefined ? '' : `default ${JSON.stringify(preset)}`,
  ].filter(Boolean);
  return limits.length === 0 ? name : `${name} (${limits.join(', ')})`;
}
