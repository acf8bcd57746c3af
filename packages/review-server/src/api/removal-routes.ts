import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { removalReportSchema, removeApprovalsSchema, shortestRetentionMs } from '../contract/removals.ts';
import { addRoute } from '../openapi/add-route.ts';
import { eraseSubject, purgeApprovals } from '../store/retention.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin } from './admin-access.ts';
import { readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Retention and erasure, by an administrator. */
export function removalRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'post',
      path: '/removals',
      tag: 'audit',
      summary: 'Remove approvals decided before a time, or about a subject',
      body: removeApprovalsSchema,
      answer: removalReportSchema,
    },
    async (c) => {
      const actor = `reviewer:${admin(c).name}`;
      const { parsed } = await readBody(c, removeApprovalsSchema);
      const { dryRun } = parsed;
      if ('field' in parsed)
        return c.json(await eraseSubject(store, { field: parsed.field, value: parsed.value, actor, dryRun }));
      const before = new Date(parsed.decidedBefore);
      if (store.clock().getTime() - before.getTime() < shortestRetentionMs)
        throw new HTTPException(400, { message: 'decidedBefore: must be a day ago at least.' });
      return c.json(await purgeApprovals(store, { before, actor, dryRun }));
    },
  );
  return routes;
}
