import { OpenAPIHono, z } from '@hono/zod-openapi';
import { answerReadiness, type Readiness } from '@holdpoint/process';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import manifest from '../../package.json' with { type: 'json' };
import {
  type ApprovalAnswer,
  approvalAnswerSchema,
  type ApprovalRecord,
  approvalRecordSchema,
  readApprovalSchema,
  assistantAnswerSchema,
  CONNECTION_KEY_HEADER,
  createApprovalSchema,
  type DecisionsAnswer,
  decisionsAnswerSchema,
  groupNamesSchema,
  healthSchema,
  holdSchema,
  IDEMPOTENCY_KEY_HEADER,
  idempotencyKeySchema,
  type InboundAnswer,
  inboundAnswerSchema,
  type InboundStatus,
  readDecisionsSchema,
  REVIEW_SERVER_NAME,
  type WireObject,
  withdrawSchema,
} from '@holdpoint/cheqpoint/wire';
import type { ApprovalFeed } from '../approval-feed.ts';
import { callbackProblem } from '../delivery/callback-hosts.ts';
import type { CallbackHosts } from '../options.ts';
import { addRoute } from '../openapi/add-route.ts';
import { toAnswer, toRecord, type StoredApproval } from '../store/approval.ts';
import type { DefaultLimits } from '../store/assistant-settings.ts';
import { checkKey, type KeyUser } from '../store/connection-keys.ts';
import { createApproval, type NewRequest } from '../store/create-approval.ts';
import { readDecisions } from '../store/decision-feed.ts';
import { withdraw } from '../store/decisions.ts';
import { groupNames } from '../store/groups.ts';
import { findApproval } from '../store/find-approval.ts';
import { readQuestions } from '../store/questions.ts';
import { stagesAndVotes, stagesOf } from '../store/show-votes.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { previewProblem } from './preview-problem.ts';
import { retryRead } from './retry-read.ts';
import { check, readBody } from './read-body.ts';
import { requesterQuestionRoutes } from './requester-question-routes.ts';

export type CheqpointApi = {
  store: ReviewStore;
  /** Whether the database takes a decision now. */
  readiness: () => Promise<Readiness>;
  defaultLimits: DefaultLimits;
  feed: ApprovalFeed;
  callbackHosts: CallbackHosts;
  /** Address of an approval in the inbox. */
  reviewUrl: (approvalId: string) => string;
};

const readinessSchema = z.object({
  status: z.enum(['ready', 'not-ready']),
  dependencies: z.array(
    z.object({
      name: z.string(),
      setting: z.string(),
      ok: z.boolean(),
      problem: z.string().optional(),
      warning: z.string().optional(),
    }),
  ),
});

const largestBodyBytes = 1024 * 1024;
/** Interval at which a held request polls, in case the hint of another process is lost. */
const pollEveryMs = 1000;

/** Cheqpoint's three endpoints, our withdraw, and the health answer that tells our server from the hosted one. */
export function cheqpointRoutes(api: CheqpointApi): OpenAPIHono<{ Variables: { assistant: KeyUser } }> {
  const { store } = api;
  const tag = 'cheqpoint';
  const routes = new OpenAPIHono<{ Variables: { assistant: KeyUser } }>();
  const answer = (approval: StoredApproval): ApprovalAnswer => ({
    ...toAnswer(approval),
    ...(approval.status === 'PENDING' ? { reviewUrl: api.reviewUrl(approval.id) } : {}),
  });

  addRoute(
    routes,
    {
      method: 'get',
      path: '/healthz',
      tag,
      summary: 'Report health and the extensions to Cheqpoint’s API; needs no key',
      answer: healthSchema,
    },
    (c) =>
      c.json({
        server: REVIEW_SERVER_NAME,
        version: manifest.version,
        idempotency: true,
        withdraw: true,
        pause: true,
        questions: true,
      }),
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/readyz',
      tag,
      summary: 'Report whether the database takes a decision now; needs no key',
      answer: readinessSchema,
      errors: [503],
    },
    () => answerReadiness(api.readiness),
  );
  routes.use(
    '/api/*',
    bodyLimit({
      maxSize: largestBodyBytes,
      onError: (c) => c.json({ error: `The body is larger than ${largestBodyBytes} bytes.` }, 413),
    }),
  );
  routes.use('/api/*', async (c, next) => {
    c.set('assistant', await authenticate(store, c.req.header(CONNECTION_KEY_HEADER), c.req.raw.signal));
    await next();
  });
  addRoute(
    routes,
    {
      method: 'post',
      path: '/api/approvals/request',
      tag,
      summary: 'Create an approval, then poll it',
      body: createApprovalSchema,
      answer: approvalAnswerSchema,
      errors: [409, 413],
    },
    async (c) => {
      // The official client reads only the id of this answer, so automatic decisions go to the callback as well.
      const { approval } = await create(api, c, true);
      return c.json(answer(approval));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/api/webhooks/inbound',
      tag,
      summary: 'Create an approval, and wait up to maxWaitMs or be called back',
      body: createApprovalSchema.extend(holdSchema.shape),
      answer: inboundAnswerSchema,
      errors: [409, 413],
    },
    async (c) => {
      const { approval, holdMs } = await create(api, c, false);
      const held = holdMs > 0 ? await hold(api, approval, holdMs, c.req.raw.signal) : approval;
      const { status, ...rest } = answer(held);
      const stages = await retryRead(() => stagesOf(store.database.reads, held), c.req.raw.signal);
      return c.json({ ...rest, stages, status: status.toLowerCase() as InboundStatus } satisfies InboundAnswer);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/api/approvals/{id}',
      tag,
      summary: 'Read an approval; poll until it is not PENDING',
      query: readApprovalSchema,
      answer: approvalRecordSchema,
      errors: [404],
    },
    async (c) => {
      const id = c.req.param('id');
      const { id: assistantId, paused } = c.var.assistant;
      const { texts } = readApprovalSchema.safeParse(c.req.query()).data ?? {};
      const approval = found(await retryRead(() => findApproval(store, id, assistantId), c.req.raw.signal), id);
      const questions = approval.asked === 1 ? await retryRead(() => readQuestions(store, id), c.req.raw.signal) : [];
      return c.json({
        ...answer(approval),
        ...(await retryRead(() => stagesAndVotes(store.database.reads, approval), c.req.raw.signal)),
        ...(questions.length > 0 && { questions }),
        ...(texts === 'true' && toRecord(approval)),
        ...(paused && { assistantPaused: paused }),
      } satisfies ApprovalRecord);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/api/assistant',
      tag,
      summary: 'Read the assistant of the Connection Key: its name, and whether it is paused',
      answer: assistantAnswerSchema,
    },
    (c) => c.json({ name: c.var.assistant.name, paused: c.var.assistant.paused }),
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/api/groups',
      tag,
      summary: 'List the names of groups to which a request may be addressed',
      answer: groupNamesSchema,
    },
    async (c) => c.json({ groups: await retryRead(() => groupNames(store.database.reads), c.req.raw.signal) }),
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/api/decisions',
      tag,
      summary: 'Read the decisions on your requests after a cursor; each is read, some may be read twice',
      query: readDecisionsSchema,
      answer: decisionsAnswerSchema,
      errors: [410],
    },
    async (c) => {
      const query = check(readDecisionsSchema, c.req.query());
      const { id: assistantId } = c.var.assistant;
      const answer = await retryRead(() => readDecisions(store, assistantId, query), c.req.raw.signal);
      if (answer === undefined)
        throw new HTTPException(410, {
          message:
            'The cursor in `after` is not one of this database and Connection Key. The database may be an older backup. Start over: read the requests that you wait for, and call without `after`.',
        });
      return c.json(answer satisfies DecisionsAnswer);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/api/approvals/{id}/withdraw',
      tag,
      summary: 'Close your own approval if it is still open; answers with its final state',
      body: withdrawSchema,
      answer: approvalAnswerSchema,
      errors: [404],
    },
    async (c) => {
      const { parsed } = await readBody(c, withdrawSchema);
      return c.json(
        answer(found(await withdraw(store, c.req.param('id'), c.var.assistant, parsed.reason), c.req.param('id'))),
      );
    },
  );
  routes.route('/', requesterQuestionRoutes(store));
  return routes;
}

async function authenticate(store: ReviewStore, key: string | undefined, signal: AbortSignal): Promise<KeyUser> {
  if (!key)
    throw new HTTPException(401, {
      message: `No Connection Key. Send it in the header ${CONNECTION_KEY_HEADER}; an administrator of this server makes one with: holdpoint keys create <assistant>`,
    });
  const check = await retryRead(() => checkKey(store, key), signal);
  switch (check.outcome) {
    case 'works':
      return check.assistant;
    case 'ended':
      throw new HTTPException(401, {
        message: `The Connection Key ${check.masked} ended on ${check.at}. Use the one that replaced it, or ask an administrator of this server for a new one.`,
      });
    case 'unknown':
      throw new HTTPException(401, {
        message: `Unknown Connection Key. Check the header ${CONNECTION_KEY_HEADER}, and that the key was made on this very server.`,
      });
  }
}

async function create(
  { store, defaultLimits, callbackHosts }: CheqpointApi,
  c: Context<{ Variables: { assistant: KeyUser } }>,
  deliverAtOnce: boolean,
): Promise<{ approval: StoredApproval; holdMs: number }> {
  const { parsed, exact } = await readBody(c, createApprovalSchema.extend(holdSchema.shape));
  const { maxWaitMs: holdMs, ...request } = parsed;
  for (const field of ['callbackUrl', 'webhookUrl'] as const) {
    const problem = request[field] == null ? undefined : callbackProblem(callbackHosts, request[field]);
    if (problem !== undefined) throw new HTTPException(400, { message: `${field}: ${problem}` });
  }
  const problem = previewProblem(request);
  if (problem !== undefined) throw new HTTPException(400, { message: `preview: ${problem}` });
  const header = c.req.header(IDEMPOTENCY_KEY_HEADER);
  const { data: idempotencyKey, error } = idempotencyKeySchema.optional().safeParse(header);
  if (error !== undefined)
    throw new HTTPException(400, { message: `${IDEMPOTENCY_KEY_HEADER}: must have 1 to 255 characters` });
  const result = await createApproval(store, defaultLimits, c.var.assistant, {
    request: { ...request, details: exact['details'] as WireObject },
    body: withoutTransport(exact),
    idempotencyKey,
    deliverAtOnce,
  });
  if (result.outcome === 'conflict')
    throw new HTTPException(409, {
      message: `This ${IDEMPOTENCY_KEY_HEADER} was used for another request. Use a new one for each request, and the same body when you repeat one.`,
    });
  // "With callbackUrl the call returns immediately" (www.cheqpoint.co/docs/http), so no decision is reported twice.
  return { approval: result.approval, holdMs: (request.callbackUrl ?? request.webhookUrl) == null ? holdMs : 0 };
}

// The key was checked in the header and is never stored. The time to wait, and the time that is left until the same
// instant, may differ between repeats.
function withoutTransport({
  apiKey: _apiKey,
  maxWaitMs: _maxWaitMs,
  expiresIn,
  ...body
}: Record<string, unknown>): NewRequest['body'] {
  return expiresIn == null || body['expiresAt'] != null ? body : { ...body, expiresIn };
}

async function hold(
  { store, feed }: CheqpointApi,
  approval: StoredApproval,
  holdMs: number,
  signal: AbortSignal,
): Promise<StoredApproval> {
  const until = performance.now() + holdMs;
  let current = approval;
  const read = () => retryRead(() => findApproval(store, approval.id), signal);
  while (current.status === 'PENDING') {
    const left = until - performance.now();
    if (left <= 0 || signal.aborted || feed.stopping.aborted) return current;
    // Subscribe before the read, so that no decision falls between them.
    const woken = feed.waitForClose(current.id, Math.min(left, pollEveryMs), signal);
    current = (await read()) ?? current;
    if (current.status !== 'PENDING') return current;
    await woken;
    current = (await read()) ?? current;
  }
  return current;
}

function found<Approval extends StoredApproval>(approval: Approval | undefined, id: string): Approval {
  if (approval === undefined)
    throw new HTTPException(404, {
      message: `No approval "${id.slice(0, 100)}" was asked for with this Connection Key.`,
    });
  return approval;
}
