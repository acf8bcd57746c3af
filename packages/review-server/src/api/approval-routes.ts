import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import {
  approvalListSchema,
  countsSchema,
  decideManyAnswerSchema,
  decideManySchema,
  decideSchema,
  facetsSchema,
  listApprovalsSchema,
  readRecordsSchema,
  recordListSchema,
  reviewerApprovalSchema,
  type ApprovalList,
  type ReviewerDecision,
  type DecideManyAnswer,
  type RecordList,
} from '../contract/reviewer-api.ts';
import { addRoute } from '../openapi/add-route.ts';
import { asksForOutcome, toAnswer, toSummary, type StoredApproval } from '../store/approval.ts';
import { claim, release, type ClaimResult } from '../store/claims.ts';
import { countsFor, readFacets, readTotals } from '../store/counts.ts';
import type { Person } from '../policy/may-decide.ts';
import { decide } from '../store/decisions.ts';
import { findApproval } from '../store/find-approval.ts';
import type { HoldOptions } from '../store/hold-decision.ts';
import { listApprovals, readCursor } from '../store/list-approvals.ts';
import { readMarks } from '../store/read-marks.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { isVisible, readView } from '../store/visible.ts';
import { holdSecondsOf } from './hold-seconds.ts';
import { approvalNotFound, noApproval } from './no-approval.ts';
import { check, readBody } from './read-body.ts';
import { show, type ApprovalApi } from './show-approval.ts';
import { personSignedIn, withRole, type ReviewerVariables } from './reviewer-session.ts';

type ReviewerContext = Context<ReviewerVariables>;
type DecideManyResult = DecideManyAnswer['results'][number];

/** Approvals: list, search, count, read, claim, decide. */
export function approvalRoutes(api: ApprovalApi): OpenAPIHono<ReviewerVariables> {
  const { store } = api;
  const routes = new OpenAPIHono<ReviewerVariables>();
  const tag = 'approvals';

  addRoute(
    routes,
    {
      method: 'get',
      path: '/approvals',
      tag,
      summary: 'List approvals',
      query: listApprovalsSchema,
      answer: approvalListSchema,
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      const { cursor, ...query } = check(listApprovalsSchema, c.req.query());
      const after =
        cursor === undefined
          ? undefined
          : (readCursor(query, cursor) ??
            refuse(
              400,
              'cursor: is not a cursor of this box and order. Send nextCursor of the page before, or leave it out.',
            ));
      const { approvals, nextCursor } = await listApprovals(store, { ...query, person, after });
      const marks = await readMarks(store, approvals);
      return c.json({
        approvals: approvals.map((approval) => toSummary(approval, marks)),
        nextCursor,
      } satisfies ApprovalList);
    },
  );
  addRoute(
    routes,
    { method: 'get', path: '/counts', tag, summary: 'Count the approvals of each box', answer: countsSchema },
    async (c) => {
      const person = await personSignedIn(store, c);
      return c.json(
        await countsFor(store, person, await readTotals(store, await readView(store.database.reads, person))),
      );
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/facets',
      tag,
      summary: 'List the assistants and actions to filter by',
      answer: facetsSchema,
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      return c.json(await readFacets(store, await readView(store.database.reads, person)));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/decide',
      tag,
      summary: 'Decide several approvals, each in its own transaction',
      body: decideManySchema,
      answer: decideManyAnswerSchema,
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer');
      const {
        parsed: { ids, decision, note, shown, ...hold },
      } = await readBody(c, decideManySchema);
      const each = [...new Set(ids)];
      const holding = { seconds: await holdSecondsOf(store, person.id, hold), batch: randomUUID() };
      await refuseCritical(store, person, each);
      const results: DecideManyResult[] = [];
      for (const id of each)
        results.push(
          await decideOne(store, id, { decision, note, shown: shown?.[id] }, { person, holding }).catch(
            (cause: unknown) => {
              if (results.length === 0) throw cause;
              throw new HTTPException(503, { message: partlyText, cause });
            },
          ),
        );
      return c.json({ results } satisfies DecideManyAnswer);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/approvals/records',
      tag,
      summary: 'Read up to 50 approvals with all their details',
      query: readRecordsSchema,
      answer: recordListSchema,
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      const { ids } = check(readRecordsSchema, c.req.query());
      const shown = ids.map(async (id) => {
        const found = await findApproval(store, id);
        const isShown = found !== undefined && (await isVisible(store.database.reads, found, person));
        return isShown ? [await show(api, found, person)] : [];
      });
      const approvals = (await Promise.all(shown)).flat();
      return c.json({ approvals } satisfies RecordList);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/approvals/{id}',
      tag,
      summary: 'Read one approval with all its details',
      answer: reviewerApprovalSchema,
      errors: [404],
    },
    async (c) => {
      const person = await personSignedIn(store, c);
      return c.json(await show(api, await visible(store, c.req.param('id'), person), person));
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/approvals/{id}/decide',
      tag,
      summary: 'Decide; a decision is final, and may be held first',
      body: decideSchema,
      answer: reviewerApprovalSchema,
      errors: [404, 409, 423],
    },
    async (c) => {
      const { id: voter } = withRole(c, 'reviewer', 'admin');
      const {
        parsed: { held, holdSeconds, stepUp, ...parsed },
        exact,
      } = await readBody(c, decideSchema);
      const decision: ReviewerDecision = {
        ...parsed,
        modifiedDetails: (exact['modifiedDetails'] ?? null) as WireObject | null,
      };
      const result = await decide(store, {
        id: c.req.param('id'),
        answer: decision,
        voter,
        callbackFirst: true,
        stepUp: stepUp && { response: stepUp, sessionId: c.var.session!.id },
        // The gesture for the passkey is a second act already.
        hold: { seconds: stepUp === undefined ? await holdSecondsOf(store, voter, { held, holdSeconds }) : 0 },
      });
      if (result.outcome === 'not-found') return approvalNotFound();
      if (result.outcome === 'invalid-edit') return c.json({ error: `modifiedDetails: ${result.problem}` }, 400);
      if (result.outcome === 'wrong-answer') return c.json({ error: result.problem }, 400);
      if (result.outcome === 'paused') return c.json({ error: result.problem }, 423);
      if (result.outcome === 'not-allowed') return c.json({ error: result.problem }, 403);
      const shown = async () => show(api, result.approval, await personSignedIn(store, c));
      if (result.outcome === 'changed') return c.json({ error: changedText, approval: await shown() }, 409);
      if (result.outcome === 'already-closed')
        return c.json({ error: alreadyClosedText(result.approval), approval: await shown() }, 409);
      return c.json(
        await shown().catch((cause: unknown) => {
          throw new HTTPException(503, { message: recordedText, cause });
        }),
      );
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/approvals/{id}/claim',
      tag,
      summary: 'Claim an approval that you may decide',
      answer: reviewerApprovalSchema,
      errors: [403, 404, 409],
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer');
      const { id } = await visible(store, c.req.param('id'), person);
      return claimed(api, c, await claim(store, id, person), person);
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/approvals/{id}/claim',
      tag,
      summary: 'Release a claim',
      answer: reviewerApprovalSchema,
      errors: [404, 409],
    },
    async (c) => {
      const person = await personSignedIn(store, c, 'reviewer');
      const { id } = await visible(store, c.req.param('id'), person);
      return claimed(api, c, await release(store, id, person.name), person);
    },
  );
  return routes;
}

/** For the slower of two reviewers: the decision that counts. */
export function alreadyClosedText({ status, decided_at, decided_by, reason_code }: StoredApproval): string {
  return `Already ${status.toLowerCase()} by ${decided_by ?? `the system (${reason_code})`} at ${decided_at}. That decision is final.`;
}

async function decideOne(
  store: ReviewStore,
  id: string,
  decision: Pick<ReviewerDecision, 'decision' | 'note' | 'shown'>,
  { person, holding }: { person: Person; holding: HoldOptions },
): Promise<DecideManyResult> {
  const found = await findApproval(store, id);
  if (found !== undefined && !(await isVisible(store.database.reads, found, person)))
    return { id, outcome: 'not-found', error: noApproval };
  if (found?.status === 'PENDING' && asksForOutcome(toAnswer(found).details)) {
    return {
      id,
      outcome: 'refused',
      error: 'A question about an outcome has its own answers: open it and answer there.',
      approval: toSummary(found, await readMarks(store, [found])),
    };
  }
  const result = await decide(store, { id, answer: decision, voter: person.id, hold: holding });
  if (result.outcome === 'not-found') return { id, outcome: 'not-found', error: noApproval };
  if ('problem' in result) return { id, outcome: 'refused', error: result.problem };
  if (result.outcome === 'changed')
    return { id, outcome: 'refused', error: changedText, approval: toSummary(result.approval) };
  const approval = toSummary(result.approval, await readMarks(store, [result.approval]));
  if (result.outcome === 'held') return { id, outcome: 'held', approval };
  if (result.outcome === 'voted' || result.outcome === 'edited') return { id, outcome: 'voted', approval };
  return result.outcome === 'decided'
    ? { id, outcome: 'decided', approval }
    : { id, outcome: 'already-closed', error: alreadyClosedText(result.approval), approval };
}

async function claimed(api: ApprovalApi, c: ReviewerContext, result: ClaimResult, person: Person): Promise<Response> {
  if (result.outcome === 'not-found') return approvalNotFound();
  if (result.outcome === 'not-allowed') return c.json({ error: `${result.problem} So you can’t claim it.` }, 403);
  const approval = await show(api, result.approval, person);
  return result.outcome === 'already-closed'
    ? c.json({ error: alreadyClosedText(result.approval), approval }, 409)
    : c.json(approval);
}

/** The approval, if the person may see it. @throws HTTPException 404. */
export async function visible(store: ReviewStore, id: string, person: Person): Promise<StoredApproval> {
  const found = await findApproval(store, id);
  return found !== undefined && (await isVisible(store.database.reads, found, person)) ? found : approvalNotFound();
}

/** A critical request is decided alone, on its own page. @throws HTTPException that names it. */
async function refuseCritical(store: ReviewStore, person: Person, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const found = await findApproval(store, id);
    if (
      found?.status === 'PENDING' &&
      found.risk_level === 'critical' &&
      (await isVisible(store.database.reads, found, person))
    )
      refuse(400, `ids: ${id} ("${found.action}") is critical. Decide it alone. Nothing of this batch was decided.`);
  }
}

const partlyText =
  'The review server failed on the way. Some of these requests are decided, one may be. Look at the list again.';
const recordedText = 'The decision is recorded, but the request could not be read afterwards. Look at it again.';
const changedText = 'The request changed. Look at it again, then decide.';

function refuse(status: 400 | 404, message: string): never {
  throw new HTTPException(status, { message });
}
