import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  approvalListSchema,
  approvalSchema,
  listsMayLag,
  listWaitingSchema,
  type Approval,
  type Call,
  type Run,
} from '../schemas/rest.ts';
import { answers } from './documented.ts';
import type { RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter } from './router.ts';

const tags = ['approvals'];
const listApprovals = createRoute({
  method: 'get',
  path: '/v1/approvals',
  tags,
  summary: 'List the approvals that open runs wait for',
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
  description: 'Takes the id of a request at the review service, or the id of a standalone approval.',
  request: {
    params: z.object({
      id: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^'"\\\p{Cc}]+$/u, 'must be the id of a request at the review service'),
    }),
  },
  responses: answers({ 200: ['The approval.', approvalSchema] }, 400, 401, 404, 503),
});

/** Runs read in parallel. Each read costs two calls to Temporal and one to a worker. */
const parallelReads = 10;

export type ApprovalRoutesDeps = {
  runs: RunsPort;
  /** Link to the page where a person decides, for requests that came without one. */
  reviewLinks: (approvalId: string) => string | undefined;
};

/** Routes that show the approvals of open runs. People decide at the review service. */
export function approvalRoutes({ runs, reviewLinks }: ApprovalRoutesDeps): OpenAPIHono {
  const app = createRouter();
  const withLink = (approval: Approval): Approval => ({
    ...approval,
    reviewUrl: approval.reviewUrl ?? reviewLinks(approval.id) ?? null,
  });

  app.openapi(listApprovals, async (c) => {
    const { assistant, limit, pageToken } = c.req.valid('query');
    const page = await runs.list({
      waiting: true,
      limit,
      ...(assistant && { assistant }),
      ...(pageToken && { pageToken }),
    });
    const waiting = await readAll(
      runs,
      page.runs.map(({ id }) => id),
    );
    const approvals = waiting
      .flatMap((run) => approvalsOf(run).filter(({ state }) => state !== 'done'))
      .map(withLink)
      .sort((a, b) => (a.waitingSince ?? '').localeCompare(b.waitingSince ?? ''));
    const unread = waiting
      .filter(({ closedAt, detail }) => closedAt === null && detail === null)
      .map(({ id, assistant, detailMissing }) => ({ runId: id, assistant, reason: detailMissing ?? '' }));
    return c.json({ approvals, unread, nextPageToken: page.nextPageToken, note: listsMayLag }, 200);
  });

  app.openapi(getApproval, async (c) => {
    const { id } = c.req.valid('param');
    const page = await runs.list({ approvalId: id, limit: parallelReads });
    const waiting = await readAll(
      runs,
      page.runs.map((run) => run.id),
    );
    const approval = waiting.flatMap(approvalsOf).find((each) => each.id === id);
    if (approval) return c.json(withLink(approval), 200);
    const standalone = await runs.get(id);
    if (standalone?.kind === 'approval') return c.json(withLink(approvalOfRun(standalone)), 200);
    const unread = waiting.find(({ detail, closedAt }) => detail === null && closedAt === null);
    throw new RestFailure(
      'approval-not-found',
      unread
        ? `The run "${unread.id}" waits for the approval "${id}", but no worker answered. Try again when a worker is up.`
        : `No open run waits for the approval "${id}". New requests and decisions take seconds to show here.`,
    );
  });
  return app;
}

async function readAll(runs: RunsPort, ids: string[]): Promise<Run[]> {
  const found: Array<Run | undefined> = [];
  for (let start = 0; start < ids.length; start += parallelReads)
    found.push(...(await Promise.all(ids.slice(start, start + parallelReads).map((id) => runs.get(id)))));
  return found.filter((run) => run !== undefined);
}

/** The approval of a standalone approval's run. @throws RestFailure when the run does not wait for it. */
function approvalOfRun(run: Run): Approval {
  const [approval] = approvalsOf(run);
  if (run.closedAt === null && approval) return approval;
  const why = run.closedAt === null ? `is ${run.state} and not at the review service yet` : 'has ended';
  throw new RestFailure('approval-not-found', `The approval "${run.id}" ${why}. GET /v1/runs/${run.id} shows it.`);
}

/** Approvals of a run's open turn. Leaves out those without an id: their request is under way or was decided at once. */
function approvalsOf(run: Run): Approval[] {
  return (run.detail?.calls ?? []).flatMap((call: Call) =>
    call.approval?.id == null
      ? []
      : [
          {
            ...call.approval,
            id: call.approval.id,
            state: call.state,
            runId: run.id,
            assistant: run.assistant,
            callKey: call.key,
            tool: call.tool,
            arguments: call.arguments,
          },
        ],
  );
}
