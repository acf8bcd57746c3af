import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../src/contract/reviewer-api.ts';
import type { ReviewServerOptions } from '../src/options.ts';
import { createReviewServer, type ReviewServer } from '../src/create-review-server.ts';

export const KEY = 'cq_live_comms0123456789ab';
export const OTHER_KEY = 'cq_live_other0123456789ab';
export const ROTATED_KEY = 'cq_live_comms-second-key1';
export const PASSWORDS = { ana: 'ana knows this', ben: 'ben knows that' };
export const EMAIL_BLAST = {
  action: 'send_email_blast',
  summary: 'Assistant wants to send an email to 500 recipients',
  details: { template: 'weekly_update', recipient_count: 500, subject: 'System Maintenance' },
  justification: 'Requested by user to notify customers of downtime.',
};

/** Ana and ben may administer too. */
export const ADMINISTRATORS: ReviewServerOptions['reviewers'] = (['ana', 'ben'] as const).map((name) => ({
  name,
  password: PASSWORDS[name],
  roles: ['reviewer', 'admin'],
}));

/** An answer in the form that tests compare. */
export type Answer<Body = ApprovalAnswer> = {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
};

export function optionsFor(databaseUrl: string, more: Partial<ReviewServerOptions> = {}): ReviewServerOptions {
  return {
    databaseUrl,
    connectionKeys: [
      { assistant: 'comms', key: KEY },
      { assistant: 'comms', key: ROTATED_KEY },
      { assistant: 'other', key: OTHER_KEY },
    ],
    reviewers: [
      { name: 'ana', password: PASSWORDS.ana },
      { name: 'ben', password: PASSWORDS.ben },
    ],
    sessionSecret: 'a secret of the tests only',
    port: 0,
    // A hash of the real cost takes a tenth of a second, and tests make hundreds.
    passwordCost: { ln: 8, r: 8, p: 1 },
    callbackHosts: 'any',
    ...more,
  };
}

/** A running server with the calls that tests make. */
export type TestServer = ReviewServer & {
  post<Body = ApprovalAnswer>(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<Body>>;
  get<Body = ApprovalAnswer>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  send<Body = unknown>(
    method: 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** Asks by the inbound endpoint. */
  ask(more?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Signs in once per name and decides. */
  decide(
    id: string,
    decision: object,
    reviewer?: keyof typeof PASSWORDS,
  ): Promise<Answer<ReviewerApproval & { error?: string; approval?: ReviewerApproval }>>;
  bearer(reviewer?: keyof typeof PASSWORDS): Promise<Record<string, string>>;
};

export async function startTestServer(
  databaseUrl: string,
  more: Partial<ReviewServerOptions> = {},
): Promise<TestServer> {
  return callsTo(await createReviewServer(optionsFor(databaseUrl, more)));
}

/** The same calls to a server that runs elsewhere. */
export function callsTo(server: ReviewServer): TestServer {
  const tokens = new Map<string, Promise<string>>();
  const call = async <Body>(path: string, init: RequestInit): Promise<Answer<Body>> => {
    const response = await fetch(server.url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (/^application\/json(;|$)/.test(response.headers.get('content-type') ?? '')
        ? JSON.parse(text)
        : undefined) as Body,
    };
  };
  const post = <Body = ApprovalAnswer>(
    path: string,
    body: unknown,
    headers: Record<string, string> = { 'x-api-key': KEY },
  ) =>
    call<Body>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const bearer = async (reviewer: keyof typeof PASSWORDS = 'ana') => {
    if (!tokens.has(reviewer))
      tokens.set(
        reviewer,
        post<{ token: string }>('/reviewer-api/session', { name: reviewer, password: PASSWORDS[reviewer] }, {}).then(
          ({ body }) => body.token,
        ),
      );
    return { authorization: `Bearer ${await tokens.get(reviewer)}` };
  };
  return {
    ...server,
    post,
    send: (method, path, body, headers) =>
      call(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    get: (path, headers = { 'x-api-key': KEY }) => call(path, { headers }),
    ask: (more = {}, headers = {}) =>
      post('/api/webhooks/inbound', { ...EMAIL_BLAST, ...more }, { 'x-api-key': KEY, ...headers }),
    decide: async (id, decision, reviewer) =>
      post(`/reviewer-api/approvals/${id}/decide`, decision, await bearer(reviewer)),
    bearer,
  };
}
