import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  createGatewayCallerSchema,
  gatewayCallerListSchema,
  gatewayCallerSchema,
  newGatewayKeySchema,
  revokeGatewayKeySchema,
  rotateGatewayKeySchema,
} from '../contract/gateway-keys.ts';
import type { CallGateway } from '../gateway-keys.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { AuditEvent } from '../contract/audit-event.ts';
import { appendAudit, type NewAuditEntry } from '../store/audit.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/**
 * API keys of the gateway's callers. The gateway has them. This server passes an administrator's orders on, and audits
 * those that the gateway has carried out.
 */
export function gatewayKeyRoutes(
  store: ReviewStore,
  callGateway: CallGateway | undefined,
): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  const gateway = (): CallGateway => {
    if (callGateway !== undefined) return callGateway;
    throw new HTTPException(503, {
      message:
        'This server does not know the gateway. Set HOLDPOINT_REVIEW_GATEWAY_URL and HOLDPOINT_REVIEW_GATEWAY_KEY, or use holdpoint api-keys.',
    });
  };
  const audit = async (actor: string, event: AuditEvent, subject: string, facts: NewAuditEntry['facts']) =>
    store.database.kysely.transaction().execute(async (transaction) => {
      const at = store.clock().toISOString();
      await appendAudit(transaction, { at, actor: `reviewer:${actor}`, event, subject, facts });
    });
  const pathOf = (name: string, rest: string) => `/api-keys/${encodeURIComponent(name)}${rest}`;

  addRoute(
    routes,
    {
      method: 'get',
      path: '/gateway-keys',
      tag: 'keys',
      summary: "List the gateway's callers and their API keys, masked",
      answer: gatewayCallerListSchema,
      errors: [503],
    },
    async (c) => {
      const { name: actor } = adminOrAuditor(c);
      if (callGateway === undefined) return c.json({ isSetUp: false, callers: [] });
      const answer = await callGateway(gatewayCallerListSchema.omit({ isSetUp: true }), { path: '/api-keys', actor });
      return c.json({ isSetUp: true, callers: answer.callers });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/gateway-keys',
      tag: 'keys',
      summary: 'Create a caller of the gateway with an API key; only this answer shows it',
      body: createGatewayCallerSchema,
      answer: newGatewayKeySchema,
      status: 201,
      errors: [409, 503],
    },
    async (c) => {
      const { name: actor } = admin(c);
      const { parsed: body } = await readBody(c, createGatewayCallerSchema);
      const made = await gateway()(newGatewayKeySchema, { path: '/api-keys', actor, body });
      const scopes = JSON.stringify(made.caller.scopes);
      await audit(actor, 'gateway-key-added', made.caller.name, { key: made.key.masked, scopes });
      return c.json(made, 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/gateway-keys/{name}/rotate',
      tag: 'keys',
      summary: "Replace the API key of a gateway's caller",
      body: rotateGatewayKeySchema,
      answer: newGatewayKeySchema,
      status: 201,
      errors: [404, 409, 503],
    },
    async (c) => {
      const { name: actor } = admin(c);
      const { parsed: body } = await readBody(c, rotateGatewayKeySchema, {});
      const made = await gateway()(newGatewayKeySchema, { path: pathOf(c.req.param('name'), '/rotate'), actor, body });
      const { key, replaced, caller } = made;
      await audit(actor, 'gateway-key-rotated', caller.name, {
        key: replaced?.masked ?? null,
        replacedBy: key.masked,
        overlapSeconds: body.overlapSeconds,
      });
      return c.json(made, 201);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/gateway-keys/{name}/revoke',
      tag: 'keys',
      summary: "Remove a gateway's caller, or end one of its API keys",
      body: revokeGatewayKeySchema,
      answer: gatewayCallerSchema,
      errors: [404, 503],
    },
    async (c) => {
      const { name: actor } = admin(c);
      const { parsed: body } = await readBody(c, revokeGatewayKeySchema, {});
      const path = pathOf(c.req.param('name'), '/revoke');
      const caller = await gateway()(gatewayCallerSchema, { path, actor, body });
      await audit(actor, 'gateway-key-revoked', caller.name, {
        key: caller.keys.find(({ id }) => id === body.key)?.masked ?? null,
      });
      return c.json(caller);
    },
  );
  return routes;
}
