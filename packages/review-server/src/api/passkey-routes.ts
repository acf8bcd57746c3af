import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import {
  addPasskeySchema,
  creationOptionsSchema,
  ownPasskeysSchema,
  passkeySchema,
  provePasskeySchema,
  renamePasskeySchema,
  requestOptionsSchema,
  type OwnPasskeys,
} from '../contract/passkeys.ts';
import { addRoute } from '../openapi/add-route.ts';
import { siteOf } from '../passkey-site.ts';
import { makeChallenge } from '../store/challenges.ts';
import { checkAssertion, recordRefusal, refusalTexts } from '../store/check-assertion.ts';
import { isFresh, rememberProof } from '../store/manage-passkeys.ts';
import {
  addPasskey,
  creationOptions,
  listPasskeys,
  mustHavePasskey,
  readPasskeyRules,
  removePasskey,
  renamePasskey,
  requestOptions,
  toPasskey,
} from '../store/passkeys.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { readBody } from './read-body.ts';
import { signedIn, type ReviewerVariables } from './reviewer-session.ts';
import { tooManyChallenges } from './second-factor.ts';

/** The user's own passkeys: list, add, rename, remove, prove. */
export function passkeyRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'passkeys';
  const neededSite = () => {
    const site = siteOf(store);
    if ('problem' in site) throw new HTTPException(409, { message: site.problem });
    return site;
  };
  addRoute(
    routes,
    { method: 'get', path: '/passkeys', tag, summary: 'List your passkeys', answer: ownPasskeysSchema },
    async (c) => {
      const { id, roles } = signedIn(c);
      const site = siteOf(store);
      return c.json({
        origin: 'problem' in site ? null : site.origin,
        problem: 'problem' in site ? site.problem : null,
        required: mustHavePasskey(await readPasskeyRules(store), roles),
        fresh: await isFresh(store, c.var.session!),
        passkeys: (await listPasskeys(store.database, id)).map(toPasskey),
      } satisfies OwnPasskeys);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/passkeys/options',
      tag,
      summary: 'Begin to add a passkey',
      answer: creationOptionsSchema,
      errors: [409, 429],
    },
    async (c) => {
      const user = signedIn(c);
      const { rpId } = neededSite();
      await needFresh(store, c);
      const made = await makeChallenge(store, { kind: 'register', userId: user.id, sessionId: c.var.session!.id });
      if (made === undefined) throw tooMany();
      return c.json(creationOptions(rpId, made, user, await listPasskeys(store.database, user.id)));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/passkeys',
      tag,
      summary: 'Add a passkey',
      body: addPasskeySchema,
      answer: passkeySchema,
      status: 201,
      errors: [409],
    },
    async (c) => {
      const user = signedIn(c);
      await needFresh(store, c);
      const { parsed } = await readBody(c, addPasskeySchema);
      const added = await addPasskey(store, { user, sessionId: c.var.session!.id, ...parsed });
      if (added.outcome === 'added') return c.json(added.passkey, 201);
      if (added.outcome === 'refused') throw new HTTPException(403, { message: refusalTexts[added.reason] });
      throw new HTTPException(409, {
        message:
          added.outcome === 'known' ? 'This passkey is added already.' : 'You have 20 passkeys. Remove one first.',
      });
    },
  );
  addRoute(
    routes,
    {
      method: 'patch',
      path: '/passkeys/{id}',
      tag,
      summary: 'Rename a passkey',
      body: renamePasskeySchema,
      answer: passkeySchema,
      errors: [404],
    },
    async (c) => {
      const user = signedIn(c);
      await needFresh(store, c);
      const { parsed } = await readBody(c, renamePasskeySchema);
      const change = await renamePasskey(store, user, c.req.param('id'), parsed.name);
      return change.outcome === 'done' ? c.json(change.passkey) : notFound();
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/passkeys/{id}',
      tag,
      summary: 'Remove a passkey',
      answer: passkeySchema,
      errors: [404, 409],
    },
    async (c) => {
      const user = signedIn(c);
      await needFresh(store, c);
      const change = await removePasskey(store, user, c.req.param('id'));
      if (change.outcome === 'done') return c.json(change.passkey);
      if (change.outcome === 'not-found') return notFound();
      throw new HTTPException(409, {
        message: 'You must have a passkey, and this is your last one. Add another one first.',
      });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/passkeys/proof/options',
      tag,
      summary: 'Begin to prove a passkey',
      answer: requestOptionsSchema,
      errors: [409, 429],
    },
    async (c) => {
      const { id } = signedIn(c);
      const { rpId } = neededSite();
      const made = await makeChallenge(store, { kind: 'proof', userId: id, sessionId: c.var.session!.id });
      if (made === undefined) throw tooMany();
      return c.json(requestOptions(rpId, made, await listPasskeys(store.database, id)));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/passkeys/proof',
      tag,
      summary: 'Prove a passkey, for changes in the next ten minutes',
      body: provePasskeySchema,
      answer: z.object({ fresh: z.literal(true) }),
    },
    async (c) => {
      const user = signedIn(c);
      const session = c.var.session!;
      const { parsed } = await readBody(c, provePasskeySchema);
      const check = await store.database.kysely.transaction().execute(async (transaction) => {
        const checked = await checkAssertion(store, transaction, parsed.response, {
          kinds: ['proof'],
          userId: user.id,
          sessionId: session.id,
        });
        if (!checked.ok) await recordRefusal(store, transaction, { user: user.name, purpose: 'proof', check: checked });
        return checked;
      });
      if (!check.ok) throw new HTTPException(403, { message: refusalTexts[check.reason] });
      await rememberProof(store, session);
      return c.json({ fresh: true });
    },
  );
  return routes;
}

/** @throws HTTPException 403 when neither the sign-in nor a proof is fresh. */
export async function needFresh(store: ReviewStore, c: Context<ReviewerVariables>): Promise<void> {
  if (await isFresh(store, c.var.session!)) return;
  throw new HTTPException(403, {
    message:
      'This needs a sign-in, or a proof by passkey, of the last ten minutes. Confirm it with a passkey, or sign out and in again.',
  });
}

function tooMany(): HTTPException {
  return new HTTPException(429, { message: tooManyChallenges.text });
}

function notFound(): never {
  throw new HTTPException(404, { message: 'You have no passkey with this id.' });
}
