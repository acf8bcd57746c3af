import { createRoute, z } from '@hono/zod-openapi';
import {
  approvalListSchema,
  approvalSchema,
  listsMayLag,
  listWaitingSchema,
  type Approval,
  type Run,
} from '../schemas/rest.ts';
import { readRecord, type ApprovalRecordsDeps, type WaitingCall } from './approval-records.ts';
import { answers } from './documented.ts';
import { inParts, parallelReads } from './in-parts.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

const tags = ['approvals'];
const listApprovals = createRoute({
  method: 'get',
  path: '/v1/approvals',
  tags,
  summary: 'List the approvals that open runs wait for, newest first',
  description:
    'Each page has the approvals of the next runs, by the start of the run. Arguments, risk and texts are those of the review service.',
  request: { query: listWaitingSchema },
  responses: answers(
    { 200: ['Approvals of a page of waiting runs. May lag by seconds.', approvalListSchema] },
    400,
    401,
    503,
  ),
});
const getApproval = createRoute({
  method: 'get',
  path: '/v1/approvals/{id}',
  tags,
  summary: 'Show an approval of an open run',
  description:
    'Takes the id of a request at the review service, or the id of a standalone approval. Arguments, risk and texts are those of the review service.',
  request: {
    params: z.object({
      id: z
        .string()
        .min(1)
        .max(255)
        .regex(/^(?!\.{1,2}$)[^'"\\\p{Cc}]+$/u, 'must be the id of a request at the review service'),
    }),
  },
  responses: answers({ 200: ['The approval.', approvalSchema] }, 400, 401, 404, 503),
});

export type ApprovalRoutesDeps = { records: ApprovalRecordsDeps };

/**
 * Routes that show the approvals of open runs, as the review service has them. Temporal says which runs wait for which
 * requests. People decide at the review service.
 */
export function approvalRoutes({ records }: ApprovalRoutesDeps): GatewayRouter {
  const app = createRouter();

  app.openapi(listApprovals, async (c) => {
    const { runs } = c.get('access');
    const { assistant, caller, limit, pageToken } = c.req.valid('query');
    const page = await runs.list({
      waiting: true,
      limit,
      ...(assistant && { assistant }),
      ...(caller && { caller }),
      ...(pageToken && { pageToken }),
    });
    const waiting = await inParts(page.runs, ({ id }) => runs.get(id));
    const readings = await inParts(
      waiting.flatMap((run) => (run === undefined ? [] : waitingCalls(run))),
      async (each) => ({ run: each.run, reading: await readRecord(records, each) }),
    );
    const approvals = readings
      .flatMap(({ reading }) => ('approval' in reading ? [reading.approval] : []))
      .sort((a, b) => (b.waitingSince ?? '').localeCompare(a.waitingSince ?? ''));
    const unread = [
      ...waiting
        .filter((run) => run !== undefined)
        .filter(({ closedAt, detail }) => closedAt === null && detail === null)
        .map(({ id, assistant, detailMissing }) => ({ runId: id, assistant, reason: detailMissing ?? '' })),
      ...readings.flatMap(({ run, reading }) =>
        'approval' in reading ? [] : [{ runId: run.id, assistant: run.assistant, reason: reading.reason }],
      ),
    ];
    return c.json({ approvals, unread, nextPageToken: page.nextPageToken, note: listsMayLag }, 200);
  });

  app.openapi(getApproval, async (c) => {
    const { id } = c.req.valid('param');
    const { runs } = c.get('access');
    const page = await runs.list({ approvalId: id, limit: parallelReads });
    const waiting = (await inParts(page.runs, (run) => runs.get(run.id))).filter((run) => run !== undefined);
    const calls = waiting.flatMap(waitingCalls).filter(({ approval }) => approval.id === id);
    if (calls.length > 0) return c.json(await shownOf(calls), 200);
    const standalone = await runs.get(id);
    if (standalone?.kind === 'approval') return c.json(await shownOf(callsOfStandalone(standalone)), 200);
    const unread = waiting.find(({ detail, closedAt }) => detail === null && closedAt === null);
    throw new RestFailure(
      'approval-not-found',
      unread
        ? `The run "${unread.id}" waits for the approval "${id}", but no worker answered. Try again when a worker is up.`
        : `No open run waits for the approval "${id}". New requests and decisions take seconds to show here.`,
    );
  });

  /** Of several runs that claim the request, the one that it belongs to. @throws RestFailure when there is none. */
  async function shownOf(calls: WaitingCall[]): Promise<Approval> {
    const readings = await inParts(calls, (each) => readRecord(records, each));
    const read = readings.find((reading) => 'approval' in reading);
    if (read) return read.approval;
    const refused = readings.find((reading) => 'reason' in reading)!;
    throw new RestFailure(
      refused.problem === 'unavailable' ? 'review-unavailable' : 'approval-not-found',
      refused.reason,
    );
  }

  return app;
}

/** The call of a standalone approval's run. @throws RestFailure when the run does not wait for it. */
export function callsOfStandalone(run: Run): WaitingCall[] {
  const calls = waitingCalls(run);
  if (run.closedAt === null && calls.length > 0) return calls;
  if (run.closedAt === null && run.detail === null)
    throw new RestFailure(
      'temporal-unavailable',
      `The state of the approval "${run.id}" can't be read now. ${run.detailMissing ?? ''} Send the same request again.`,
    );
  const why = run.closedAt === null ? `is ${run.state} and not at the review service yet` : 'has ended';
  throw new RestFailure('approval-not-found', `The approval "${run.id}" ${why}. GET /v1/runs/${run.id} shows it.`);
}

/** Open requests of a run's turn. Leaves out those without an id: their request is under way or was decided at once. */
function waitingCalls(run: Run): WaitingCall[] {
  return (run.detail?.calls ?? []).flatMap((call) =>
    call.approval?.id == null || call.state === 'done'
      ? []
      : [{ run, call, approval: { ...call.approval, id: call.approval.id } }],
  );
}
