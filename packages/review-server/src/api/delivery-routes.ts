import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { deliveryListSchema, deliverySchema, listDeliveriesSchema } from '../contract/deliveries.ts';
import { addRoute } from '../openapi/add-route.ts';
import { listDeliveries, resendDelivery } from '../store/deliveries.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { admin, adminOrAuditor } from './admin-access.ts';
import { check } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Callbacks: list their attempts, send one again. */
export function deliveryRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/deliveries',
      tag: 'deliveries',
      summary: 'List callbacks with every attempt',
      query: listDeliveriesSchema,
      answer: deliveryListSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json(await listDeliveries(store, check(listDeliveriesSchema, c.req.query())));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/deliveries/{id}/resend',
      tag: 'deliveries',
      summary: 'Send a callback again',
      answer: deliverySchema,
      status: 202,
      errors: [404],
    },
    async (c) => {
      const { name } = admin(c);
      const delivery = await resendDelivery(store, c.req.param('id'), name);
      if (delivery === undefined)
        throw new HTTPException(404, {
          message: 'There is no delivery with this id. GET /reviewer-api/deliveries lists them.',
        });
      return c.json(delivery, 202);
    },
  );
  return routes;
}
