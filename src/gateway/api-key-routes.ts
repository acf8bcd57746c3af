import { createRoute, z } from '@hono/zod-openapi';
import { sha256 } from '@holdpoint/json/digest';
import type { ApiCaller } from '@holdpoint/client';
import type { Context } from 'hono';
import {
  callerListSchema,
  callerSchema,
  createCallerSchema,
  newKeySchema,
  newScopesSchema,
  revokeKeySchema,
  rotateKeySchema,
} from '../schemas/rest-api-keys.ts';
import { callerName } from '../schemas/rest.ts';
import { makeApiKey, maskApiKey } from './api-key-form.ts';
import type { GatewayEnv } from './api-key.ts';
import { answers, jsonBody } from './documented.ts';
import type { KnownCallers } from './known-callers.ts';
import type { ApiKeys, GatewayLog, KeyChange } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type ApiKeyRoutesDeps = {
  /** Undefined without a database. */
  apiKeys: ApiKeys | undefined;
  callers: Pick<KnownCallers, 'forget'>;
  log: GatewayLog;
  now: () => Date;
};

const tags = ['api keys'];
const params = z.object({ name: callerName });
const listCallers = createRoute({
  method: 'get',
  path: '/v1/api-keys',
  tags,
  summary: 'List callers and their API keys, newest first',
  responses: answers({ 200: ['All callers, with the removed ones.', callerListSchema] }, 401, 403, 503),
});
const getCaller = createRoute({
  method: 'get',
  path: '/v1/api-keys/{name}',
  tags,
  summary: 'Show a caller and its API keys',
  request: { params },
  responses: answers({ 200: ['The caller.', callerSchema] }, 400, 401, 403, 404, 503),
});
/** Name of the person who orders a change through another program, percent-encoded. */
const headers = z.object({
  'x-holdpoint-actor': z.string().max(600).optional().meta({
    description: 'Name of the person who orders the change, percent-encoded. It is noted beside the caller.',
  }),
});
const createCaller = createRoute({
  method: 'post',
  path: '/v1/api-keys',
  tags,
  summary: 'Create a caller with its first API key',
  description: 'The answer has the only copy of the key.',
  request: { headers, body: jsonBody(createCallerSchema) },
  responses: answers({ 201: ['The new key.', newKeySchema] }, 400, 401, 403, 409, 413, 415, 503),
});
const rotateKey = createRoute({
  method: 'post',
  path: '/v1/api-keys/{name}/rotate',
  tags,
  summary: "Replace a caller's API key",
  description: 'Both keys are accepted until the overlap ends. The answer has the only copy of the new one.',
  request: { params, headers, body: jsonBody(rotateKeySchema) },
  responses: answers({ 201: ['The new key.', newKeySchema] }, 400, 401, 403, 404, 409, 413, 415, 503),
});
const setScopes = createRoute({
  method: 'post',
  path: '/v1/api-keys/{name}/scopes',
  tags,
  summary: "Replace a caller's permissions",
  description: 'Every gateway acts on them within two seconds.',
  request: { params, headers, body: jsonBody(newScopesSchema) },
  responses: answers({ 200: ['The caller.', callerSchema] }, 400, 401, 403, 404, 409, 413, 415, 503),
});
const revokeKey = createRoute({
  method: 'post',
  path: '/v1/api-keys/{name}/revoke',
  tags,
  summary: 'Remove a caller with its API keys, or end one key',
  description: 'Every gateway refuses the keys within two seconds. The runs of the caller go on.',
  request: { params, headers, body: jsonBody(revokeKeySchema) },
  responses: answers({ 200: ['The caller.', callerSchema] }, 400, 401, 403, 404, 409, 413, 415, 503),
});

/** Routes that manage callers and their API keys. */
export function apiKeyRoutes({ apiKeys, callers, log, now }: ApiKeyRoutesDeps): GatewayRouter {
  const app = createRouter();
  const at = () => now().getTime();
  const store = (): ApiKeys => {
    if (apiKeys !== undefined) return apiKeys;
    throw new RestFailure(
      'api-keys-not-set-up',
      'This gateway has no database, so HOLDPOINT_API_KEY is its only key. Set HOLDPOINT_DATABASE_URL.',
    );
  };
  const notFound = (name: string, key?: string) =>
    new RestFailure(
      'caller-not-found',
      key === undefined ? `There is no caller "${name}".` : `There is no caller "${name}" with the key "${key}".`,
    );
  /** Notes a change in the log, and answers what came of it. */
  const changed = <Result>(
    change: KeyChange<Result>,
    { c, name, event, key }: { c: Context<GatewayEnv>; name: string; event: string; key?: string | undefined },
  ): Result => {
    callers.forget();
    if (change.outcome === 'not-found') throw notFound(name, key);
    if (change.outcome === 'not-active') throw new RestFailure('api-key-not-active', change.why);
    log.info({ caller: name, by: actorOf(c), ...(key !== undefined && { key }) }, event);
    return change.result;
  };

  app.openapi(listCallers, async (c) => c.json({ callers: await store().list(at()) }, 200));
  app.openapi(getCaller, async (c) => {
    const { name } = c.req.valid('param');
    const caller: ApiCaller | undefined = await store().get(name, at());
    if (caller === undefined) throw notFound(name);
    return c.json(caller, 200);
  });
  app.openapi(createCaller, async (c) => {
    const { name, scopes } = c.req.valid('json');
    const { secret, key } = newKey();
    const made = await store().create({ name, scopes, key, by: actorOf(c), at: at() });
    if (made.outcome === 'exists')
      throw new RestFailure(
        'caller-exists',
        `A caller has or had the name "${name}". Its runs would be those of the new one. Choose another name.`,
        'body.name',
      );
    return c.json({ ...changed(made, { c, name, event: 'API key created.' }), secret }, 201);
  });
  app.openapi(rotateKey, async (c) => {
    const { name } = c.req.valid('param');
    const { overlapSeconds, key: replaces } = c.req.valid('json');
    const { secret, key } = newKey();
    const order = { name, key, replaces, overlapMs: overlapSeconds * 1000, by: actorOf(c), at: at() };
    const rotated = changed(await store().rotate(order), { c, name, event: 'API key rotated.' });
    return c.json({ ...rotated, secret }, 201);
  });
  app.openapi(setScopes, async (c) => {
    const { name } = c.req.valid('param');
    const order = { name, scopes: c.req.valid('json'), at: at() };
    return c.json(changed(await store().setScopes(order), { c, name, event: 'Permissions changed.' }), 200);
  });
  app.openapi(revokeKey, async (c) => {
    const { name } = c.req.valid('param');
    const { key } = c.req.valid('json');
    const order = { name, key, by: actorOf(c), at: at() };
    return c.json(changed(await store().revoke(order), { c, name, key, event: 'API key revoked.' }), 200);
  });
  return app;
}

/** A new key, and what the store gets of it. */
function newKey() {
  const secret = makeApiKey();
  return { secret, key: { hash: sha256(secret), masked: maskApiKey(secret) } };
}

/** Who orders a change: the caller, and the person in its header `x-holdpoint-actor`. */
function actorOf(c: Context<GatewayEnv>): string {
  const { name } = c.get('access').caller;
  const given = c.req.header('x-holdpoint-actor');
  if (given === undefined) return name;
  let person: string;
  try {
    person = decodeURIComponent(given);
  } catch {
    throw new RestFailure('invalid-request', 'must be percent-encoded UTF-8', 'header.x-holdpoint-actor');
  }
  return `${person} (${name})`;
}
