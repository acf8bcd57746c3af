import { createRoute } from '@hono/zod-openapi';
import { largestBodyBytes, webhookAnswerSchema } from '../schemas/rest.ts';
import { answers } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, OpenAIWebhooks } from './ports.ts';
import { readAtMost } from './read-at-most.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type WebhookRoutesDeps = {
  webhooks: OpenAIWebhooks | undefined;
  log: GatewayLog;
  metrics: GatewayMetrics;
  now: () => Date;
};

/** Form of an id. OpenAI's ids have letters, digits, underscores and hyphens. */
const idForm = /^[\x21-\x7e]{1,255}$/;

const webhook = createRoute({
  method: 'post',
  path: '/webhooks/openai',
  tags: ['callbacks'],
  summary: 'Report that a background response has ended',
  description:
    'For OpenAI, signed as Standard Webhooks. The turn that waits for the response reads it at once instead of at its next poll.',
  responses: answers(
    { 200: ['The delivery was recorded, was known, or is not about a response.', webhookAnswerSchema] },
    400,
    401,
    413,
    503,
  ),
});

/** The route of OpenAI's webhooks. OpenAI repeats a delivery for up to three days until it gets 200. */
export function webhookRoutes({ webhooks, log, metrics, now }: WebhookRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(webhook, async (c) => {
    if (!webhooks)
      throw new RestFailure(
        'webhooks-not-set-up',
        "This gateway is not set up for OpenAI webhooks. Set OPENAI_WEBHOOK_SECRET (the endpoint's, whsec_…) and HOLDPOINT_DATABASE_URL.",
      );
    const body = await readAtMost(c.req.raw, largestBodyBytes);
    if (!body) throw new RestFailure('payload-too-large', `The body is larger than ${largestBodyBytes} bytes.`, 'body');
    const opened = await webhooks.open(body, c.req.raw.headers);
    if ('refused' in opened) {
      metrics.webhooks.inc({ result: 'unauthorized' });
      throw new RestFailure(
        'unauthorized',
        `The OpenAI signature is not valid: ${opened.refused}. Check OPENAI_WEBHOOK_SECRET and the clock.`,
      );
    }
    const { webhookId, type, responseId } = opened;
    if (responseId !== null && !(idForm.test(responseId) && idForm.test(webhookId)))
      throw new RestFailure(
        'invalid-request',
        'An id must have 1 to 255 printable ASCII characters.',
        idForm.test(webhookId) ? 'body.data.id' : 'header.webhook-id',
      );
    const result =
      responseId === null ? 'ignored' : await webhooks.record({ webhookId, responseId, at: now().getTime() });
    metrics.webhooks.inc({ result });
    log.info({ webhookId, type, responseId, result }, 'Webhook received.');
    return c.json({ result } as const, 200);
  });
  return app;
}
