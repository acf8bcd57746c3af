import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { largestBodyBytes, webhookAnswerSchema } from '../schemas/rest.ts';
import { answers } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, OpenAIWebhooks } from './ports.ts';
import { readAtMost } from './read-at-most.ts';
import { RestFailure } from './rest-failure.ts';

export type WebhookDeps = {
  webhooks: OpenAIWebhooks | undefined;
  log: GatewayLog;
  metrics: GatewayMetrics;
  now: () => Date;
};

/** What an id may be: OpenAI's have letters, digits, underscores and hyphens. */
const id = /^[\x21-\x7e]{1,255}$/;

const webhook = createRoute({
  method: 'post',
  path: '/webhooks/openai',
  tags: ['callbacks'],
  summary: 'Hear that a background response has ended',
  description:
    'For OpenAI, signed as Standard Webhooks. It says only where to look: the turn that waits for the response looks at once, instead of at its next slow look.',
  responses: answers(
    { 200: ['It is known now, was known, or is of no interest.', webhookAnswerSchema] },
    400,
    401,
    413,
    503,
  ),
});

/** The route that OpenAI's webhooks call. Whatever is not answered by 200 is sent again by OpenAI, for up to three days. */
export function addWebhookRoute(app: OpenAPIHono, { webhooks, log, metrics, now }: WebhookDeps): void {
  app.openapi(webhook, async (c) => {
    if (!webhooks)
      throw new RestFailure(
        'webhooks-not-set-up',
        "This gateway takes no webhooks of OpenAI. Set OPENAI_WEBHOOK_SECRET (the endpoint's, whsec_…) and HOLDPOINT_DATABASE_URL.",
      );
    const body = await readAtMost(c.req.raw, largestBodyBytes);
    if (!body) throw new RestFailure('payload-too-large', `The body is larger than ${largestBodyBytes} bytes.`, 'body');
    const opened = await webhooks.open(body, c.req.raw.headers);
    if ('refused' in opened) {
      metrics.webhooks.inc({ result: 'unauthorized' });
      throw new RestFailure(
        'unauthorized',
        `This webhook is not one of OpenAI's: ${opened.refused}. Is OPENAI_WEBHOOK_SECRET the secret of this endpoint, and the clock right?`,
      );
    }
    const { webhookId, type, responseId } = opened;
    if (responseId !== null && !(id.test(responseId) && id.test(webhookId)))
      throw new RestFailure(
        'invalid-request',
        'An id is not 1 to 255 printable ASCII characters.',
        id.test(webhookId) ? 'body.data.id' : 'header.webhook-id',
      );
    const result =
      responseId === null ? 'ignored' : await webhooks.record({ webhookId, responseId, at: now().getTime() });
    metrics.webhooks.inc({ result });
    log.info({ webhookId, type, responseId, result }, 'A webhook came.');
    return c.json({ result } as const, 200);
  });
}
