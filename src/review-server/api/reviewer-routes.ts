import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import manifest from 'holdpoint/package.json' with { type: 'json' };
import type { WireObject } from '../../schemas/cheqpoint-wire.ts';
import { decideSchema, listApprovalsSchema, signInSchema, type ApprovalList, type Decide, type ReviewerApproval, type SignedIn } from '../../schemas/reviewer-api.ts';
import { toReviewerApproval, toSummary, type StoredApproval } from '../store/approval.ts';
import { decide } from '../store/decisions.ts';
import { findApproval, listApprovals } from '../store/find-approvals.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { checkPassword, type Reviewer } from '../store/reviewers.ts';
import type { Sessions } from '../store/sessions.ts';
import { check, readBody } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** What the routes work with. */
export interface ReviewerApi {
  store: ReviewStore;
  sessions: Sessions;
  reviewUrl: (approvalId: string) => string;
}

/** JSON for reviewers' programs: sign in for a token, list, read, decide. Who decides comes from the sign-in only. */
export function reviewerRoutes({ store, sessions, reviewUrl }: ReviewerApi): Hono<ReviewerVariables> {
  const routes = new Hono<ReviewerVariables>();
  const show = (approval: StoredApproval): ReviewerApproval => ({ ...toReviewerApproval(approval), ...(approval.status === 'PENDING' ? { reviewUrl: reviewUrl(approval.id) } : {}) });

  routes.use(bodyLimit({ maxSize: 2 * 1024 * 1024, onError: (c) => c.json({ error: 'The body is too large.' }, 413, { connection: 'close' }) }));
  routes.post('/session', async (c) => {
    const { parsed } = await readBody(c, signInSchema);
    const result = await checkPassword(store, parsed.name, parsed.password);
    if (result.outcome === 'blocked') return c.json({ error: `Too many wrong passwords. Try again in ${result.seconds} seconds.` }, 429, { 'retry-after': String(result.seconds) });
    if (result.outcome === 'wrong') return c.json({ error: 'Wrong name or password.' }, 401);
    return c.json({ ...(await sessions.open(result.reviewer)), reviewer: { name: result.reviewer.name, roles: ['reviewer'] }, server: { version: manifest.version } } satisfies SignedIn);
  });
  routes.delete('/session', async (c) => {
    signedIn(c.var.reviewer);
    await sessions.close(c.var.sessionToken!);
    return c.json({ signedOut: true });
  });
  routes.get('/approvals', async (c) => {
    signedIn(c.var.reviewer);
    const { approvals, nextCursor } = await listApprovals(store, check(listApprovalsSchema, c.req.query()));
    return c.json({ approvals: approvals.map(toSummary), nextCursor } satisfies ApprovalList);
  });
  routes.get('/approvals/:id', async (c) => {
    signedIn(c.var.reviewer);
    return c.json(show((await findApproval(store, c.req.param('id'))) ?? notFound()));
  });
  routes.post('/approvals/:id/decide', async (c) => {
    const reviewer = signedIn(c.var.reviewer);
    const { parsed, exact } = await readBody(c, decideSchema);
    const decision: Decide = { ...parsed, modifiedDetails: (exact['modifiedDetails'] ?? null) as WireObject | null };
    const result = await decide(store, c.req.param('id'), decision, reviewer.name);
    if (result.outcome === 'not-found') notFound();
    if (result.outcome === 'invalid-edit') return c.json({ error: `modifiedDetails: ${result.problem}` }, 400);
    if (result.outcome === 'paused') return c.json({ error: result.problem }, 423);
    if (result.outcome === 'already-closed') return c.json({ error: alreadyClosedText(result.approval), approval: show(result.approval) }, 409);
    return c.json(show(result.approval));
  });
  return routes;
}

/** Tells the slower of two deciders what counts. */
export function alreadyClosedText({ status, decided_at, decided_by, reason_code }: StoredApproval): string {
  return `Already ${status.toLowerCase()} by ${decided_by ?? `the system (${reason_code})`} at ${decided_at}. That decision is final.`;
}

function signedIn(reviewer: Reviewer | undefined): Reviewer {
  if (reviewer === undefined) throw new HTTPException(401, { message: 'Not signed in. POST name and password to /reviewer-api/session and send the token as "authorization: Bearer …".' });
  return reviewer;
}

function notFound(): never {
  throw new HTTPException(404, { message: 'There is no such approval.' });
}
