import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheqpointClient, RejectedError } from '../../../../src/cheqpoint.ts';
import type { ApprovalList, ReviewerApproval } from '@holdpoint/review-server/contract';
import { startCallbackReceiver } from '../../../review-server/test/callback-receiver.ts';
import { EMAIL_BLAST, KEY, startTestServer, type TestServer } from '../../../review-server/test/test-server.ts';
import { until } from '../../../../test/support/until.ts';

/* The guides' client against the real review server, decisions made by its reviewers. */

let server: TestServer;
let client: CheqpointClient;
let questions = 0;

beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', {
    rules: [
      { name: 'Small ones', conditions: [{ field: 'action', operator: 'is', value: 'small' }], decision: 'approve' },
      { name: 'Never', conditions: [{ field: 'action', operator: 'is', value: 'never' }], decision: 'reject' },
    ],
  });
  client = new CheqpointClient({ apiKey: KEY, baseUrl: server.url, pollIntervalMs: 20 });
});
afterAll(() => server.close());

/** A question that reviewers can tell from all others. */
function question(more: object = {}) {
  return { ...EMAIL_BLAST, summary: `question ${++questions}`, ...more };
}

async function inInbox(summary: string): Promise<ReviewerApproval> {
  return until(`"${summary}" is in the inbox`, async () => {
    const { body } = await server.get<ApprovalList>(
      '/reviewer-api/approvals?status=pending&limit=200',
      await server.bearer(),
    );
    const found = body.approvals.find((approval) => approval.summary === summary);
    return (
      found && (await server.get<ReviewerApproval>(`/reviewer-api/approvals/${found.id}`, await server.bearer())).body
    );
  });
}

/** Decides on a question as soon as it is there. */
async function decideOn(summary: string, decision: object): Promise<string> {
  const { id } = await inInbox(summary);
  expect((await server.decide(id, decision)).status).toBe(200);
  return id;
}

describe.each(['requestSync', 'request'] as const)('%s at our review server', (method) => {
  it('approved → approval with the note', async () => {
    const asked = question();
    const [result, id] = await Promise.all([
      client[method](asked),
      decideOn(asked.summary, { decision: 'approve', note: 'Verified maintenance window scheduled.' }),
    ]);
    expect(result).toEqual({
      status: 'approved',
      approvalId: id,
      modifiedDetails: null,
      decisionNote: 'Verified maintenance window scheduled.',
    });
  });
});

describe('requestSync at our review server', () => {
  it('edited → the whole edit', async () => {
    const asked = question();
    const modifiedDetails = { ...asked.details, recipient_count: 50 };
    const [result] = await Promise.all([
      client.requestSync(asked),
      decideOn(asked.summary, { decision: 'approve', modifiedDetails }),
    ]);
    expect(result).toMatchObject({ status: 'approved', modifiedDetails });
  });

  it('rejected → a result, no error', async () => {
    const asked = question();
    const [result, id] = await Promise.all([
      client.requestSync(asked),
      decideOn(asked.summary, { decision: 'reject', note: 'Not on a Friday.' }),
    ]);
    expect(result).toEqual({
      status: 'rejected',
      approvalId: id,
      modifiedDetails: null,
      decisionNote: 'Not on a Friday.',
    });
  });

  it.each([
    ['small', 'approved'],
    ['never', 'rejected'],
  ])('gives a rule’s decision at once: %s', async (action, status) => {
    expect(await client.requestSync(question({ action }))).toMatchObject({ status, approvalId: expect.any(String) });
  });

  it('no decision in time → pending; a later decision is read by getRequest', async () => {
    const asked = question();
    const result = await client.requestSync({ ...asked, timeoutMs: 50 });
    expect(result).toEqual({
      status: 'pending',
      approvalId: expect.any(String),
      modifiedDetails: null,
      decisionNote: null,
    });
    expect(await client.getRequest(result.approvalId!)).toMatchObject({
      id: result.approvalId,
      status: 'PENDING',
      details: asked.details,
      reviewUrl: expect.stringContaining(server.url),
    });
    await decideOn(asked.summary, { decision: 'approve', note: 'Late.' });
    expect(await client.getRequest(result.approvalId!)).toMatchObject({
      status: 'APPROVED',
      decisionNote: 'Late.',
      responseNotes: 'Late.',
      decidedAt: expect.any(String),
      decisionReasonCode: 'person',
      autoDecided: false,
    });
  });

  it('risk level and justification are shown to the reviewer', async () => {
    const asked = question({ riskLevel: 'high' });
    await client.requestSync({ ...asked, timeoutMs: 0 });
    expect(await inInbox(asked.summary)).toMatchObject({
      riskLevel: 'high',
      justification: EMAIL_BLAST.justification,
      details: asked.details,
    });
  });
});

describe('requestAsync at our review server', () => {
  it('returns at once; the decision goes to the callback', async () => {
    const receiver = await startCallbackReceiver();
    const asked = question();
    const result = await client.requestAsync({ ...asked, callbackUrl: receiver.url });
    expect(result).toEqual({
      status: 'pending',
      approvalId: expect.any(String),
      modifiedDetails: null,
      decisionNote: null,
    });
    await decideOn(asked.summary, { decision: 'approve' });
    await until('the callback', () => receiver.received.length > 0);
    expect(await client.getRequest(result.approvalId!)).toMatchObject({ status: 'APPROVED' });
    await receiver.stop();
  });

  it('rule matches → decision in the answer', async () => {
    expect(await client.requestAsync(question({ action: 'small' }))).toMatchObject({ status: 'approved' });
  });
});

describe('checkpoint at our review server', () => {
  it('approved → effectiveDetails', async () => {
    const asked = question({ riskScore: 0.9 });
    const [result, id] = await Promise.all([
      client.checkpoint(asked),
      decideOn(asked.summary, { decision: 'approve', note: 'Fine.' }),
    ]);
    expect(result).toEqual({
      id,
      status: 'APPROVED',
      details: asked.details,
      modifiedDetails: null,
      responseNotes: 'Fine.',
      effectiveDetails: asked.details,
    });
  });

  it('edited → effectiveDetails are the edit', async () => {
    const asked = question();
    const modifiedDetails = { ...asked.details, recipient_count: 50 };
    const [result] = await Promise.all([
      client.checkpoint(asked),
      decideOn(asked.summary, { decision: 'approve', modifiedDetails }),
    ]);
    expect(result).toMatchObject({ details: asked.details, modifiedDetails, effectiveDetails: modifiedDetails });
  });

  it('rejected → RejectedError with the note', async () => {
    const asked = question();
    const failed = client.checkpoint(asked).catch((error: unknown) => error);
    const id = await decideOn(asked.summary, { decision: 'reject', note: 'Not on a Friday.' });
    expect(await failed).toBeInstanceOf(RejectedError);
    expect(await failed).toMatchObject({
      id,
      note: 'Not on a Friday.',
      message: `The request ${id} was rejected: Not on a Friday.`,
    });
  });

  it('rule matches → approval', async () => {
    expect(await client.checkpoint(question({ action: 'small' }))).toMatchObject({ status: 'APPROVED' });
    await expect(client.checkpoint(question({ action: 'never' }))).rejects.toMatchObject({ name: 'RejectedError' });
  });

  it('no decision in time → CheqpointTimeoutError', async () => {
    await expect(client.checkpoint(question({ timeoutMs: 30 }))).rejects.toMatchObject({
      name: 'CheqpointTimeoutError',
      id: expect.any(String),
      timeoutMs: 30,
    });
    const impatient = new CheqpointClient({ connectionKey: KEY, baseUrl: server.url, timeout: 20, pollIntervalMs: 5 });
    await expect(impatient.checkpoint(question())).rejects.toMatchObject({
      name: 'CheqpointTimeoutError',
      timeoutMs: 20,
    });
  });
});

it('wrong key → CheqpointError with status 401, which does not show the key', async () => {
  const wrong = new CheqpointClient({ apiKey: 'cq_live_canary0123456789', baseUrl: server.url });
  for (const call of [
    wrong.requestSync(question()),
    wrong.requestAsync(question()),
    wrong.checkpoint(question()),
    wrong.getRequest('req_1'),
  ]) {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ name: 'CheqpointError', status: 401, passing: false, mayHaveArrived: false });
    expect(`${error?.stack}${JSON.stringify(error)}`).not.toContain('canary');
  }
});

it('getRequest of an unknown id, or of another key → status 404', async () => {
  await expect(client.getRequest('req_none')).rejects.toMatchObject({ name: 'CheqpointError', status: 404 });
  await expect(client.getRequest('../../healthz')).rejects.toMatchObject({ status: 404 });
});

it('twenty parallel requests → each its own decision', async () => {
  const asked = Array.from({ length: 20 }, (_, index) => question({ details: { index } }));
  const waiting = Promise.all(asked.map((each) => client.requestSync(each)));
  // Last in, first decided: every second one rejected, every fourth one edited.
  for (const [index, { summary }] of [...asked.entries()].toReversed()) {
    await decideOn(
      summary,
      index % 2 === 0
        ? { decision: 'reject', note: `note ${index}` }
        : {
            decision: 'approve',
            note: `note ${index}`,
            ...(index % 4 === 1 ? { modifiedDetails: { index: -index } } : {}),
          },
    );
  }
  expect(await waiting).toEqual(
    asked.map((_, index) => ({
      status: index % 2 === 0 ? 'rejected' : 'approved',
      approvalId: expect.any(String),
      decisionNote: `note ${index}`,
      modifiedDetails: index % 4 === 1 ? { index: -index } : null,
    })),
  );
});
