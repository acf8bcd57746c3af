import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  connectionKeySchema,
  createKeySchema,
  keyListSchema,
  listKeysSchema,
  newKeySchema,
  rotateKeySchema,
  type ConnectionKey,
} from '../contract/review-admin.ts';
import { addRoute } from '../openapi/add-route.ts';
import { createKey, listKeys, revokeKey, rotateKey, type KeyChange } from '../store/manage-keys.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { check, readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Connection Keys: list, create, rotate, revoke. */
export function keyRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/keys',
      tag: 'keys',
      summary: 'List Connection Keys, masked',
      query: listKeysSchema,
      answer: keyListSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json({ keys: await listKeys(store, check(listKeysSchema, c.req.query()).assistant) });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/keys',
      tag: 'keys',
      summary: 'Create a Connection Key; only this answer shows it',
      body: createKeySchema,
      answer: newKeySchema,
      status: 201,
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, createKeySchema);
      return c.json(await createKey(store, parsed.assistant, name), 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/keys/{id}/rotate',
      tag: 'keys',
      summary: 'Replace a key by a new one',
      body: rotateKeySchema,
      answer: newKeySchema,
      status: 201,
      errors: [404, 409],
    },
    async (c) => {
      const { name } = admin(c);
      const { parsed } = await readBody(c, rotateKeySchema, {});
      return c.json(done(await rotateKey(store, c.req.param('id'), parsed.overlapSeconds, name)), 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/keys/{id}/revoke',
      tag: 'keys',
      summary: 'Revoke a key at once',
      answer: connectionKeySchema,
      errors: [404],
    },
    async (c) => {
      const { name } = admin(c);
      return c.json(done(await revokeKey(store, c.req.param('id'), name)));
    },
  );
  return routes;
}

function done<Result>(change: KeyChange<Result>): Result {
  if (change.outcome === 'done') return change.result;
  if (change.outcome === 'not-found')
    throw new HTTPException(404, { message: 'There is no key with this id. GET /reviewer-api/keys lists the keys.' });
  throw new HTTPException(409, { message: endedText(change.key) });
}

function endedText({ masked, state, expiresAt, revokedAt, assistant }: ConnectionKey): string {
  const text = state === 'retiring' ? `was replaced and works until ${expiresAt}` : `ended on ${revokedAt}`;
  return `The key ${masked} ${text}. Rotate the one that replaced it, or create a new one for "${assistant}".`;
}
