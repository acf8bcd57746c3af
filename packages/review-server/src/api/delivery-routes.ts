import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { listDeliveriesSchema } from '../contract/review-admin.ts';
import { listDeliveries, resendDelivery } from '../store/deliveries.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { check } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Callbacks: every attempt, and sending one again. */
export function deliveryRoutes(store: ReviewStore): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  routes.get('/', async (c) => {
    adminOrAuditor(c);
    return c.json(await listDeliveries(store, check(listDeliveriesSchema, c.req.query())));
  });
  routes.post('/:id/resend', async (c) => {
    const { name } = admin(c);
    const delivery = await resendDelivery(store, c.req.param('id'), name);
    if (delivery === undefined)
      throw new HTTPException(404, {
        message: 'There is no delivery with this id; the list of deliveries has those there are.',
      });
    return c.json(delivery, 202);
  });
  return routes;
}
