import { OpenAPIHono } from '@hono/zod-openapi';
import type { DefaultLimits } from '../store/assistant-settings.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { assistantRoutes } from './assistant-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { groupRoutes } from './group-routes.ts';
import type { CallGateway, GatewayAccess } from '../gateway-keys.ts';
import { gatewayKeyRoutes } from './gateway-key-routes.ts';
import { keyRoutes } from './key-routes.ts';
import type { ReviewerVariables } from './reviewer-session.ts';
import { runsAccessRoutes } from './runs-access-routes.ts';
import { removalRoutes } from './removal-routes.ts';
import { ruleRoutes } from './rule-routes.ts';
import { timesRoutes } from './times-routes.ts';

export type AdminApi = {
  store: ReviewStore;
  defaultLimits: DefaultLimits;
  /** Undefined: this server knows no gateway. */
  gateway: (Pick<GatewayAccess, 'url' | 'publicUrl'> & { call: CallGateway }) | undefined;
};

/** The routes of administrators, auditors and operators: keys, runs, assistants, rules, deliveries, audit. */
export function adminRoutes({ store, defaultLimits, gateway }: AdminApi): OpenAPIHono<ReviewerVariables> {
  return new OpenAPIHono<ReviewerVariables>()
    .route('/', groupRoutes(store))
    .route('/', timesRoutes(store))
    .route('/', keyRoutes(store))
    .route('/', gatewayKeyRoutes(store, gateway?.call))
    .route('/', runsAccessRoutes({ gateway }))
    .route('/', assistantRoutes(store, defaultLimits))
    .route('/', ruleRoutes(store))
    .route('/', deliveryRoutes(store))
    .route('/', auditRoutes(store))
    .route('/', removalRoutes(store));
}
