import { createHash } from 'node:crypto';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { largestInlineMessageBytes, mostWaitingMessages } from '../domain/user-message.ts';
import { orderedSchema, runIdSchema, sendMessageSchema } from '../schemas/rest.ts';
import { answers, jsonBody } from './documented.ts';
import type { RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { newMessageId } from './run-identity.ts';
import { runClosed } from './run-routes.ts';

const sendMessage = createRoute({
  method: 'post',
  path: '/v1/runs/{id}/messages',
  tags: ['runs'],
  summary: 'Say something to an open run',
  description:
    'The model is told with the next turn, behind the outputs of the calls that are open. A parked run keeps the message until it goes on. A run that has ended takes none: start another with `continueFrom`.',
  request: { params: z.object({ id: runIdSchema }), body: jsonBody(sendMessageSchema) },
  responses: answers(
    {
      202: ['The message is durable; the run shows its effect.', orderedSchema],
      200: ['The same message was sent before.', orderedSchema],
    },
    400,
    401,
    404,
    409,
    413,
    415,
    429,
    503,
  ),
});

/** The route by which a user goes on talking to a run. */
export function addMessageRoute(app: OpenAPIHono, runs: RunsPort): void {
  app.openapi(sendMessage, async (c) => {
    const { id } = c.req.valid('param');
    const { text, whenWaiting, idempotencyKey } = c.req.valid('json');
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
        throw new RestFailure('run-not-found', `There is no run "${id}" that could be told anything.`);
      case 'closed':
        throw runClosed(await runs.get(id), id, 'message');
      case 'taken':
        throw new RestFailure(
          'message-key-taken',
          'Another message was sent to this run under that idempotencyKey. Use another key, or send the same message.',
          'body.idempotencyKey',
        );
      case 'too-many':
        throw new RestFailure(
          'too-many-messages',
          `${mostWaitingMessages} messages wait in the run "${id}" already. Send more once the model was told these, or let one supersede what the run waits for.`,
        );
      case 'too-large':
        throw new RestFailure(
          'payload-too-large',
          `A message of more than ${largestInlineMessageBytes / 1024} KB is kept in the database, and this gateway has none. Set HOLDPOINT_DATABASE_URL, or send less.`,
          'body.text',
        );
    }
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
