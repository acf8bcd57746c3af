import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { approvalRoutes } from './approval-routes.ts';
import type { ApprovalApi } from './show-approval.ts';
import { deskRoutes } from './desk-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { holdRoutes } from './hold-routes.ts';
import { eventRoutes, type Events } from './event-routes.ts';
import { passkeyAdminRoutes } from './passkey-admin-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { questionRoutes } from './question-routes.ts';
import type { ReviewerVariables } from './reviewer-session.ts';
import { sessionRoutes } from './session-routes.ts';
import { settingsRoutes, type QuickNotes } from './settings-routes.ts';
import { stepUpRoutes } from './step-up-routes.ts';
import type { SignIn } from './sign-in.ts';
import { deputyRoutes } from './times-routes.ts';
import { userRoutes } from './user-routes.ts';

export type ReviewerApi = ApprovalApi & Events & SignIn & QuickNotes;

/** The routes of reviewers. The reviewer's name comes from the sign-in only. */
export function reviewerRoutes(api: ReviewerApi): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  routes.use(
    bodyLimit({
      maxSize: 2 * 1024 * 1024,
      onError: (c) => c.json({ error: 'The body is too large.' }, 413),
    }),
  );
  return routes
    .route('/', sessionRoutes(api))
    .route('/', settingsRoutes(api))
    .route('/', approvalRoutes(api))
    .route('/', historyRoutes(api.store))
    .route('/', holdRoutes(api.store))
    .route('/', questionRoutes(api))
    .route('/', deskRoutes(api.store))
    .route('/', deputyRoutes(api.store))
    .route('/', eventRoutes(api))
    .route('/', userRoutes(api.store))
    .route('/', stepUpRoutes(api.store))
    .route('/', passkeyRoutes(api.store))
    .route('/', passkeyAdminRoutes(api.store));
}
