import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { approvalHistorySchema } from '../contract/reviewer-api.ts';
import { addRoute } from '../openapi/add-route.ts';
import { readHistory } from '../store/approval-history.ts';
import { findApproval } from '../store/find-approval.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { isVisible } from '../store/visible.ts';
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
      const approval = await findApproval(store, c.req.param('id'));
      if (approval === undefined || !(await isVisible(store.database.reads, approval, person)))
        throw new HTTPException(404, { message: 'There is no approval with this id.' });
      return c.json(await readHistory(store, approval, person));
    },
  );
  return routes;
}
