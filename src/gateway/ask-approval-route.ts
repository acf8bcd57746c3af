import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import ms, { type StringValue } from 'ms';
import { longestExpiryMs, noAssistant } from '../domain/standalone-approval.ts';
import { jsonSchemaChecker } from '@holdpoint/json/schema';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire';
import { largestBodyBytes, runSchema } from '../schemas/rest.ts';
import { askApprovalSchema, largestArgumentsSchemaBytes } from '../schemas/rest-approvals.ts';
import { answers, jsonBody } from './documented.ts';
import type { NewRun, RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { approvalDigest } from './run-identity.ts';
import { checkContext, checkSize, startRun } from './start-run.ts';

type Asked = z.output<typeof askApprovalSchema>;
type AskApprovalDeps = { runs: RunsPort; assistants: readonly string[] | undefined; now: () => Date };

const askApproval = createRoute({
  method: 'post',
  path: '/v1/approvals',
  tags: ['approvals'],
  summary: 'Ask for an approval, without a model',
  description:
    'For a program with a loop of its own. The answer is a run whose `decision` is what came of it: watch it at `/v1/runs/{id}/events`, withdraw it at `/v1/runs/{id}/cancel`. Nothing is executed here.',
  request: { body: jsonBody(askApprovalSchema) },
  responses: answers(
    { 201: ['The approval is asked for.', runSchema], 200: ['The same request had asked for it before.', runSchema] },
    400,
    401,
    409,
    413,
    415,
    503,
  ),
});

/** The route by which a program with a loop of its own asks for an approval. */
export function addAskApprovalRoute(app: OpenAPIHono, { runs, assistants, now }: AskApprovalDeps): void {
  app.openapi(askApproval, async (c) => {
    const request = c.req.valid('json');
    const { assistant, action } = request;
    if (assistant !== undefined && assistants && !assistants.includes(assistant))
      throw new RestFailure(
        'unknown-assistant',
        `There is no assistant "${assistant}". The config has: ${assistants.join(', ')}.`,
        'body.assistant',
      );
    const { run, status } = await startRun(runs, {
      request,
      run: newRun(request),
      named: action,
      words: { begun: (id) => `The approval "${id}" was asked for with another request.`, large: 'body.details' },
      now,
    });
    return c.json(run, status);
  });
}

/** @throws RestFailure for what no reviewer could decide on. */
function newRun(request: Asked): Omit<NewRun, 'id'> {
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
      `The key "${RESERVED_DETAILS_KEY}" is reserved for what Holdpoint sends to the reviewer.`,
      `body.details.${RESERVED_DETAILS_KEY}`,
    );
  if (argumentsSchema === undefined) return;
  checkSize(
    argumentsSchema,
    largestArgumentsSchemaBytes,
    'body.argumentsSchema',
    'Leave descriptions and long lists of values out of it; your program can check an edit once more.',
  );
  let check: ReturnType<typeof jsonSchemaChecker>;
  try {
    check = jsonSchemaChecker(argumentsSchema);
  } catch (error) {
    throw new RestFailure(
      'invalid-request',
      `This is not a JSON schema: ${(error as Error).message}.`,
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
  const value = typeof span === 'number' ? span : span === '' ? undefined : ms(span as StringValue);
  if (value === undefined || !(value > 0) || value > longestExpiryMs)
    throw new RestFailure(
      'invalid-request',
      "must be a time span above zero and of at most ten years, such as '3 days', '90 s' or a number of milliseconds",
      'body.expiresIn',
    );
  return Math.ceil(value);
}
