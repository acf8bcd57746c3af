import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { callbackAnswerSchema, largestBodyBytes } from '../schemas/rest.ts';
import { SIGNATURE_HEADER } from '@holdpoint/cheqpoint/wire';
import { answers } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { CallbackTokens, GatewayLog, RunsPort } from './ports.ts';
import { readAtMost } from './read-at-most.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type CallbackRoutesDeps = {
  runs: RunsPort;
  callbackTokens: CallbackTokens;
  checkSignature: ((body: Uint8Array, signature: string) => boolean) | undefined;
  log: GatewayLog;
  metrics: GatewayMetrics;
};

const callback = createRoute({
  method: 'post',
  path: '/callbacks/cheqpoint/{token}',
  tags: ['callbacks'],
  summary: 'Signal that a decision or a question may exist',
  description:
    'The token is the permission. Of the body only the id of the request is used, as a hint, and `event`. The run reads the decision or the question at its source.',
  request: { params: z.object({ token: z.string() }) },
  responses: answers({ 200: ['The run got the hint, or is closed.', callbackAnswerSchema] }, 401, 503),
});

/** The route that Cheqpoint calls after a decision. */
export function callbackRoutes({
  runs,
  callbackTokens,
  checkSignature,
  log,
  metrics,
}: CallbackRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(callback, async (c) => {
    const address = callbackTokens.verify(c.req.valid('param').token);
    if (!address) {
      metrics.callbacks.inc({ result: 'unauthorized' });
      throw new RestFailure('unauthorized', 'The token of this callback address is not from this Holdpoint.');
    }
    const { workflowId, callKey, request } = address;
    // The body holds hints only, so a larger one is ignored.
    const body = await readAtMost(c.req.raw, largestBodyBytes);
    const { approvalId, isQuestion } = body ? hintIn(body) : {};
    const hint = {
      callKey,
      request,
      ...(approvalId === undefined ? {} : { approvalId }),
    };
    const delivered = await (isQuestion ? runs.signalAsked(workflowId, hint) : runs.signalDecided(workflowId, hint));
    const result = delivered === 'delivered' ? 'delivered' : 'run closed';
    metrics.callbacks.inc({ result });
    log.info(
      {
        runId: workflowId,
        callKey,
        request,
        result,
        ...(isQuestion && { about: 'question' }),
        signature: signatureOf(c, body, checkSignature),
      },
      'Callback received.',
    );
    return c.json({ result } as const, 200);
  });
  return app;
}

/** The id of the request, and whether the callback is about a question. All of it is a hint. */
function hintIn(body: Uint8Array): { approvalId?: string; isQuestion?: boolean } {
  try {
    const { approvalId, id, event } = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    const found = approvalId ?? id;
    return {
      ...(typeof found === 'string' && found.length <= 255 && { approvalId: found }),
      isQuestion: event === 'question',
    };
  } catch {
    return {};
  }
}

function signatureOf(
  c: Context,
  body: Uint8Array | undefined,
  check: CallbackRoutesDeps['checkSignature'],
): 'absent' | 'unchecked' | 'valid' | 'invalid' {
  const signature = c.req.header(SIGNATURE_HEADER);
  if (signature === undefined) return 'absent';
  if (!check || !body) return 'unchecked';
  return check(body, signature) ? 'valid' : 'invalid';
}
