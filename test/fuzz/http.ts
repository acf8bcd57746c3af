import type { OpenAPIHono } from '@hono/zod-openapi';
import fc, { type Arbitrary } from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { deepText, json, jsonText, mutated, spoiled, text } from './arbitraries.ts';
import { must, ServerError } from './target.ts';

/** One route of an OpenAPI document. */
export type Operation = { method: string; path: string; query: string[]; body?: Json };

/** One request, as data: so that it can be printed and shrunk. */
export type OddRequest = {
  route: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: { content: string; encoding: 'utf8' | 'latin1' | 'utf16le'; cutBytes: number };
};

type Document = { paths?: Record<string, Record<string, unknown>>; components?: { schemas?: JsonObject } };

/** The routes of an app that its OpenAPI document has. References are replaced by their schemas. */
export function operationsOf(document: unknown): Operation[] {
  const { paths = {}, components = {} } = JSON.parse(JSON.stringify(document)) as Document;
  const resolve = (schema: Json, depth = 0): Json => {
    if (Array.isArray(schema)) return schema.map((part) => resolve(part, depth));
    if (!isJsonObject(schema)) return schema;
    const name = /^#\/components\/schemas\/(.+)$/.exec(typeof schema['$ref'] === 'string' ? schema['$ref'] : '')?.[1];
    if (name !== undefined) return depth > 5 ? {} : resolve(components.schemas?.[name] ?? {}, depth + 1);
    return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, resolve(part, depth)]));
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]): Operation => {
      const { parameters = [], requestBody } = each as {
        parameters?: Array<{ name: string; in: string }>;
        requestBody?: { content: Record<string, { schema: Json }> };
      };
      const body = requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase(),
        path,
        query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        ...(body !== undefined && { body: resolve(body) }),
      };
    }),
  );
}

/** Routes that an app serves, as `GET /a/{id}`. Middleware is left out. */
export function servedRoutes(app: Pick<OpenAPIHono, 'routes'>): string[] {
  const routes = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);
  return [...new Set(routes)];
}

const segment = fc.oneof(
  { weight: 2, arbitrary: text.map((each) => encodeURIComponent(each.toWellFormed())) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%', '%ff', '%E0%A4%A', '%00', '%2e%2e', '..', '', '%2F', 'x'.repeat(2_000)),
  },
);

const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '"',
    '"a"',
    '"\\',
    '"a", "b"',
    ';',
    '=?',
    'Bearer',
    'Bearer x',
    'Basic Og==',
    '*/*',
    '-1',
    '0',
    '99999999999999',
    'gzip',
    'application/json; charset=utf-16',
    'text/plain',
    '127.0.0.1',
    '::1, x',
    'null',
    'http://evil.example',
    'a=b; a=b; __Host-x=%zz',
    '1e400',
  ),
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 200,
  }),
);
const headerName = fc.constantFrom(
  'content-type',
  'idempotency-key',
  'last-event-id',
  'content-length',
  'accept',
  'cookie',
  'origin',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-cheqpoint-signature',
  'x-api-key',
  'authorization',
  'user-agent',
  'if-none-match',
  'range',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-http-method-override',
  'content-encoding',
  'expect',
);

export type RequestOptions = {
  operations: readonly Operation[];
  /** Values that exist, by the name of the path, query or body field. */
  known: Record<string, readonly Json[]>;
  /** Headers of the callers, those without a sign-in included. */
  callers: ReadonlyArray<Record<string, string>>;
};

/** Requests for every route: valid ones, and the same with odd parts. */
export function requestsFor({ operations, known, callers }: RequestOptions): Arbitrary<OddRequest> {
  const oneKnown = (field: string) => (known[field]?.length ? fc.constantFrom(...known[field]) : undefined);
  const orKnown = (field: string, odd: Arbitrary<string>): Arbitrary<string> => {
    const own = oneKnown(field)?.map((value) =>
      encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value)),
    );
    return own === undefined ? odd : fc.oneof({ weight: 3, arbitrary: own }, { weight: 1, arbitrary: odd });
  };
  const pathOf = (template: string) => {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    return fc
      .tuple(...names.map((name) => orKnown(name, segment)))
      .map((values) => names.reduce((path, name, index) => path.replace(`{${name}}`, () => values[index]!), template));
  };
  const queryOf = (names: readonly string[]) =>
    names.length === 0
      ? fc.constant('')
      : fc
          .array(
            fc.constantFrom(...names, 'x', '__proto__').chain((name) =>
              orKnown(
                name,
                text.map((each) => encodeURIComponent(each.toWellFormed())),
              ).map((value) => `${name}=${value}`),
            ),
            { maxLength: 4 },
          )
          .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
  const bodyOf = (schema: Json | undefined): Arbitrary<OddRequest['body']> => {
    const valid = schema === undefined ? json : fromSchema(schema, oneKnown);
    const content = fc.oneof(
      { weight: 5, arbitrary: jsonText(mutated(valid)) },
      { weight: 3, arbitrary: valid.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: jsonText(json) },
      { weight: 1, arbitrary: fc.oneof(text, deepText, fc.constant('')) },
    );
    return fc.record({
      content,
      encoding: fc.oneof({ weight: 12, arbitrary: fc.constant('utf8' as const) }, fc.constantFrom('latin1', 'utf16le')),
      cutBytes: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(3)),
    });
  };
  const headers = fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(callers[0]!) },
        { weight: 3, arbitrary: fc.constantFrom(...callers) },
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([] as Array<[string, string]>) },
        fc.array(fc.tuple(headerName, headerValue), { maxLength: 3 }),
      ),
    )
    .map(([caller, more]) => ({ 'content-type': 'application/json', ...caller, ...Object.fromEntries(more) }));
  const otherMethod = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND');
  return fc.constantFrom(...operations).chain((operation) =>
    fc
      .record({
        method: fc.oneof(
          { weight: 12, arbitrary: fc.constant(operation.method) },
          { weight: 1, arbitrary: otherMethod },
        ),
        path: fc.oneof(
          { weight: 12, arbitrary: pathOf(operation.path) },
          {
            weight: 1,
            arbitrary: spoiled(fc.constant(operation.path)).map(
              (path) => `/${encodeURI(path.toWellFormed()).replace(/^\/+/, '')}`,
            ),
          },
        ),
        query: queryOf(operation.query),
        headers,
        body: bodyOf(operation.body),
      })
      .map(({ method, path, query, headers: given, body }) => ({
        route: `${operation.method} ${operation.path}`,
        method,
        path: `${path}${query}`,
        headers: given,
        ...(method !== 'GET' && method !== 'HEAD' && body !== undefined && { body }),
      })),
  );
}

/** The bytes of a body. */
export function bytesOf({ content, encoding, cutBytes }: NonNullable<OddRequest['body']>): Buffer {
  const bytes = Buffer.from(content, encoding);
  return bytes.subarray(0, bytes.length - Math.min(cutBytes, bytes.length));
}

/** Sends a request to an app. Reads the beginning only of an event stream. */
export async function send(
  app: Pick<OpenAPIHono, 'request' | 'fetch'>,
  { method, path, headers, body }: OddRequest,
): Promise<{ status: number; text: string; type: string } | undefined> {
  let request: Request;
  try {
    request = new Request(`http://127.0.0.1${path}`, { method, headers, ...(body && { body: bytesOf(body) }) });
  } catch {
    // Node's client refuses the header or the address: no such request arrives this way. Raw requests do.
    return undefined;
  }
  // The address of the client, which Node's server has.
  const env = { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } };
  const response = await app.fetch(request, env);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    // The answer to HEAD has no body.
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return { status: response.status, text: '', type };
  }
  return { status: response.status, text: await response.text(), type };
}

/** Fails the input for a status of 500 or above, and for an error without words. */
export function checkAnswer(
  request: OddRequest,
  answer: { status: number; text: string } | undefined,
  allowed: readonly number[] = [],
): void {
  if (answer === undefined) return;
  const { status, text: content } = answer;
  if (status >= 500 && !allowed.includes(status))
    throw new ServerError(`${request.route} answered ${status}: ${content.slice(0, 500)}`);
  if (status < 400 || request.method === 'HEAD' || content === '') return;
  const { error } = JSON.parse(content) as { error?: string | { code?: string; message?: string } };
  const words = typeof error === 'string' ? error : error?.message;
  must(typeof words === 'string' && words.trim() !== '', `${request.route} answered ${status} without words.`);
}

/** Values that fit a schema of an OpenAPI document. */
function fromSchema(
  schema: Json,
  oneKnown: (field: string) => Arbitrary<Json> | undefined,
  field = '',
): Arbitrary<Json> {
  const own = oneKnown(field);
  if (own !== undefined) return own;
  if (!isJsonObject(schema)) return json;
  if ('const' in schema) return fc.constant(schema['const'] ?? null);
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return fc.constantFrom(...schema['enum']);
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches) && branches.length > 0)
    return fc.oneof(...branches.map((branch) => fromSchema(branch, oneKnown, field)));
  const [type] = [schema['type']].flat();
  switch (type) {
    case 'string':
      return fc.oneof({ weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) }, text);
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 0.5, 1, -1, 1e15));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fromSchema(schema['items'] ?? {}, oneKnown, field), { maxLength: 3 });
    default: {
      const { properties, required = [] } = schema;
      if (!isJsonObject(properties))
        return type === 'object' ? fc.dictionary(fc.string({ maxLength: 6 }), json, { maxKeys: 3 }) : json;
      const parts = Object.entries(properties).map(([key, part]) => {
        const value = fromSchema(part, oneKnown, key).map((each): Array<[string, Json]> => [[key, each]]);
        return (required as string[]).includes(key) ? value : fc.oneof(value, fc.constant<Array<[string, Json]>>([]));
      });
      return fc.tuple(...parts).map((entries) => Object.fromEntries(entries.flat()));
    }
  }
}
