import { Hono } from 'hono';
import type { DefaultLimits } from '../store/assistant-settings.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { assistantRoutes } from './assistant-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { keyRoutes } from './key-routes.ts';
import type { ReviewerVariables } from './reviewer-session.ts';
import { ruleRoutes } from './rule-routes.ts';

/** What the routes work with. */
export interface AdminApi {
  store: ReviewStore;
  defaultLimits: DefaultLimits;
}

/** JSON for administrators and auditors: keys, assistants, rules, deliveries, audit. */
export function adminRoutes({ store, defaultLimits }: AdminApi): Hono<ReviewerVariables> {
  return new Hono<ReviewerVariables>()
    .route('/keys', keyRoutes(store))
    .route('/assistants', assistantRoutes(store, defaultLimits))
    .route('/rules', ruleRoutes(store))
    .route('/deliveries', deliveryRoutes(store))
    .route('/audit', auditRoutes(store));
}
