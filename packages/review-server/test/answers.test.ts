import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import type { Delivery } from '../src/contract/deliveries.ts';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { ADMINISTRATORS, EMAIL_BLAST, KEY, startTestServer, type TestServer } from './test-server.ts';

const hourMs = 3_600_000;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const editedDetails = { ...EMAIL_BLAST.details, recipient_count: 50 };

/** The end of a request, and the expected content of every answer about it. */
type Outcome = {
  what: string;
  asked?: () => object;
  /** Settings of the assistant during the request. */
  settings?: object;
  /** The event after the request. */
  happens?: (server: TestServer, id: string) => Promise<unknown>;
  says: Partial<ApprovalAnswer>;
  /**
   * The clients that also get a callback: all, only those of the request endpoint (they read only the id of its
   * answer), or none.
   */
  calledBack: 'all' | 'by request' | 'nobody';
};

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let receiver: CallbackReceiver;
  let shiftMs = 0;
  let requests = 0;
  beforeAll(async () => {
    receiver = await startCallbackReceiver();
    server = await startTestServer(await newDatabase(), {
      publicUrl: 'https://review.example',
      reviewers: ADMINISTRATORS,
      clock: () => new Date(Date.now() + shiftMs),
      rules: [
        { name: 'reads', conditions: [{ field: 'action', operator: 'is', value: 'read' }], decision: 'approve' },
        { name: 'drops', conditions: [{ field: 'action', operator: 'is', value: 'drop' }], decision: 'reject' },
      ],
    });
  });
  afterAll(async () => {
    await server.close();
    await receiver.stop();
  });

  const person = { decidedBy: 'ana', decisionReasonCode: 'person' } as const;
  const note = (text: string) => ({ decisionNote: text, responseNotes: text });
  const byItself = (code: 'rule' | 'limit' | 'loop' | 'paused', text: string) =>
    ({
      status: code === 'rule' ? undefined : 'REJECTED',
      decisionReasonCode: code,
      autoDecided: true,
      ...note(text),
    }) as Partial<ApprovalAnswer>;
  const withdraw =
    (reason: string): NonNullable<Outcome['happens']> =>
    (at, id) =>
      at.post(`/api/approvals/${id}/withdraw`, { reason });
  const outcomes: Outcome[] = [
    { what: 'that is open', says: { status: 'PENDING', decidedAt: null }, calledBack: 'nobody' },
    {
      what: 'approved without a note',
      happens: (at, id) => at.decide(id, { decision: 'approve' }),
      says: { status: 'APPROVED', ...person },
      calledBack: 'all',
    },
    {
      what: 'approved with a note',
      happens: (at, id) => at.decide(id, { decision: 'approve', note: 'Go — ünïcode 🚀.' }),
      says: { status: 'APPROVED', ...person, ...note('Go — ünïcode 🚀.') },
      calledBack: 'all',
    },
    {
      what: 'approved with an edit',
      happens: (at, id) => at.decide(id, { decision: 'approve', modifiedDetails: editedDetails, note: 'Fewer.' }),
      says: { status: 'APPROVED', ...person, ...note('Fewer.'), modifiedDetails: editedDetails },
      calledBack: 'all',
    },
    {
      what: 'rejected',
      happens: (at, id) => at.decide(id, { decision: 'reject', note: 'No.' }),
      says: { status: 'REJECTED', ...person, ...note('No.') },
      calledBack: 'all',
    },
    {
      what: 'that expired',
      asked: () => ({ expiresAt: new Date(Date.now() + shiftMs + hourMs / 2).toISOString() }),
      happens: async () => void (shiftMs += hourMs),
      says: { status: 'REJECTED', decisionReasonCode: 'expired', retryable: true, ...note('Nobody decided in time.') },
      calledBack: 'all',
    },
    {
      what: 'withdrawn',
      happens: withdraw('withdrawn'),
      says: { status: 'REJECTED', decisionReasonCode: 'withdrawn' },
      calledBack: 'nobody',
    },
    {
      what: 'superseded',
      happens: withdraw('superseded'),
      says: { status: 'REJECTED', decisionReasonCode: 'superseded' },
      calledBack: 'nobody',
    },
    {
      what: 'approved by a rule',
      asked: () => ({ action: 'read' }),
      says: {
        ...byItself('rule', 'Automatically approved by rule: reads'),
        status: 'APPROVED',
        autoDecisionRuleName: 'reads',
      },
      calledBack: 'by request',
    },
    {
      what: 'rejected by a rule',
      asked: () => ({ action: 'drop' }),
      says: {
        ...byItself('rule', 'Automatically rejected by rule: drops'),
        status: 'REJECTED',
        autoDecisionRuleName: 'drops',
      },
      calledBack: 'by request',
    },
    {
      what: 'beyond a limit',
      settings: { limits: { requestsPerHour: 1 } },
      says: byItself('limit', 'Automatically rejected: this assistant may ask once in an hour.'),
      calledBack: 'by request',
    },
    {
      what: 'that repeats itself',
      settings: { limits: { loopProtection: { identicalRequests: 1, withinSeconds: 60 } } },
      says: byItself('loop', 'Automatically rejected: 1 identical request came within 60 seconds.'),
      calledBack: 'by request',
    },
    {
      what: 'of a paused assistant',
      settings: { paused: true },
      says: byItself('paused', 'Automatically rejected: this assistant is paused.'),
      calledBack: 'by request',
    },
  ];

  describe.each(['/api/approvals/request', '/api/webhooks/inbound'])('asked at %s', (path) => {
    it.each(outcomes)(
      'request $what → the same in every answer, in the letter case of its endpoint',
      async ({ asked: own, settings, happens, says, calledBack }) => {
        const asked = own?.();
        const request = { ...EMAIL_BLAST, ...asked, callbackUrl: `${receiver.url}/hook` };
        const headers = { 'x-api-key': KEY, 'idempotency-key': `request-${(requests += 1)}` };
        const bearer = await server.bearer();
        const change = (what: object) => server.send('PUT', '/reviewer-api/assistants/comms', what, bearer);
        if (settings !== undefined) {
          await server.post(path, request);
          await change(settings);
        }
        const first = await server.post(path, request, headers);
        if (settings !== undefined)
          await change({ paused: false, limits: { requestsPerHour: null, loopProtection: null } });
        const { id } = first.body;
        expect((await server.get(`/api/approvals/${id}`)).body.status).toBe(happens ? 'PENDING' : says.status);
        await happens?.(server, id);

        const wanted = {
          id,
          approvalId: id,
          action: 'send_email_blast',
          details: EMAIL_BLAST.details,
          modifiedDetails: null,
          decisionNote: null,
          responseNotes: null,
          decidedAt: expect.stringMatching(timePattern),
          decidedBy: null,
          decisionReasonCode: null,
          autoDecided: false,
          autoDecisionRuleName: null,
          retryable: false,
          createdAt: expect.stringMatching(timePattern),
          expiresAt: null,
          ...asked,
          ...says,
        };
        const open = says.status === 'PENDING' ? { reviewUrl: `https://review.example/approvals/${id}` } : {};
        const stages = [{ needed: 1, of: ['a reviewer'] }];
        expect((await server.get(`/api/approvals/${id}`)).body).toEqual({ ...wanted, ...open, stages });
        expect((await server.post('/api/approvals/request', request, headers)).body).toEqual({ ...wanted, ...open });
        expect((await server.post('/api/webhooks/inbound', request, headers)).body).toEqual({
          ...wanted,
          ...open,
          stages,
          status: says.status!.toLowerCase(),
        });

        const { deliveries } = (
          await server.get<{ deliveries: Delivery[] }>(`/reviewer-api/deliveries?approval=${id}`, bearer)
        ).body;
        const told = calledBack === 'all' || (calledBack === 'by request' && path === '/api/approvals/request');
        expect(deliveries.length).toBe(told ? 1 : 0);
        if (!told) return;
        const received = await eventually('the callback', () =>
          receiver.received.map(({ text }) => JSON.parse(text) as ApprovalAnswer).find((body) => body.id === id),
        );
        expect(received).toEqual(wanted);
      },
    );
  });
});
