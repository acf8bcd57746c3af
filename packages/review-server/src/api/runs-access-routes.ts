import { OpenAPIHono } from '@hono/zod-openapi';
import { inboxTokenSchema, runsAccessSchema } from '../contract/runs-access.ts';
import type { CallGateway, GatewayAccess } from '../gateway-keys.ts';
import { addRoute } from '../openapi/add-route.ts';
import { withRole, type ReviewerVariables } from './reviewer-session.ts';

export type RunsAccessApi = {
  /** Undefined: this server knows no gateway. */
  gateway: (Pick<GatewayAccess, 'url' | 'publicUrl'> & { call: CallGateway }) | undefined;
};

/**
 * Access of the inbox to the gateway's runs. The page asks the gateway itself, with a token of five minutes that the
 * gateway makes for this server.
 */
export function runsAccessRoutes({ gateway }: RunsAccessApi): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'post',
      path: '/runs-access',
      tag: 'runs',
      summary: 'Make a token with which the inbox reads runs at the gateway',
      answer: runsAccessSchema,
      errors: [503],
    },
    async (c) => {
      const { name: actor, roles } = withRole(c, 'operator', 'admin', 'auditor');
      if (gateway === undefined) return c.json({ access: null });
      const body = { person: actor, mayRetry: roles.includes('operator') };
      const made = await gateway.call(inboxTokenSchema, { path: '/inbox-tokens', actor, body });
      return c.json({ access: { url: gateway.publicUrl ?? gateway.url, ...made } });
    },
  );
  return routes;
}
