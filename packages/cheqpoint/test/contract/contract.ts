import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { reviewAnswerSchema } from '../../src/wire/cheqpoint-answers.ts';

/** A service with Cheqpoint's API, and a Connection Key of it. */
export type CheqpointService = { url: string; key: string };
/** Decides the open request with this summary. A person reads the decision to make in the summary. */
export type Reviewer = (
  summary: string,
  decision: { decision: 'approve' | 'reject'; note?: string; modifiedDetails?: object },
) => Promise<void>;

const refund = {
  action: 'holdpoint_contract_test',
  summary: 'A test of the API. Please ignore or reject it.',
  details: { amount: 40, currency: 'EUR' },
  justification: 'It is a test.',
};
const pollIntervalMs = 1000;

/** The parts of the contract that need no decision. Cheqpoint's pages and its Python package rely on them. */
export function cheqpointContract(service: () => CheqpointService): void {
  const call = callsTo(service);

  it('request → id and PENDING; read by that id with its details', async () => {
    const asked = await call('POST', '/api/approvals/request', { ...refund, apiKey: service().key, riskScore: null });
    expect(asked).toMatchObject({
      status: expect.toSatisfy((status: number) => status < 300),
      body: { id: expect.stringMatching(/^[^/?#\s]+$/) },
    });
    const read = await call('GET', `/api/approvals/${String(asked.body['id'])}`);
    expect(read).toMatchObject({
      status: 200,
      body: {
        id: asked.body['id'],
        status: expect.stringMatching(/^(PENDING|APPROVED|REJECTED)$/),
        details: refund.details,
      },
    });
    expect(reviewAnswerSchema.parse(read.body).status).not.toBe('unknown');
  });

  it('inbound request → status in lower case, at once and after a hold', async () => {
    for (const maxWaitMs of [undefined, 500]) {
      const { status, body } = await call('POST', '/api/webhooks/inbound', { ...refund, maxWaitMs });
      expect([status < 300, body['status']]).toEqual([true, expect.stringMatching(/^(pending|approved|rejected)$/)]);
      const id = reviewAnswerSchema.parse(body).id;
      expect(id).not.toBeNull();
      expect((await call('GET', `/api/approvals/${id}`)).body).toMatchObject({ id });
    }
  });

  it('wrong key, unknown id → error with a sentence', async () => {
    expect(await call('GET', '/api/approvals/req_unknown_to_everybody')).toMatchObject({
      status: expect.toSatisfy((status: number) => status >= 400),
      body: { error: expect.any(String) },
    });
    expect(await call('POST', '/api/webhooks/inbound', refund, 'cq_live_000000000000')).toMatchObject({
      status: expect.toSatisfy((status: number) => status >= 400 && status < 500),
      body: { error: expect.any(String) },
    });
  });
}

/** The parts of the contract about decisions. `decide` has `decisionTimeoutMs` for each. */
export function decidedContract(service: () => CheqpointService, decide: Reviewer, decisionTimeoutMs = 60_000): void {
  const call = callsTo(service);

  it.each([
    [
      'an approval',
      'approve it, unchanged, with the note "Go."',
      { decision: 'approve', note: 'Go.' },
      { status: 'APPROVED', note: 'Go.', modifiedDetails: null },
    ],
    [
      'a whole edit',
      'change the amount to 20, and approve it',
      { decision: 'approve', modifiedDetails: { amount: 20, currency: 'EUR' } },
      { status: 'APPROVED', modifiedDetails: { amount: 20, currency: 'EUR' } },
    ],
    [
      'a rejection',
      'reject it with the note "No."',
      { decision: 'reject', note: 'No.' },
      { status: 'REJECTED', note: 'No.', modifiedDetails: null },
    ],
  ] as const)(
    '%s → lower case in the held call, upper case in a GET',
    async (_what, task, decision, { status, ...told }) => {
      const summary = `A test of the API. Please ${task}.`;
      const held = call('POST', '/api/webhooks/inbound', { ...refund, summary, maxWaitMs: 10_000 });
      await decide(summary, decision);
      const answer = await held;
      const id = reviewAnswerSchema.parse(answer.body).id ?? '';
      expect([status.toLowerCase(), 'pending']).toContain(answer.body['status']);
      let read = await call('GET', `/api/approvals/${id}`);
      // A person may take longer than the call is held.
      for (; read.body['status'] === 'PENDING'; read = await call('GET', `/api/approvals/${id}`))
        await pause(pollIntervalMs);
      for (const { body } of answer.body['status'] === 'pending' ? [read] : [answer, read])
        expect(reviewAnswerSchema.parse(body)).toMatchObject(told);
      expect(read.body).toMatchObject({
        id,
        status,
        details: refund.details,
        decidedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      });
    },
    decisionTimeoutMs,
  );
}

function callsTo(service: () => CheqpointService) {
  return async (method: 'GET' | 'POST', path: string, body?: object, key = service().key) => {
    const response = await fetch(`${service().url}${path}`, {
      method,
      redirect: 'manual',
      // Cheqpoint's Python package sends the content type also on a GET without a body.
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}
