import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { createKeySchema, listKeysSchema, rotateKeySchema, type ConnectionKey } from '../contract/review-admin.ts';
import { createKey, listKeys, revokeKey, rotateKey, type KeyChange } from '../store/manage-keys.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { check, readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Connection Keys: made, shown once, masked, rotated, revoked. */
export function keyRoutes(store: ReviewStore): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  routes.get('/', async (c) => {
    adminOrAuditor(c);
    return c.json({ keys: await listKeys(store, check(listKeysSchema, c.req.query()).assistant) });
  });
  routes.post('/', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, createKeySchema);
    return c.json(await createKey(store, parsed.assistant, name), 201);
  });
  routes.post('/:id/rotate', async (c) => {
    const { name } = admin(c);
    const { parsed } = await readBody(c, rotateKeySchema, {});
    return c.json(done(await rotateKey(store, c.req.param('id'), parsed.overlapSeconds, name)), 201);
  });
  routes.post('/:id/revoke', async (c) => {
    const { name } = admin(c);
    return c.json(done(await revokeKey(store, c.req.param('id'), name)));
  });
  return routes;
}

function done<Result>(change: KeyChange<Result>): Result {
  if (change.outcome === 'done') return change.result;
  if (change.outcome === 'not-found')
    throw new HTTPException(404, { message: 'There is no key with this id; the list of keys has those there are.' });
  throw new HTTPException(409, { message: endedText(change.key) });
}

function endedText({ masked, state, expiresAt, revokedAt, assistant }: ConnectionKey): string {
  const text = state === 'retiring' ? `was replaced and works until ${expiresAt}` : `ended on ${revokedAt}`;
  return `The key ${masked} ${text}. Rotate the one that replaced it, or make a new one for "${assistant}".`;
}
