import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ApprovalList,
  ApprovalSummary,
  Counts,
  DecideManyAnswer,
  Facets,
  ReviewerApproval,
} from '../src/contract/reviewer-api.ts';
import { approvalListSchema, reviewerApprovalSchema } from '../src/contract/reviewer-api.ts';
import { onBothDatabases } from './on-both-databases.ts';
import {
  EMAIL_BLAST,
  KEY,
  OTHER_KEY,
  startTestServer,
  type Answer,
  type PASSWORDS,
  type TestServer,
} from './test-server.ts';

type Name = keyof typeof PASSWORDS;
const minuteMs = 60_000;

/* The inbox's data, as two reviewers and an auditor see it. */

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let shiftMs = 0;
  beforeAll(async () => {
    server = await startTestServer(await newDatabase(), {
      clock: () => new Date(Date.now() + shiftMs),
      rules: [
        { name: 'Small ones', conditions: [{ field: 'action', operator: 'is', value: 'small' }], decision: 'approve' },
      ],
    });
  });
  afterAll(() => server.close());

  const read = async <Body>(path: string, name: Name = 'ana') =>
    server.get<Body>(`/reviewer-api${path}`, await server.bearer(name));
  const send = async <Body = ReviewerApproval & { error: string; approval: ReviewerApproval }>(
    method: string,
    path: string,
    name: Name = 'ana',
    body?: object,
  ): Promise<Answer<Body>> => {
    const response = await fetch(`${server.url}/reviewer-api${path}`, {
      method,
      headers: { ...(await server.bearer(name)), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Body };
  };
  const ask = async (more: object = {}, key = KEY) => (await server.ask(more, { 'x-api-key': key })).body.id;
  const list = async (query: string, name?: Name) =>
    approvalListSchema.parse((await read<ApprovalList>(`/approvals?${query}`, name)).body).approvals;
  const ids = (approvals: ApprovalSummary[]) => approvals.map(({ id }) => id);
  /** Follows the cursor to its end; `between` runs after each page. */
  async function everyPage(query: string, between: () => Promise<unknown> = async () => {}): Promise<string[]> {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: Answer<ApprovalList> = await read(`/approvals?${query}${cursor && `&cursor=${cursor}`}`);
      seen.push(...ids(body.approvals));
      cursor = body.nextCursor;
      await between();
    }
    return seen;
  }

  describe('box', () => {
    it('order → open by due time, then age; done by newest decision', async () => {
      const inMinutes = (minutes: number) => new Date(Date.now() + shiftMs + minutes * minuteMs).toISOString();
      const action = 'in-order';
      const [never, late, soon, neverLater] = [
        await ask({ action }),
        await ask({ action, expiresAt: inMinutes(50) }),
        await ask({ action, expiresAt: inMinutes(10) }),
        await ask({ action }),
      ];
      expect(ids(await list(`box=needs-you&action=${action}`))).toEqual([soon, late, never, neverLater]);
      for (const id of [late, never]) await server.decide(id, { decision: 'approve' });
      expect(ids(await list(`box=needs-you&action=${action}`))).toEqual([soon, neverLater]);
      expect(ids(await list(`box=done&action=${action}`))).toEqual([never, late]);
      expect(ids(await list(`box=all&action=${action}`))).toEqual([neverLater, soon, late, never]);
    });

    it.each(['needs-you', 'done', 'all'] as const)(
      '%s, paged while others come and go → every approval once',
      async (box) => {
        const wanted: string[] = [];
        for (let index = 0; index < 7; index += 1) wanted.push(await ask({ action: `paged-${box}` }));
        if (box === 'done') for (const id of wanted) await server.decide(id, { decision: 'reject' });
        const others: string[] = [];
        const seen = await everyPage(`box=${box}&limit=2&action=paged-${box}`, async () => {
          others.push(await ask({ action: `paged-${box}` }));
          if (box !== 'all') await server.decide(others.at(-1)!, { decision: 'approve' });
        });
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((id) => !others.includes(id)).toSorted()).toEqual(wanted.toSorted());
      },
    );

    it.each([
      ['of another box', Buffer.from('done\n2026-01-01T00:00:00.000Z\nreq_1').toString('base64url')],
      ['that is none', 'nonsense'],
      ['with a NUL', Buffer.from('all\n\0\n\0').toString('base64url')],
    ])('cursor %s → refused', async (_what, cursor) => {
      const { status, body } = await read<{ error: string }>(`/approvals?box=all&cursor=${cursor}`);
      expect([status, body.error]).toEqual([400, expect.stringContaining('cursor')]);
    });

    it('filters → by assistant, action, risk and outcome', async () => {
      const action = 'narrowed';
      const high = await ask({ action, riskLevel: 'HIGH' });
      const [approved, rejected, expired, withdrawn, others] = [
        await ask({ action }),
        await ask({ action }),
        await ask({ action, expiresAt: new Date(Date.now() + shiftMs + 1000).toISOString() }),
        await ask({ action }),
        await ask({ action }, OTHER_KEY),
      ];
      await server.decide(approved, { decision: 'approve' });
      await server.decide(rejected, { decision: 'reject' });
      await server.post(`/api/approvals/${withdrawn}/withdraw`, { reason: 'superseded' });
      shiftMs += 2000;
      const within = async (query: string) => ids(await list(`action=${action}&${query}`)).toSorted();
      expect(await within('status=approved')).toEqual([approved]);
      expect(await within('status=rejected')).toEqual([rejected]);
      expect(await within('status=expired')).toEqual([expired]);
      expect(await within('status=withdrawn')).toEqual([withdrawn]);
      expect(await within('status=pending')).toEqual([high, others].toSorted());
      expect(await within('status=decided')).toEqual([approved, rejected, expired, withdrawn].toSorted());
      expect(await within('risk=High')).toEqual([high]);
      expect(await within('assistant=other')).toEqual([others]);
      expect(await within('assistant=nobody')).toEqual([]);
    });
  });

  describe('search', () => {
    it('part of a word, any letter case → found in every shown field', async () => {
      const id = await ask({
        action: 'pay_Ümlaut',
        summary: 'Refund of 12.50 to Müller',
        agentName: 'Zahlmeister',
        onBehalfOf: 'Quentin',
        details: { iban: 'DE8937', nested: [{ purpose: 'Überweisung' }], holdpoint: { mac: 'unfindable-mac' } },
        justification: 'goodwill-gesture',
      });
      for (const q of [
        'efun',
        'müll',
        'MÜLLER',
        '12.5',
        'zahlmeis',
        'quent',
        'e8937',
        'überweis',
        'iban',
        'goodwill',
        'y_üml',
        id,
        id.slice(8, 20),
        'refund müller',
      ])
        expect([q, ids(await list(`q=${encodeURIComponent(q)}`))]).toEqual([q, [id]]);
      for (const q of ['unfindable-mac', 'refund nobody', 'refund%müller', 'y-üml', '%', '"', "' or 1=1 --", 'qz\0zq'])
        expect([q, ids(await list(`q=${encodeURIComponent(q)}`))]).toEqual([q, []]);
    });

    it('one or two letters, text of a decision → found', async () => {
      const id = await ask({ action: 'ж', summary: 'x' });
      expect(ids(await list(`q=${encodeURIComponent('ж')}`))).toEqual([id]);
      await server.decide(id, {
        decision: 'approve',
        note: 'Verified by phone',
        modifiedDetails: { ...EMAIL_BLAST.details, subject: 'Rückruf' },
      });
      expect([
        ids(await list('q=by%20phone')),
        ids(await list(`q=${encodeURIComponent('rückr')}`)),
        ids(await list(`q=${encodeURIComponent('ж phone')}&box=done`)),
        ids(await list(`q=${encodeURIComponent('ж')}&box=needs-you`)),
      ]).toEqual([[id], [id], [id], []]);
    });

    it('with filters and pages → applied together', async () => {
      const wanted: string[] = [];
      for (let index = 0; index < 5; index += 1)
        wanted.unshift(await ask({ action: 'search-paged', summary: `needle ${index}` }));
      await ask({ action: 'other', summary: 'needle in another action' });
      expect(await everyPage('q=needle&limit=2&action=search-paged')).toEqual(wanted);
    });
  });

  describe('counts and facets', () => {
    it('counts → for the signed-in user; facets → the existing values', async () => {
      const counts = async (name: Name) => (await read<Counts>('/counts', name)).body;
      const before = await counts('ana');
      const id = await ask({ action: 'counted' });
      expect(await counts('ana')).toEqual({ ...before, needsYou: before.needsYou + 1 });
      await send('PUT', `/approvals/${id}/claim`, 'ben');
      expect(await counts('ana')).toEqual({ ...before, waiting: before.waiting + 1 });
      expect(await counts('ben')).toMatchObject({ needsYou: before.needsYou + 1 + before.waiting });
      await server.decide(id, { decision: 'approve' });
      expect(await counts('ana')).toEqual({ ...before, done: before.done + 1 });
      const { body } = await read<Facets>('/facets');
      // Names that programs give themselves are there too.
      expect(body.assistants).toEqual(expect.arrayContaining(['comms', 'other']));
      expect(body.actions).toEqual([...new Set(body.actions)].toSorted());
      expect(body.actions).toEqual(expect.arrayContaining(['counted', 'search-paged']));
    });
  });

  describe('claim', () => {
    it('claimed → shown to all, moved for others, all may decide', async () => {
      const id = await ask({ action: 'claimed' });
      const { body } = await send('PUT', `/approvals/${id}/claim`, 'ben');
      expect(body.claim).toEqual({
        by: 'ben',
        isGroup: false,
        assignedBy: null,
        at: expect.stringMatching(/Z$/),
      });
      expect((await read<ReviewerApproval>(`/approvals/${id}`)).body.claim).toEqual(body.claim);
      expect([ids(await list('box=needs-you&action=claimed')), ids(await list('box=waiting&action=claimed'))]).toEqual([
        [],
        [id],
      ]);
      expect([
        ids(await list('box=needs-you&action=claimed', 'ben')),
        ids(await list('box=waiting&action=claimed', 'ben')),
      ]).toEqual([[id], []]);
      expect((await list('action=claimed'))[0]!.claim).toEqual(body.claim);
      expect((await server.decide(id, { decision: 'approve' }, 'ana')).body).toMatchObject({
        status: 'APPROVED',
        decidedBy: 'ana',
        claim: null,
      });
    });

    it('claimed again → longer; by another → taken over; 15 minutes → ended', async () => {
      const id = await ask();
      const claim = async (name: Name) => (await send('PUT', `/approvals/${id}/claim`, name)).body.claim;
      await claim('ben');
      shiftMs += 10 * minuteMs;
      await claim('ben');
      shiftMs += 10 * minuteMs;
      expect((await read<ReviewerApproval>(`/approvals/${id}`)).body.claim).toMatchObject({ by: 'ben' });
      expect(await claim('ana')).toMatchObject({ by: 'ana' });
      shiftMs += 15 * minuteMs;
      const { body } = await read<ReviewerApproval>(`/approvals/${id}`);
      expect(body.claim).toBeNull();
      expect(body.timeline.map(({ actor, event, text }) => [actor, event, text])).toEqual([
        ['comms', 'requested', 'requested a decision'],
        ['ben', 'claimed', 'claimed it'],
        ['ana', 'claimed', 'took the claim over from ben'],
      ]);
    });

    it('released by another user → refused', async () => {
      const id = await ask();
      await send('PUT', `/approvals/${id}/claim`, 'ben');
      expect((await send('DELETE', `/approvals/${id}/claim`, 'ana')).body.claim).toMatchObject({ by: 'ben' });
      expect((await send('DELETE', `/approvals/${id}/claim`, 'ben')).body.claim).toBeNull();
      expect(await send('DELETE', `/approvals/${id}/claim`, 'ben')).toMatchObject({
        status: 200,
        body: { claim: null },
      });
      expect((await read<ReviewerApproval>(`/approvals/${id}`)).body.timeline.map(({ event }) => event)).toEqual([
        'requested',
        'claimed',
        'released',
      ]);
    });

    it('closed, expired or unknown request → refused', async () => {
      const [decided, expiring] = [
        await ask(),
        await ask({ expiresAt: new Date(Date.now() + shiftMs + 1000).toISOString() }),
      ];
      await server.decide(decided, { decision: 'reject' }, 'ben');
      shiftMs += 2000;
      for (const method of ['PUT', 'DELETE']) {
        expect(await send(method, `/approvals/${decided}/claim`)).toMatchObject({
          status: 409,
          body: {
            error: expect.stringContaining('Already rejected by ben'),
            approval: { id: decided, status: 'REJECTED' },
          },
        });
        expect(await send(method, `/approvals/${expiring}/claim`)).toMatchObject({
          status: 409,
          body: { error: expect.stringContaining('expired') },
        });
        expect((await send(method, '/approvals/req_unknown/claim')).status).toBe(404);
      }
    });
  });

  describe('approval', () => {
    it('fields → all that the page shows', async () => {
      const expiresAt = new Date(Date.now() + shiftMs + minuteMs).toISOString();
      const id = await ask({
        riskScore: 0.75,
        agentName: 'Blaster',
        expiresAt,
        riskReason: 'More than 100 recipients.',
        onBehalfOf: 'zoe',
        conversation: [{ role: 'user', text: 'Tell all customers.' }],
        details: { ...EMAIL_BLAST.details, holdpoint: { justificationFrom: 'model', context: { requestedBy: 'zoe' } } },
      });
      const { body } = await read<ReviewerApproval>(`/approvals/${id}`);
      expect(reviewerApprovalSchema.parse(body)).toEqual(body);
      expect(body).toMatchObject({
        kind: 'call',
        riskLevel: 'high',
        riskReason: 'More than 100 recipients.',
        onBehalfOf: 'zoe',
        justificationFrom: 'model',
        context: { requestedBy: 'zoe' },
        claim: null,
        edited: false,
        conversation: [{ role: 'user', text: 'Tell all customers.' }],
        expiresAt,
        atExpiry: expect.stringMatching(/^It closes as expired/),
        reviewUrl: `${server.url}/approvals/${id}`,
      });
      const question = await ask({
        action: 'refund:outcome-unknown',
        details: { outcome: 'happened', holdpoint: { kind: 'outcome' } },
        expiresAt,
      });
      expect((await read<ReviewerApproval>(`/approvals/${question}`)).body).toMatchObject({
        kind: 'outcome',
        atExpiry: expect.stringContaining('stays unknown'),
      });
    });

    it('timeline → events with their actors', async () => {
      const tell = async (id: string) => (await read<ReviewerApproval>(`/approvals/${id}`)).body.timeline.at(-1);
      const edited = await ask();
      await server.decide(
        edited,
        { decision: 'approve', modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 1 } },
        'ben',
      );
      expect(await tell(edited)).toMatchObject({ actor: 'ben', event: 'decided', text: 'approved it with edits' });
      expect(await tell(await ask({ action: 'small' }))).toMatchObject({
        actor: 'the system',
        text: 'approved it by the rule "Small ones"',
      });
      const withdrawn = await ask();
      await server.post(`/api/approvals/${withdrawn}/withdraw`, { reason: 'withdrawn' });
      expect(await tell(withdrawn)).toMatchObject({ actor: 'comms', text: 'withdrew it' });
      const question = await ask({ details: { outcome: 'happened', holdpoint: { kind: 'outcome' } } });
      await server.decide(question, { decision: 'give-up' });
      expect(await tell(question)).toMatchObject({ actor: 'ana', text: 'gave up on it' });
    });
  });

  it('no sign-in, or a Connection Key → refused', async () => {
    const id = await ask();
    for (const headers of [{}, { 'x-api-key': KEY }, { authorization: 'Bearer rvw_forged' }]) {
      for (const path of [
        '/approvals',
        `/approvals/${id}`,
        '/counts',
        '/facets',
        '/events',
        '/session',
        '/sessions',
        '/users',
      ])
        expect([path, (await server.get(`/reviewer-api${path}`, headers)).status]).toEqual([path, 401]);
      for (const path of [`/approvals/${id}/decide`, '/approvals/decide'])
        expect((await server.post(`/reviewer-api${path}`, { ids: [id], decision: 'approve' }, headers)).status).toBe(
          401,
        );
    }
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
  });

  it.each(['status=open', 'box=mine', 'limit=0', 'limit=many', `q=${'x'.repeat(201)}`])(
    'query %s → refused',
    async (query) => {
      expect((await read(`/approvals?${query}`)).status).toBe(400);
    },
  );

  describe('batch decision', () => {
    it('one fails → a result for each, the others decided', async () => {
      const [open, closed, question] = [
        await ask(),
        await ask(),
        await ask({ details: { outcome: 'happened', holdpoint: { kind: 'outcome' } } }),
      ];
      await server.decide(closed, { decision: 'reject' }, 'ben');
      const { status, body } = await send<DecideManyAnswer>('POST', '/approvals/decide', 'ana', {
        ids: [closed, 'req_unknown', question, open, open],
        decision: 'approve',
        note: 'All fine.',
      });
      expect(status).toBe(200);
      expect(body.results).toMatchObject([
        {
          id: closed,
          outcome: 'already-closed',
          error: expect.stringContaining('Already rejected by ben'),
          approval: { status: 'REJECTED' },
        },
        { id: 'req_unknown', outcome: 'not-found' },
        { id: question, outcome: 'refused', approval: { status: 'PENDING' } },
        { id: open, outcome: 'decided', approval: { status: 'APPROVED', decidedBy: 'ana' } },
      ]);
      expect((await server.get(`/api/approvals/${open}`)).body).toMatchObject({
        status: 'APPROVED',
        decisionNote: 'All fine.',
      });
    });

    it('a critical one among them → 400 that names it, nothing decided', async () => {
      const [plain, critical] = [await ask(), await ask({ action: 'drop_database', riskLevel: 'Critical' })];
      for (const decision of ['approve', 'reject']) {
        const { status, body } = await send<{ error: string }>('POST', '/approvals/decide', 'ana', {
          ids: [plain, critical],
          decision,
        });
        expect([status, body.error]).toEqual([
          400,
          expect.stringContaining(`${critical} ("drop_database") is critical`),
        ]);
      }
      for (const id of [plain, critical])
        expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
    });

    it('the digest of something else → refused, the others decided', async () => {
      const [one, two] = [await ask(), await ask()];
      const { shown } = (await read<ReviewerApproval>(`/approvals/${one}`)).body;
      const { body } = await send<DecideManyAnswer>('POST', '/approvals/decide', 'ana', {
        ids: [one, two],
        decision: 'approve',
        shown: { [one]: shown, [two]: shown },
      });
      expect(body.results).toMatchObject([
        { id: one, outcome: 'decided' },
        { id: two, outcome: 'refused', error: expect.stringContaining('changed') },
      ]);
    });

    it.each([
      [{ ids: [], decision: 'approve' }, 'ids'],
      [{ ids: ['a'], decision: 'maybe' }, 'decision'],
      [{ ids: Array.from({ length: 101 }, String), decision: 'approve' }, 'ids'],
    ])('%j → refused', async (body, field) => {
      expect(await send('POST', '/approvals/decide', 'ana', body)).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining(field) },
      });
    });
  });
});
