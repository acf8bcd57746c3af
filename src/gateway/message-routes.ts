import { sha256 } from '@holdpoint/json/digest';
import { createRoute, z } from '@hono/zod-openapi';
import { largestInlineMessageBytes, mostWaitingMessages } from '../domain/user-message.ts';
import { orderedSchema, runIdSchema, sendMessageSchema } from '../schemas/rest.ts';
import { answers, jsonBody } from './documented.ts';
import { idempotencyKeyHeader, withHeaderKey } from './idempotency-key.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';
import { messageToClosed } from './run-closed.ts';
import { newMessageId } from './run-identity.ts';

const sendMessage = createRoute({
  method: 'post',
  path: '/v1/runs/{id}/messages',
  tags: ['runs'],
  summary: 'Send a message to an open run',
  description:
    'The model gets the message with the next turn, after the outputs of the open calls. A parked run keeps the message until it resumes. A closed run takes no messages: start a run with `continueFrom`.',
  request: {
    params: z.object({ id: runIdSchema }),
    headers: idempotencyKeyHeader,
    body: jsonBody(sendMessageSchema),
  },
  responses: answers(
    {
      202: ['The message is durable. The run shows its effect.', orderedSchema],
      200: ['The same message was sent earlier.', orderedSchema],
    },
    400,
    401,
    404,
    409,
    413,
    415,
    422,
    429,
    503,
  ),
});

/** The route that sends a message to a run. */
export function messageRoutes(): GatewayRouter {
  const app = createRouter();
  app.openapi(sendMessage, async (c) => {
    const { id } = c.req.valid('param');
    const { runs } = c.get('access');
    const message = withHeaderKey(c.req.valid('json'), c.req.valid('header')['idempotency-key']);
    const { text, whenWaiting, idempotencyKey, keyPath } = message;
    const digest = sha256(JSON.stringify([text, whenWaiting]));
    const outcome = await runs.send(id, {
      id: idempotencyKey === undefined ? newMessageId() : sha256(idempotencyKey),
      digest,
      text,
      whenWaiting,
    });
    const ordered = { id, ordered: 'message' as const };
    switch (outcome) {
      case 'sent':
        return c.json(ordered, 202);
      case 'exists':
        return c.json(ordered, 200);
      case 'not-found':
        throw new RestFailure('run-not-found', `There is no run "${id}" that takes messages.`);
      case 'closed':
        throw messageToClosed(id, await runs.get(id), await runs.stopped(id));
      case 'taken':
        throw new RestFailure(
          keyPath === 'body.idempotencyKey' ? 'message-key-taken' : 'idempotency-key-reused',
          'Another message was sent to this run under that key. Use another key, or send the same message.',
          keyPath,
        );
      case 'too-many':
        throw new RestFailure(
          'too-many-messages',
          `${mostWaitingMessages} messages already wait in the run "${id}". Send more after its next turn, or send one with whenWaiting: "supersede".`,
        );
      case 'too-large':
        throw new RestFailure(
          'payload-too-large',
          `Messages above ${largestInlineMessageBytes / 1024} KB need a database, and this gateway has none. Set HOLDPOINT_DATABASE_URL, or send less.`,
          'body.text',
        );
    }
  });
  return app;
}
