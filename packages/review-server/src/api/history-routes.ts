import { OpenAPIHono } from '@hono/zod-openapi';
import { approvalHistorySchema } from '../contract/reviewer-api.ts';
import { addRoute } from '../openapi/add-route.ts';
import { readHistory } from '../store/approval-history.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { visible } from './approval-routes.ts';
import { personSignedIn, type ReviewerVariables } from './reviewer-session.ts';

/** The last decisions beside a request. */
export function historyRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/approvals/{id}/history',
      tag: 'approvals',
      summary: 'List the last decisions on the same action and on the same subject',
      answer: approvalHistorySchema,
      errors: [404],
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      const approval = await visible(store, c.req.param('id'), person);
      return c.json(await readHistory(store, approval, person));
    },
  );
  return routes;
}
