import { timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { decideSchema, listApprovalsSchema, type ReviewerApproval } from '../../schemas/reviewer-api.ts';
import { alreadyClosedText } from '../api/reviewer-routes.ts';
import { clearSessionCookie, writeSessionCookie, type ReviewerVariables } from '../api/reviewer-session.ts';
import { sha256 } from '../digest.ts';
import { toReviewerApproval, toSummary } from '../store/approval.ts';
import { decide } from '../store/decisions.ts';
import { countPending, findApproval, listApprovals } from '../store/find-approvals.ts';
import { deliveriesOf } from '../store/outbox.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { checkPassword, findReviewer, type Reviewer } from '../store/reviewers.ts';
import type { Sessions } from '../store/sessions.ts';
import { approvalPage, type ApprovalView } from './approval-page.ts';
import { readDecision, type TypedDecision } from './decision-forms.ts';
import { listPage } from './list-page.ts';
import { signInPage } from './sign-in-page.ts';
import { STYLE } from './style.ts';

/** What the pages work with. */
export interface Inbox {
  store: ReviewStore;
  sessions: Sessions;
  /** Whether browsers reach this server by https only. */
  secureCookies: boolean;
  loginToken?: { token: string; reviewer: string } | undefined;
}

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
    const result = form('token') === '' ? await signIn(inbox, form('name'), form('password')) : await signInByToken(inbox, form('token'));
    if (typeof result === 'string') return c.html(signInPage({ next, problem: result }), 401);
    writeSessionCookie(c, (await sessions.open(result)).token, inbox.secureCookies);
    return c.redirect(next, 303);
  });
  routes.post('/logout', async (c) => {
    if (c.var.sessionToken !== undefined) await sessions.close(c.var.sessionToken);
    clearSessionCookie(c);
    return c.redirect('/login', 303);
  });
  routes.get('/', async (c) => {
    if (c.var.reviewer === undefined) return toSignIn(c);
    const status = c.req.query('status') === 'decided' ? 'decided' : 'pending';
    const { approvals, nextCursor } = await listApprovals(store, { ...listApprovalsSchema.parse({}), status, cursor: c.req.query('cursor') });
    return c.html(listPage({ status, approvals: approvals.map(toSummary), nextCursor, pending: await countPending(store), reviewer: c.var.reviewer.name }));
  });
  routes.get('/approvals/:id', async (c) => {
    if (c.var.reviewer === undefined) return toSignIn(c);
    return showApproval(inbox, c, c.req.param('id'), c.var.reviewer);
  });
  routes.post('/approvals/:id/decide', async (c) => {
    const { reviewer } = c.var;
    if (reviewer === undefined) return toSignIn(c);
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

async function decideByForm(store: ReviewStore, approval: ReviewerApproval, typed: TypedDecision, reviewer: Reviewer): Promise<{ text: string; status: 409 | 422 } | undefined> {
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

async function signIn({ store }: Inbox, name: string, password: string): Promise<Reviewer | string> {
  const result = await checkPassword(store, name, password);
  if (result.outcome === 'blocked') return `Too many wrong passwords. Try again in ${result.seconds} seconds.`;
  return result.outcome === 'wrong' ? 'Wrong name or password.' : result.reviewer;
}

async function signInByToken({ store, sessions, loginToken }: Inbox, token: string): Promise<Reviewer | string> {
  const known = loginToken !== undefined && timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(sha256(loginToken.token)));
  const reviewer = known && (await sessions.takeLoginToken(token)) ? await findReviewer(store, loginToken.reviewer) : undefined;
  return reviewer ?? 'This link was used before or is not valid. Sign in with name and password.';
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
