import { describe, expect, it } from 'vitest';
import { createPostgresClient } from '@holdpoint/database';
import { onBothDatabases } from './on-both-databases.ts';
import { ADMINISTRATORS, OTHER_KEY, startTestServer } from './test-server.ts';

onBothDatabases((newDatabase) => {
  describe('limits', () => {
    it('above a limit → rejected until its time is over; other assistants → unaffected', async () => {
      let shiftMs = 0;
      const server = await startTestServer(await newDatabase(), {
        limits: { requestsPerHour: 2, requestsPerDay: 3 },
        clock: () => new Date(Date.now() + shiftMs),
      });
      try {
        const statuses = async (count: number) =>
          (await Promise.all(Array.from({ length: count }, () => server.ask())))
            .map(({ body }) => body.decisionReasonCode ?? 'open')
            .toSorted((a, b) => a.localeCompare(b));
        expect(await statuses(4)).toEqual(['limit', 'limit', 'open', 'open']);
        expect((await server.ask({}, { 'x-api-key': OTHER_KEY })).body.status).toBe('pending');
        shiftMs = 3_700_000;
        expect(await statuses(2)).toEqual(['limit', 'open']);
        const { body } = await server.ask();
        expect(body).toMatchObject({
          status: 'rejected',
          autoDecided: true,
          autoDecisionRuleName: null,
          retryable: false,
          decisionNote: 'Automatically rejected: this assistant may ask 3 times in a day.',
        });
      } finally {
        await server.close();
      }
    });

    it('assistant without a limit → its requests wait for no other one', async () => {
      const databaseUrl = await newDatabase();
      const server = await startTestServer(databaseUrl);
      // SQLite has one writer.
      const other = databaseUrl.startsWith('postgres')
        ? createPostgresClient(`${databaseUrl}?idle_in_transaction_session_timeout=0`)
        : undefined;
      try {
        await other?.connect();
        await other?.query('begin');
        await server.ask();
        expect((await other?.query('select from assistants for share'))?.rowCount).not.toBe(0);
        expect((await server.ask()).body.status).toBe('pending');
      } finally {
        await other?.end();
        await server.close();
      }
    });

    it('own limits → override the defaults; reset → the defaults', async () => {
      const server = await startTestServer(await newDatabase(), {
        reviewers: ADMINISTRATORS,
        limits: { requestsPerHour: 1, loopProtection: { identicalRequests: 100, withinSeconds: 60 } },
      });
      try {
        const bearer = await server.bearer();
        const put = (limits: object) => server.send('PUT', '/reviewer-api/assistants/comms', { limits }, bearer);
        expect(
          (await put({ requestsPerHour: 3, loopProtection: { identicalRequests: 2, withinSeconds: 60 } })).body,
        ).toMatchObject({
          name: 'comms',
          limits: { requestsPerHour: 3, requestsPerDay: null, loopProtection: { identicalRequests: 2 } },
          effectiveLimits: { requestsPerHour: 3, requestsPerDay: null },
          requests: { lastHour: 0 },
          activeKeys: 2,
        });
        const code = async () => (await server.ask()).body.decisionReasonCode;
        expect([await code(), await code(), await code()]).toEqual([null, null, 'loop']);
        await put({ loopProtection: null });
        expect([await code(), await code()]).toEqual([null, 'limit']);
        expect((await put({ requestsPerHour: null })).body).toMatchObject({
          limits: { requestsPerHour: null },
          effectiveLimits: { requestsPerHour: 1 },
          requests: { lastHour: 5, waiting: 3 },
        });
        expect((await put({ requestsPerHour: 0 })).status).toBe(400);
        expect((await server.send('PUT', '/reviewer-api/assistants/nobody', {}, bearer)).status).toBe(404);
      } finally {
        await server.close();
      }
    });
  });

  it('kill switch → requests rejected, waiting ones not approvable; off → as before', async () => {
    const server = await startTestServer(await newDatabase(), { reviewers: ADMINISTRATORS });
    try {
      const bearer = await server.bearer();
      const [first, second] = [(await server.ask()).body.id, (await server.ask()).body.id];
      expect(
        (await server.send('PUT', '/reviewer-api/assistants/comms', { paused: true, reason: 'It runs wild' }, bearer))
          .body,
      ).toMatchObject({ paused: { by: 'ana', reason: 'It runs wild' } });
      expect((await server.ask()).body).toMatchObject({
        status: 'rejected',
        decisionReasonCode: 'paused',
        autoDecided: true,
        retryable: false,
        decisionNote: 'Automatically rejected: this assistant is paused (It runs wild).',
      });
      expect((await server.ask({}, { 'x-api-key': OTHER_KEY })).body.status).toBe('pending');
      const { status, body } = await server.decide(first, { decision: 'approve' });
      expect([status, body.error]).toEqual([423, expect.stringContaining('was paused by ana')]);
      expect((await server.decide(second, { decision: 'reject' })).status).toBe(200);
      expect((await server.get(`/api/approvals/${first}`)).body.status).toBe('PENDING');
      expect(
        (await server.send('PUT', '/reviewer-api/assistants/comms', { paused: false }, bearer)).body,
      ).toMatchObject({ paused: null });
      expect((await server.decide(first, { decision: 'approve' })).status).toBe(200);
      expect((await server.ask()).body.status).toBe('pending');
    } finally {
      await server.close();
    }
  });

  describe('loop protection', () => {
    it('identical requests, any reserved key → rejected; others → not', async () => {
      const server = await startTestServer(await newDatabase(), {
        limits: { loopProtection: { identicalRequests: 2, withinSeconds: 60 } },
      });
      try {
        const codes: unknown[] = [];
        for (const callKey of ['1', '2', '3'])
          codes.push((await server.ask({ details: { to: 'ana', holdpoint: { callKey } } })).body.decisionReasonCode);
        codes.push((await server.ask({ details: { to: 'ben' } })).body.decisionReasonCode);
        expect(codes).toEqual([null, null, 'loop', null]);
      } finally {
        await server.close();
      }
    });

    it('repeats of one call → not counted', async () => {
      const server = await startTestServer(await newDatabase(), {
        limits: { loopProtection: { identicalRequests: 1, withinSeconds: 60 } },
      });
      try {
        for (let repeat = 0; repeat < 3; repeat += 1)
          expect((await server.ask({}, { 'idempotency-key': 'one' })).body.status).toBe('pending');
      } finally {
        await server.close();
      }
    });
  });
});
