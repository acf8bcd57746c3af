import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Assigned, AssignedList, Assignees, Comment } from '../src/contract/desk.ts';
import type { ApprovalList, Counts, ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

type Name = keyof typeof PASSWORDS;
type Refused = { error: string };

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let database: ReviewDatabase;
  beforeAll(async () => {
    const databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, {
      reviewers: [
        { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] },
        { name: 'ben', password: PASSWORDS.ben },
        { name: 'eve', password: 'eve only watches', roles: ['auditor'] },
      ],
    });
    database = await openReviewDatabase(databaseUrl, () => undefined);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  const ask = async (more: object = {}) => (await server.ask(more)).body.id;
  const get = async <Body>(path: string, as: Name = 'ben') =>
    (await server.get<Body>(`/reviewer-api${path}`, await server.bearer(as))).body;
  const read = (id: string, as: Name = 'ben') => get<ReviewerApproval>(`/approvals/${id}`, as);
  const comment = async (id: string, text: unknown, as: Name = 'ana') =>
    server.post<Comment & Refused>(`/reviewer-api/approvals/${id}/comments`, { text }, await server.bearer(as));
  const assign = async (id: string, body: object, as: Name = 'ana') =>
    server.send<Assigned & Refused>('PUT', `/reviewer-api/approvals/${id}/assignment`, body, await server.bearer(as));
  const auditText = async () => {
    await linkAudit({ database });
    return JSON.stringify(await database.reads.selectFrom('audit').selectAll().execute());
  };
  const boxOf = async (id: string, as: Name) => {
    for (const box of ['needs-you', 'waiting'])
      if ((await get<ApprovalList>(`/approvals?box=${box}`, as)).approvals.some((each) => each.id === id)) return box;
    return undefined;
  };

  describe('comments', () => {
    it('of two people → in order with the approval, found by search, kept after the end', async () => {
      const id = await ask();
      expect((await comment(id, 'Is this the whole list?')).body).toMatchObject({ number: 1, by: 'ana' });
      await comment(id, 'Yes, quokka-segment only.', 'ben');
      await server.decide(id, { decision: 'approve' });
      await comment(id, 'Sent at noon.');
      expect((await read(id)).comments.map(({ number, by, text }) => [number, by, text])).toEqual([
        [1, 'ana', 'Is this the whole list?'],
        [2, 'ben', 'Yes, quokka-segment only.'],
        [3, 'ana', 'Sent at noon.'],
      ]);
      const found = await get<ApprovalList>('/approvals?q=QUOKKA-segment');
      expect(found.approvals.map((each) => each.id)).toEqual([id]);
    });

    it('never in answers to the requester, in the callback, or as text in the audit', async () => {
      const receiver = await startCallbackReceiver();
      const id = await ask({ callbackUrl: `${receiver.url}/hook` });
      await comment(id, 'canary-comment');
      await assign(id, { to: { user: 'ben' }, comment: 'canary-hand-over' });
      const open = await server.get(`/api/approvals/${id}`);
      await server.decide(id, { decision: 'approve' });
      const closed = await server.get(`/api/approvals/${id}`);
      const [callback] = await eventually('the callback', () => receiver.received.length > 0 && receiver.received);
      await receiver.stop();
      expect(`${open.text}${closed.text}${callback!.text}${await auditText()}`).not.toContain('canary');
      expect((await read(id)).comments).toHaveLength(2);
    });

    it.each([
      ['empty', ' \n ', 400],
      ['too long', 'x'.repeat(2001), 400],
      ['no text', 7, 400],
    ])('%s → refused', async (_what, text, status) => {
      const id = await ask();
      expect((await comment(id, text)).status).toBe(status);
      expect((await read(id)).comments).toEqual([]);
    });

    it('NUL, markup and direction marks → stored as sent, NUL as U+FFFD', async () => {
      const id = await ask();
      await comment(id, 'a\0b <b>\u202E</b>');
      expect((await read(id)).comments[0]!.text).toBe('a\uFFFDb <b>\u202E</b>');
    });

    it('more than 200 → refused; at once → numbered without gaps', async () => {
      const id = await ask();
      await Promise.all(Array.from({ length: 12 }, (_, index) => comment(id, `${index}`)));
      expect((await read(id)).comments.map(({ number }) => number)).toEqual(
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
      const { id: user_id } = await database.reads
        .selectFrom('users')
        .select('id')
        .where('name', '=', 'ana')
        .executeTakeFirstOrThrow();
      const row = { approval_id: id, number: 200, user_id, text: 'last', at: new Date().toISOString() };
      await database.kysely.insertInto('comments').values(row).execute();
      expect((await comment(id, 'one more')).status).toBe(409);
    });

    it('by an auditor, without a sign-in, or on an unknown request → refused', async () => {
      const id = await ask();
      const eve = await server.post<{ token: string }>(
        '/reviewer-api/session',
        { name: 'eve', password: 'eve only watches' },
        {},
      );
      const bearer = { authorization: `Bearer ${eve.body.token}` };
      const path = `/reviewer-api/approvals/${id}/comments`;
      expect((await server.post(path, { text: 'hm' }, bearer)).status).toBe(403);
      expect((await server.post(path, { text: 'hm' }, {})).status).toBe(401);
      expect((await comment('req_unknown', 'hm')).status).toBe(404);
    });
  });

  describe('handing over', () => {
    it('to a person, with a comment → only that person’s, without lapsing; anybody may still decide', async () => {
      const id = await ask();
      const { body } = await assign(id, { to: { user: 'ben' }, comment: 'You know this customer.' });
      expect(body.claim).toMatchObject({ by: 'ben', isGroup: false, assignedBy: 'ana' });
      expect([await boxOf(id, 'ben'), await boxOf(id, 'ana')]).toEqual(['needs-you', 'waiting']);
      await database.kysely
        .updateTable('claims')
        .set({ claimed_at: '2020-01-01T00:00:00.000Z' })
        .where('approval_id', '=', id)
        .execute();
      const { claim, comments, timeline } = await read(id);
      expect(claim).toMatchObject({ by: 'ben', assignedBy: 'ana' });
      expect(comments.map(({ text }) => text)).toEqual(['You know this customer.']);
      expect(timeline.at(-1)).toMatchObject({ actor: 'ana', event: 'assigned', text: 'handed it over to ben' });
      const mine = await get<AssignedList>('/assigned', 'ben');
      expect(mine.assigned.find((each) => each.id === id)).toMatchObject({ assignedBy: 'ana' });
      expect((await get<AssignedList>('/assigned', 'ana')).assigned.some((each) => each.id === id)).toBe(false);
      expect((await server.decide(id, { decision: 'reject' }, 'ana')).status).toBe(200);
      expect((await get<AssignedList>('/assigned', 'ben')).assigned.some((each) => each.id === id)).toBe(false);
    });

    it('to a group → in the list of its members; a member claims or releases it', async () => {
      const group = { name: 'support', visibleTo: 'everyone', members: ['ben'] };
      await server.post('/reviewer-api/groups', group, await server.bearer('ana'));
      const id = await ask();
      const waitingBefore = (await get<Counts>('/counts', 'ben')).waiting;
      expect((await assign(id, { to: { group: 'support' } })).body.claim).toMatchObject({
        by: 'support',
        isGroup: true,
      });
      expect([await boxOf(id, 'ben'), await boxOf(id, 'ana')]).toEqual(['needs-you', 'waiting']);
      expect((await get<Counts>('/counts', 'ben')).waiting).toBe(waitingBefore);
      expect((await get<AssignedList>('/assigned', 'ben')).assigned.some((each) => each.id === id)).toBe(true);
      const claimPath = `/reviewer-api/approvals/${id}/claim`;
      await server.send('DELETE', claimPath, undefined, await server.bearer('ana'));
      expect((await read(id)).claim).toMatchObject({ by: 'support' });
      await server.send('DELETE', claimPath, undefined, await server.bearer('ben'));
      expect((await read(id)).claim).toBeNull();
      await assign(id, { to: { group: 'support' } });
      await server.send('PUT', claimPath, undefined, await server.bearer('ben'));
      expect((await read(id)).claim).toMatchObject({ by: 'ben', isGroup: false, assignedBy: null });
    });

    it.each([
      [{ to: { user: 'nobody' } }, 400, 'no user'],
      [{ to: { group: 'nobody' } }, 400, 'no group'],
      [{ to: { user: 'eve' } }, 400, 'may not decide'],
      [{ to: { user: 'ben' }, comment: '' }, 400, 'comment'],
      [{ to: { user: 'ben', group: 'support' } }, 400, 'to'],
      [{ to: {} }, 400, 'to'],
    ])('%j → refused, nothing changed', async (body, status, text) => {
      const id = await ask();
      const answer = await assign(id, body);
      expect([answer.status, answer.body.error]).toEqual([status, expect.stringContaining(text)]);
      expect(await read(id)).toMatchObject({ claim: null, comments: [] });
    });

    it('person outside the group that a request waits for → refused; the right to decide stays as it was', async () => {
      await server.post(
        '/reviewer-api/groups',
        { name: 'finance', visibleTo: 'everyone', members: ['ana'] },
        await server.bearer('ana'),
      );
      const id = await ask({ by: [{ group: 'finance', approvals: 1 }] });
      expect(await get<Assignees>(`/approvals/${id}/assignees`)).toEqual({ users: ['ana'], groups: ['finance'] });
      expect((await assign(id, { to: { user: 'ben' } })).status).toBe(400);
      expect((await assign(id, { to: { user: 'ana' } }, 'ben')).status).toBe(200);
      expect((await server.decide(id, { decision: 'approve' }, 'ben')).status).toBe(403);
      expect((await server.decide(id, { decision: 'approve' }, 'ana')).status).toBe(200);
      expect((await assign(id, { to: { user: 'ana' } })).status).toBe(409);
    });

    it('deputy of a person who may decide → receives and claims it; after the end → refused', async () => {
      await server.post(
        '/reviewer-api/groups',
        { name: 'legal', visibleTo: 'everyone', members: ['ana'] },
        await server.bearer('ana'),
      );
      const id = await ask({ by: [{ group: 'legal', approvals: 1 }] });
      const claim = async () =>
        server.send<Refused>('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, await server.bearer('ben'));
      const refused = await claim();
      expect([refused.status, refused.body.error]).toEqual([403, expect.stringContaining('waits for legal')]);
      expect((await assign(id, { to: { user: 'ben' } })).status).toBe(400);
      const day = 24 * 60 * 60_000;
      const dates = {
        from: new Date(Date.now() - day).toISOString(),
        until: new Date(Date.now() + day).toISOString(),
      };
      const { body: deputy } = await server.post<{ id: string }>(
        '/reviewer-api/deputies',
        { deputy: 'ben', ...dates },
        await server.bearer('ana'),
      );
      expect((await get<Assignees>(`/approvals/${id}/assignees`)).users).toEqual(['ana', 'ben']);
      expect((await assign(id, { to: { user: 'ben' } })).body.claim).toMatchObject({ by: 'ben', assignedBy: 'ana' });
      expect((await claim()).status).toBe(200);
      await server.send('DELETE', `/reviewer-api/deputies/${deputy.id}`, undefined, await server.bearer('ana'));
      expect((await claim()).status).toBe(403);
      expect((await assign(id, { to: { user: 'ben' } })).status).toBe(400);
    });
  });
});
