import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, OTHER_KEY, startTestServer, type TestServer } from './test-server.ts';

const OUTCOME = { action: 'refund:outcome-unknown', details: { outcome: 'happened', holdpoint: { kind: 'outcome' } } };

onBothDatabases((newDatabase) => {
  describe('rules', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startTestServer(await newDatabase(), { rules: [
        { name: 'reads are fine', action: 'read_database', riskLevel: 'low', decision: 'approve' },
        { name: 'reads of risk are looked at', action: 'read_database', decision: 'review' },
        { name: 'never drop', action: 'drop_database', decision: 'reject' },
        { name: 'low risk', riskLevel: 'low', decision: 'approve' },
      ] });
    });
    afterAll(() => server.close());

    it.each([
      ['the first match approves', { action: 'read_database', riskLevel: 'LOW' }, { status: 'approved', autoDecisionRuleName: 'reads are fine', decisionNote: 'Automatically approved by rule: reads are fine' }],
      ['a rule rejects', { action: 'drop_database' }, { status: 'rejected', autoDecisionRuleName: 'never drop', retryable: false }],
      ['a rule for every action', { riskScore: 0.1 }, { status: 'approved', autoDecisionRuleName: 'low risk' }],
    ])('%s, at once', async (_what, more, wanted) => {
      expect((await server.ask(more)).body).toMatchObject({ ...wanted, autoDecided: true, decisionReasonCode: 'rule', decidedBy: null, modifiedDetails: null, decidedAt: expect.any(String) });
    });

    it.each([
      ['review sends to a person what a later rule would approve', { action: 'read_database', riskScore: 0.9 }],
      ['no level means medium', {}],
      ['a question about an unknown outcome is for a person', { ...OUTCOME, riskLevel: 'low' }],
    ])('%s', async (_what, more) => {
      expect((await server.ask(more)).body).toMatchObject({ status: 'pending', autoDecided: false, decisionReasonCode: null });
    });

    it('answers the request endpoint, and the GET, with the decision too', async () => {
      const { body } = await server.post('/api/approvals/request', { ...EMAIL_BLAST, action: 'drop_database' });
      expect(body).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'rule' });
      expect((await server.get(`/api/approvals/${body.id}`)).body).toEqual(body);
    });
  });

  describe('limits', () => {
    it('reject what an assistant asks beyond them, until the time is over, and leave others alone', async () => {
      let shiftMs = 0;
      const server = await startTestServer(await newDatabase(), { limits: { requestsPerHour: 2, requestsPerDay: 3 }, clock: () => new Date(Date.now() + shiftMs) });
      try {
        const statuses = async (count: number) => (await Promise.all(Array.from({ length: count }, () => server.ask()))).map(({ body }) => body.decisionReasonCode ?? 'open').toSorted((a, b) => a.localeCompare(b));
        expect(await statuses(4)).toEqual(['limit', 'limit', 'open', 'open']);
        expect((await server.ask({}, { 'x-api-key': OTHER_KEY })).body.status).toBe('pending');
        shiftMs = 3_700_000;
        expect(await statuses(2)).toEqual(['limit', 'open']);
        const { body } = await server.ask();
        expect(body).toMatchObject({ status: 'rejected', autoDecided: true, autoDecisionRuleName: null, retryable: false, decisionNote: 'Automatically rejected: this assistant may ask 3 times in a day.' });
      } finally {
        await server.close();
      }
    });
  });

  describe('loop protection', () => {
    it('rejects identical requests, whatever Holdpoint’s reserved key says, and no others', async () => {
      const server = await startTestServer(await newDatabase(), { loopProtection: { identicalRequests: 2, withinSeconds: 60 } });
      try {
        const codes: unknown[] = [];
        for (const callKey of ['1', '2', '3']) codes.push((await server.ask({ details: { to: 'ana', holdpoint: { callKey } } })).body.decisionReasonCode);
        codes.push((await server.ask({ details: { to: 'ben' } })).body.decisionReasonCode);
        expect(codes).toEqual([null, null, 'loop', null]);
      } finally {
        await server.close();
      }
    });

    it('does not count repeats of one call', async () => {
      const server = await startTestServer(await newDatabase(), { loopProtection: { identicalRequests: 1, withinSeconds: 60 } });
      try {
        for (let repeat = 0; repeat < 3; repeat += 1) expect((await server.ask({}, { 'idempotency-key': 'one' })).body.status).toBe('pending');
      } finally {
        await server.close();
      }
    });
  });
});
