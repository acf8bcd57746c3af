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

const tags = ['approvals'];
const listApprovals = createRoute({
  method: 'get',
  path: '/v1/approvals',
  tags,
  summary: 'List what open runs wait for',
  request: { query: listWaitingSchema },
  responses: answers(
    { 200: ['The approvals of a page of waiting runs; may lag by seconds.', approvalListSchema] },
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
  description: 'By the id of its request at the review service; a standalone one also by its own id.',
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

/** Runs that are asked at the same time: each costs Temporal two calls and a worker one. */
const atOnce = 10;

/** The routes of approvals, as Temporal's runs know them; people decide at the review service. */
export function addApprovalRoutes(
  app: OpenAPIHono,
  { runs, reviewLinks }: { runs: RunsPort; reviewLinks: (approvalId: string) => string | undefined },
): void {
  const linked = (approval: Approval): Approval => ({
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
      .map(linked)
      .sort((a, b) => (a.waitingSince ?? '').localeCompare(b.waitingSince ?? ''));
    const unread = waiting
      .filter(({ closedAt, detail }) => closedAt === null && detail === null)
      .map(({ id, assistant, detailMissing }) => ({ runId: id, assistant, reason: detailMissing ?? '' }));
    return c.json({ approvals, unread, nextPageToken: page.nextPageToken, note: listsMayLag }, 200);
  });

  app.openapi(getApproval, async (c) => {
    const { id } = c.req.valid('param');
    const page = await runs.list({ approvalId: id, limit: atOnce });
    const waiting = await readAll(
      runs,
      page.runs.map((run) => run.id),
    );
    const approval = waiting.flatMap(approvalsOf).find((each) => each.id === id);
    if (approval) return c.json(linked(approval), 200);
    const asked = await runs.get(id);
    if (asked?.kind === 'approval') return c.json(linked(approvalOfRun(asked)), 200);
    const unread = waiting.find(({ detail, closedAt }) => detail === null && closedAt === null);
    throw new RestFailure(
      'approval-not-found',
      unread
        ? `The run "${unread.id}" waits for the approval "${id}", but no worker answered, so more is not known.`
        : `No open run waits for the approval "${id}". One that was made or decided a moment ago may take seconds to be found or forgotten.`,
    );
  });
}

async function readAll(runs: RunsPort, ids: string[]): Promise<Run[]> {
  const found: Array<Run | undefined> = [];
  for (let start = 0; start < ids.length; start += atOnce)
    found.push(...(await Promise.all(ids.slice(start, start + atOnce).map((id) => runs.get(id)))));
  return found.filter((run) => run !== undefined);
}

/** A standalone approval, by the id that it was given. @throws RestFailure when nobody waits for it. */
function approvalOfRun(run: Run): Approval {
  const [approval] = approvalsOf(run);
  if (run.closedAt === null && approval) return approval;
  const why =
    run.closedAt === null ? `is ${run.state}; it is not at the review service yet` : 'is not waited for any more';
  throw new RestFailure(
    'approval-not-found',
    `The approval "${run.id}" ${why}. The run "${run.id}" has all that is known of it.`,
  );
}

/** The approvals of a run's open turn. One without an id is being asked for, or was decided at once. */
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
