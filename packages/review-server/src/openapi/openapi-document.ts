import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import {
  CONNECTION_KEY_HEADER,
  IDEMPOTENCY_KEY_HEADER,
  idempotencyKeySchema,
  wireErrorSchema,
} from '@holdpoint/cheqpoint/wire';
import { operations, type Operation } from './operations.ts';

/** What a status means, whatever the route. */
const refusals: Readonly<Record<number, string>> = {
  400: 'What was sent can’t be used; the text names each bad field.',
  401: 'No key or sign-in, or one that does not work; the text says what to do.',
  403: 'The sign-in lacks the role.',
  404: 'There is no such thing, or it is another assistant’s.',
  409: 'It is taken, used otherwise, or decided already.',
  413: 'The body is too large.',
  423: 'The assistant is paused.',
  429: 'Too many wrong passwords; Retry-After says how long to wait.',
};

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI document of the whole server, made from the schemas that check what comes in. */
export function createOpenApiDocument(): OpenApiDocument {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'connectionKey', {
    type: 'apiKey',
    in: 'header',
    name: CONNECTION_KEY_HEADER,
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'signIn', { type: 'http', scheme: 'bearer' });
  for (const operation of operations) app.openAPIRegistry.registerPath(toRoute(operation));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint review server',
      version: manifest.version,
      description:
        'Cheqpoint’s API, and the reviewers’ and administrators’ own. Every error is `{ "error": "<text>" }`.',
    },
  });
}

function toRoute({
  method,
  path,
  tag,
  summary,
  body,
  query,
  answer,
  status = 200,
  errors = [],
}: Operation): RouteConfig {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const byKey = path.startsWith('/api/');
  const open = path === '/healthz' || (tag === 'sign-in' && method === 'post');
  const repeatable = byKey && method === 'post' && names.length === 0;
  const all = [
    ...(body === undefined && query === undefined ? [] : [400]),
    ...(path === '/healthz' ? [] : [401]),
    ...(byKey || tag === 'sign-in' || open ? [] : [403]),
    ...errors,
  ].toSorted((a, b) => a - b);
  return {
    method,
    path,
    tags: [tag],
    summary,
    security: open ? [] : [{ [byKey ? 'connectionKey' : 'signIn']: [] }],
    request: {
      ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(query && { query }),
      ...(repeatable && { headers: z.object({ [IDEMPOTENCY_KEY_HEADER]: idempotencyKeySchema.optional() }) }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      [status]: { description: 'Done.', ...content(answer) },
      ...Object.fromEntries(
        all.map((code) => [
          code,
          { description: refusals[code] ?? '', content: { 'application/json': { schema: wireErrorSchema } } },
        ]),
      ),
    },
  };
}

function content(answer: Operation['answer']): object {
  if (answer === undefined) return {};
  if (typeof answer !== 'string') return { content: { 'application/json': { schema: answer } } };
  return { content: Object.fromEntries(answer.split(', ').map((type) => [type, { schema: { type: 'string' } }])) };
}
