import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { passkeyAdminSchema, passkeyRulesSchema, passkeysResetSchema } from '../contract/passkeys.ts';
import { addRoute } from '../openapi/add-route.ts';
import { siteOf } from '../passkey-site.ts';
import { changePasskeyRules, readPasskeyAdmin, resetPasskeys } from '../store/manage-passkeys.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { needFresh } from './passkey-routes.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** The administrators' part of passkeys: rules for all users, and the reset of a user's. */
export function passkeyAdminRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'passkeys';
  addRoute(
    routes,
    {
      method: 'get',
      path: '/admin/passkeys',
      tag,
      summary: 'Show the rules of passkeys, who has one, and the latest refusals',
      answer: passkeyAdminSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json(await readPasskeyAdmin(store));
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/admin/passkeys',
      tag,
      summary: 'Change the rules of passkeys',
      body: passkeyRulesSchema,
      answer: passkeyRulesSchema,
      errors: [409],
    },
    async (c) => {
      const { name } = admin(c);
      await needFresh(store, c);
      const { parsed } = await readBody(c, passkeyRulesSchema);
      const site = siteOf(store);
      if ('problem' in site && (parsed.required !== 'optional' || parsed.stepUp === 'required'))
        throw new HTTPException(409, { message: site.problem });
      await changePasskeyRules(store, parsed, name);
      return c.json(parsed);
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/users/{name}/passkeys',
      tag,
      summary: 'Remove all passkeys of another user, and end the sessions',
      answer: passkeysResetSchema,
      errors: [404, 409],
    },
    async (c) => {
      const { name: own } = admin(c);
      const name = c.req.param('name');
      if (name === own)
        throw new HTTPException(409, {
          message: 'Another administrator resets your passkeys. You remove one of your own in the user menu.',
        });
      await needFresh(store, c);
      const ended = await resetPasskeys(store, name, own);
      if (ended === undefined) throw new HTTPException(404, { message: 'There is no such user.' });
      return c.json(ended);
    },
  );
  return routes;
}
