import { createRoute, type z } from '@hono/zod-openapi';
import { longestExpiryMs, noAssistant } from '../domain/standalone-approval.ts';
import { jsonSchemaChecker } from '@holdpoint/json/schema';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire';
import { durationMs } from '../schemas/duration.ts';
import { largestBodyBytes, runSchema } from '../schemas/rest.ts';
import { askApprovalSchema, largestArgumentsSchemaBytes } from '../schemas/rest-approvals.ts';
import type { CheckAssistant } from './check-assistant.ts';
import { answers, jsonBody } from './documented.ts';
import { idempotencyKeyHeader, withHeaderKey } from './idempotency-key.ts';
import type { NewRun } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';
import { approvalDigest } from './run-identity.ts';
import type { ShowRun } from './show-run.ts';
import { checkContext, checkSize, chosenId, startRun } from './start-run.ts';

type Asked = z.output<typeof askApprovalSchema>;
export type StandaloneApprovalRoutesDeps = {
  show: ShowRun;
  checkAssistant: CheckAssistant;
  now: () => Date;
};

const askApproval = createRoute({
  method: 'post',
  path: '/v1/approvals',
  tags: ['approvals'],
  summary: 'Ask for a standalone approval',
  description:
    'For a program with its own agent loop. The answer is a run. Watch it at `/v1/runs/{id}/events`: its `decision` has the result. Withdraw it at `/v1/runs/{id}/cancel`. Holdpoint runs no tool for it.',
  request: { headers: idempotencyKeyHeader, body: jsonBody(askApprovalSchema) },
  responses: answers(
    { 201: ['The approval was requested.', runSchema], 200: ['The same request was sent earlier.', runSchema] },
    400,
    401,
    409,
    413,
    415,
    422,
    503,
  ),
});

/** The route that asks for a standalone approval. */
export function standaloneApprovalRoutes({ show, checkAssistant, now }: StandaloneApprovalRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(askApproval, async (c) => {
    const request = withHeaderKey(c.req.valid('json'), c.req.valid('header')['idempotency-key']);
    const { assistant, action } = request;
    const { runs } = c.get('access');
    const id = chosenId(request, runs.caller);
    if (assistant !== undefined) {
      runs.checkStart(assistant, 'body.assistant');
      await checkAssistant(assistant, {
        path: 'body.assistant',
        startable: runs.startable,
        exists: async () => id !== undefined && (await runs.get(id)) !== undefined,
      });
    }
    const { run, status } = await startRun(runs, {
      request,
      run: newRun(c.req.valid('json')),
      idStart: action,
      texts: { idTaken: (id) => `The approval id "${id}" is already used by another request.`, large: 'body.details' },
      now,
    });
    return c.json(await show(run), status);
  });
  return app;
}

/** @throws RestFailure for a request that no reviewer could decide on. */
function newRun(request: Asked): Omit<NewRun, 'id' | 'caller'> {
  const { assistant, action, summary, details, justification, riskLevel, expiresIn, argumentsSchema, context } =
    request;
  checkSize(details, largestBodyBytes, 'body.details');
  checkContext(context);
  checkDetails(request);
  return {
    assistant: assistant ?? noAssistant,
    input: summary,
    inputDigest: approvalDigest(request),
    ...(context === undefined ? {} : { context }),
    approval: {
      action,
      summary,
      details,
      ...(justification === undefined ? {} : { justification }),
      ...(riskLevel === undefined ? {} : { riskLevel }),
      ...(expiresIn === undefined ? {} : { expiresInMs: milliseconds(expiresIn) }),
      ...(argumentsSchema === undefined ? {} : { argumentsSchema }),
    },
  };
}

function checkDetails({ details, argumentsSchema }: Asked): void {
  if (Object.hasOwn(details, RESERVED_DETAILS_KEY))
    throw new RestFailure(
      'invalid-request',
      `The key "${RESERVED_DETAILS_KEY}" is reserved for Holdpoint. Rename it.`,
      `body.details.${RESERVED_DETAILS_KEY}`,
    );
  if (argumentsSchema === undefined) return;
  checkSize(
    argumentsSchema,
    largestArgumentsSchemaBytes,
    'body.argumentsSchema',
    'Leave out descriptions and long lists of values. Your program can check the edit again.',
  );
  let check: ReturnType<typeof jsonSchemaChecker>;
  try {
    check = jsonSchemaChecker(argumentsSchema);
  } catch (error) {
    throw new RestFailure(
      'invalid-request',
      `argumentsSchema is not a valid JSON schema: ${(error as Error).message}.`,
      'body.argumentsSchema',
    );
  }
  const misfit = check(details);
  if (misfit)
    throw new RestFailure(
      'invalid-request',
      `The details don't fit the argumentsSchema: ${misfit.message}.`,
      ['body.details', misfit.path].filter(Boolean).join('.'),
    );
}

function milliseconds(span: string | number): number {
  const value = durationMs(span);
  if (!value || value > longestExpiryMs)
    throw new RestFailure(
      'invalid-request',
      "must be a time span above zero and of at most ten years, such as '3 days', '90 s' or a number of milliseconds",
      'body.expiresIn',
    );
  return value;
}
