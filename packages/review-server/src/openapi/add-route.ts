import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { IDEMPOTENCY_KEY_HEADER, idempotencyKeySchema, wireErrorSchema } from '@holdpoint/cheqpoint/wire';
import type { Context, Env } from 'hono';

/** A route with its entry in the OpenAPI document. */
export type DocumentedRoute = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{names}` in braces. */
  path: string;
  tag:
    | 'cheqpoint'
    | 'sign-in'
    | 'approvals'
    | 'users'
    | 'groups'
    | 'passkeys'
    | 'keys'
    | 'runs'
    | 'assistants'
    | 'rules'
    | 'deliveries'
    | 'audit';
  summary: string;
  body?: z.ZodType;
  query?: z.ZodObject;
  /** Schema of the JSON answer, or media types separated by a comma and a space. */
  answer?: z.ZodType | string;
  /** @default 200 */
  status?: number;
  /** True if it needs no sign-in. @default true for the tag `sign-in` with the method `post` */
  open?: boolean;
  /** Error statuses beside 400, 401 and 403. */
  errors?: readonly number[];
};

/** `/a/{id}` as Hono writes it: `/a/:id`. */
type HonoPath<Path extends string> = Path extends `${infer Before}{${infer Name}}${infer After}`
  ? `${Before}:${Name}${HonoPath<After>}`
  : Path;

/** The meaning of an error status, the same on every route. */
const errorTexts: Readonly<Record<number, string>> = {
  400: 'The request is not valid. The text names each bad field.',
  401: 'The key or sign-in is missing, unknown or ended. The text says what to do.',
  403: 'The sign-in lacks the role.',
  404: 'It does not exist, or belongs to another assistant.',
  409: 'It is taken, was used for another request, or is decided already.',
  410: 'This database did not make the cursor. Start over without it.',
  413: 'The body is too large.',
  423: 'The assistant is paused.',
  503: 'A dependency does not answer, or the server has too many open streams. The body says which.',
  429: 'Too many wrong passwords or open streams. Retry-After says how long to wait.',
};

/**
 * Adds a route and documents it. The handler reads the request with `check` and `readBody`: the validators of
 * zod-openapi run before the sign-in check, refuse bodies with another content type, and round large numbers.
 */
export function addRoute<E extends Env, Path extends string>(
  app: OpenAPIHono<E>,
  route: DocumentedRoute & { path: Path },
  handler: (c: Context<E, HonoPath<Path>>) => Response | Promise<Response>,
): void {
  const described = describe(route);
  app.openAPIRegistry.registerPath(described);
  app.on(route.method, described.getRoutingPath(), handler);
}

function describe({
  method,
  path,
  tag,
  summary,
  body,
  query,
  answer,
  status = 200,
  errors = [],
  open = tag === 'sign-in' && method === 'post',
}: DocumentedRoute) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const isHealth = path === '/healthz' || path === '/readyz';
  const byKey = tag === 'cheqpoint' && !isHealth;
  const isOpen = isHealth || open;
  const isRepeatable = byKey && method === 'post' && names.length === 0;
  const statuses = [
    ...(body === undefined && query === undefined ? [] : [400]),
    ...(isHealth ? [] : [401]),
    ...(byKey || tag === 'sign-in' || isOpen ? [] : [403]),
    ...errors,
  ].toSorted((a, b) => a - b);
  return createRoute({
    method,
    path,
    tags: [tag],
    summary,
    security: isOpen ? [] : [{ [byKey ? 'connectionKey' : 'signIn']: [] }],
    request: {
      ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(query && { query }),
      ...(isRepeatable && { headers: z.object({ [IDEMPOTENCY_KEY_HEADER]: idempotencyKeySchema.optional() }) }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      [status]: { description: 'Success.', ...contentOf(answer) },
      ...Object.fromEntries(
        statuses.map((code) => [
          code,
          { description: errorTexts[code] ?? '', content: { 'application/json': { schema: wireErrorSchema } } },
        ]),
      ),
    },
  });
}

function contentOf(answer: DocumentedRoute['answer']): object {
  if (answer === undefined) return {};
  if (typeof answer !== 'string') return { content: { 'application/json': { schema: answer } } };
  return { content: Object.fromEntries(answer.split(', ').map((type) => [type, { schema: { type: 'string' } }])) };
}
