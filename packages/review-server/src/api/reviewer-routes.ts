import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { approvalRoutes, type ApprovalApi } from './approval-routes.ts';
import { eventRoutes, type Events } from './event-routes.ts';
import type { ReviewerVariables } from './reviewer-session.ts';
import { sessionRoutes } from './session-routes.ts';
import type { SignIn } from './sign-in.ts';
import { userRoutes } from './user-routes.ts';

/** What the routes work with. */
export type ReviewerApi = ApprovalApi & Events & SignIn;

/** JSON for the inbox and for reviewers' programs. Who decides comes from the sign-in only. */
export function reviewerRoutes(api: ReviewerApi): Hono<ReviewerVariables> {
  return new Hono<ReviewerVariables>()
    .use(
      bodyLimit({
        maxSize: 2 * 1024 * 1024,
        onError: (c) => c.json({ error: 'The body is too large.' }, 413, { connection: 'close' }),
      }),
    )
    .route('/', sessionRoutes(api))
    .route('/', approvalRoutes(api))
    .route('/', eventRoutes(api))
    .route('/users', userRoutes(api.store));
}
