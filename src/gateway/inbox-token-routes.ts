import { createRoute, z } from '@hono/zod-openapi';
import type { InboxTokens } from '../domain/inbox-token.ts';
import { answers, jsonBody } from './documented.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type InboxTokenRoutesDeps = { inboxTokens: InboxTokens; now: () => Date };

/** How long a token is accepted. The page asks for another one before. */
const lifetimeMs = 5 * 60_000;

const askSchema = z
  .object({
    person: z.string().min(1, 'must not be empty').max(200).meta({ description: 'The person who looks at runs.' }),
    mayRetry: z.boolean().meta({ description: 'Whether the person may resume parked runs.' }),
  })
  .strict()
  .meta({ id: 'AskInboxToken' });
const tokenSchema = z
  .object({ token: z.string(), expiresAt: z.iso.datetime(), mayRetry: z.boolean() })
  .meta({ id: 'InboxToken' });

const makeToken = createRoute({
  method: 'post',
  path: '/v1/inbox-tokens',
  tags: ['inbox'],
  summary: 'Make a token for the runs pages of the inbox',
  description:
    'For the review server. The token has the permission to read of this caller, for five minutes. With `mayRetry` it can resume the parked runs that the caller may control. Other routes refuse it.',
  request: { body: jsonBody(askSchema) },
  responses: answers({ 201: ['The token.', tokenSchema] }, 400, 401, 403, 413, 415, 503),
});

/** The route that makes tokens for the inbox. */
export function inboxTokenRoutes({ inboxTokens, now }: InboxTokenRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(makeToken, async (c) => {
    const { caller } = c.get('access');
    const { person, mayRetry: asked } = c.req.valid('json');
    const mayRetry = asked && caller.scopes.control !== 'none';
    const expiresAt = now().getTime() + lifetimeMs;
    const token = inboxTokens.make({ caller: caller.name, person, mayRetry, expiresAt });
    return c.json({ token, expiresAt: new Date(expiresAt).toISOString(), mayRetry }, 201);
  });
  return app;
}
