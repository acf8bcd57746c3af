import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { decideSchema, listApprovalsSchema, type ReviewerApproval } from '../../schemas/reviewer-api.ts';
import { alreadyClosedText } from '../api/approval-routes.ts';
import { clearSessionCookie, withRole, type ReviewerVariables } from '../api/reviewer-session.ts';
import { openSession, signInByLink, signInByPassword, type SignIn } from '../api/sign-in.ts';
import { toReviewerApproval, toSummary } from '../store/approval.ts';
import { decide } from '../store/decisions.ts';
import { readTotals } from '../store/counts.ts';
import { findApproval } from '../store/find-approval.ts';
import { listApprovals, readCursor } from '../store/list-approvals.ts';
import { deliveriesOf } from '../store/outbox.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { Reviewer } from '../store/users.ts';
import { approvalPage, type ApprovalView } from './approval-page.ts';
import { readDecision, type TypedDecision } from './decision-forms.ts';
import { listPage } from './list-page.ts';
import { signInPage } from './sign-in-page.ts';
import { STYLE } from './style.ts';

/** What the pages work with. */
export type Inbox = SignIn;

type PageContext = Context<ReviewerVariables>;

/** The reviewers' pages. Only POSTs change anything. */
export function inboxRoutes(inbox: Inbox): Hono<ReviewerVariables> {
  const { store, sessions } = inbox;
  const routes = new Hono<ReviewerVariables>();

  routes.get('/inbox.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' }));
  routes.use(bodyLimit({ maxSize: 4 * 1024 * 1024 }));
  routes.get('/login', (c) => c.html(signInPage({ next: localPath(c.req.query('next')), token: c.req.query('token') })));
  routes.post('/login', async (c) => {
    const form = await readForm(c);
    const next = localPath(form('next'));
    const result = form('token') === '' ? await signInByPassword(inbox, c, form('name'), form('password')) : await signInByLink(inbox, form('token'));
    if ('status' in result) return c.html(signInPage({ next, problem: result.text }), 401);
    await openSession(inbox, c, result, true);
    return c.redirect(next, 303);
  });
  routes.post('/logout', async (c) => {
    if (c.var.session !== undefined) await sessions.close(c.var.session.reviewer, c.var.session.id);
    clearSessionCookie(c, inbox.secureCookies);
    return c.redirect('/login', 303);
  });
  routes.get('/', async (c) => {
    if (c.var.reviewer === undefined) return toSignIn(c);
    const status = c.req.query('status') === 'decided' ? 'decided' : 'pending';
    const box = status === 'pending' ? 'all' : 'done';
    const { approvals, nextCursor } = await listApprovals(store, { ...listApprovalsSchema.parse({ box }), status, reviewer: c.var.reviewer.name, after: readCursor(box, c.req.query('cursor') ?? '') });
    return c.html(listPage({ status, approvals: approvals.map((approval) => toSummary(approval)), nextCursor, pending: (await readTotals(store)).pending, reviewer: c.var.reviewer.name }));
  });
  routes.get('/approvals/:id', async (c) => {
    if (c.var.reviewer === undefined) return toSignIn(c);
    return showApproval(inbox, c, c.req.param('id'), c.var.reviewer);
  });
  routes.post('/approvals/:id/decide', async (c) => {
    const { reviewer } = c.var;
    if (reviewer === undefined) return toSignIn(c);
    withRole(c, 'reviewer');
    const id = c.req.param('id');
    const found = await findApproval(store, id);
    if (found === undefined) return c.notFound();
    const form = await readForm(c);
    const typed = { answer: form('answer'), note: form('note'), edited: form('edited') };
    const problem = await decideByForm(store, toReviewerApproval(found), typed, reviewer);
    return problem === undefined ? c.redirect(`/approvals/${id}`, 303) : showApproval(inbox, c, id, reviewer, { problem: problem.text, typed, status: problem.status });
  });
  return routes;
}

async function decideByForm(store: ReviewStore, approval: Pick<ReviewerApproval, 'id' | 'details'>, typed: TypedDecision, reviewer: Reviewer): Promise<{ text: string; status: 409 | 422 } | undefined> {
  const read = readDecision(approval, typed);
  if (typeof read === 'string') return { text: read, status: 422 };
  const { data, error } = decideSchema.safeParse(read);
  if (error !== undefined) return { text: error.issues.map(({ message }) => message).join('; '), status: 422 };
  const result = await decide(store, approval.id, data, reviewer.name);
  if (result.outcome === 'invalid-edit' || result.outcome === 'paused') return { text: result.problem, status: 422 };
  if (result.outcome === 'already-closed') return { text: alreadyClosedText(result.approval), status: 409 };
  return undefined;
}

async function showApproval({ store }: Inbox, c: PageContext, id: string, reviewer: Reviewer, after?: { problem: string; typed: TypedDecision; status: 409 | 422 }) {
  const found = await findApproval(store, id);
  if (found === undefined) return c.notFound();
  const view: ApprovalView = { approval: toReviewerApproval(found), deliveries: await deliveriesOf(store, id), reviewer: reviewer.name, now: store.clock(), ...(after && { problem: after.problem, typed: after.typed }) };
  return c.html(approvalPage(view), after?.status ?? 200);
}

function toSignIn(c: PageContext) {
  const asked = c.req.method === 'GET' ? new URL(c.req.url) : undefined;
  return c.redirect(`/login?next=${encodeURIComponent(asked === undefined ? '/' : asked.pathname + asked.search)}`, 303);
}

// Only a path of this server, or a link could lead from the sign-in to another site.
function localPath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : '/';
}

async function readForm(c: PageContext): Promise<(name: string) => string> {
  const body = await c.req.parseBody();
  // Browsers send line breaks of a text field as CRLF.
  return (name) => (typeof body[name] === 'string' ? body[name].replaceAll('\r\n', '\n') : '');
}
