import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Group } from '../src/contract/groups.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import type {
  ApprovalHistory,
  ApprovalList,
  Counts,
  Facets,
  RecordList,
  ReviewerApproval,
} from '../src/contract/reviewer-api.ts';
import { KEY, startTestServer, type Answer, type TestServer } from './test-server.ts';
import { onBothDatabases } from './on-both-databases.ts';

const passwords = { root: 'root knows a lot', fay: 'fay knows money', otto: 'otto knows mail' };

onBothDatabases((newDatabase) => {
  let server: TestServer;
  const bearers = new Map<string, Record<string, string>>();
  const as = (name: keyof typeof passwords) => bearers.get(name)!;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, {
      reviewers: [
        { name: 'root', password: passwords.root, roles: ['admin'] },
        { name: 'fay', password: passwords.fay },
        { name: 'otto', password: passwords.otto },
      ],
    });
    for (const [name, password] of Object.entries(passwords)) {
      const { body } = await server.post<{ token: string }>('/reviewer-api/session', { name, password }, {});
      bearers.set(name, { authorization: `Bearer ${body.token}` });
    }
  });
  afterAll(() => server.close());
  const get = <Body>(path: string, name: keyof typeof passwords) => server.get<Body>(`/reviewer-api${path}`, as(name));
  const decide = (id: string, name: keyof typeof passwords, answer: object) =>
    server.post<ReviewerApproval & { error?: string }>(`/reviewer-api/approvals/${id}/decide`, answer, as(name));
  const add = (body: object) => server.post<Group & { error: string }>('/reviewer-api/groups', body, as('root'));

  describe('groups', () => {
    it('added, changed, removed by an administrator → listed, and its name is known to Connection Keys', async () => {
      const added = await add({ name: 'Ops', members: ['fay'] });
      expect([added.status, added.body]).toEqual([
        201,
        expect.objectContaining({ name: 'Ops', members: ['fay'], visibleTo: 'members', waiting: 0, createdBy: 'root' }),
      ]);
      expect((await server.get<{ groups: string[] }>('/api/groups')).body.groups).toContain('Ops');
      const changed = await server.send<Group>(
        'PATCH',
        `/reviewer-api/groups/${added.body.id}`,
        { name: 'Operations', members: ['fay', 'otto'], visibleTo: 'everyone' },
        as('root'),
      );
      expect(changed.body).toMatchObject({ name: 'Operations', members: ['fay', 'otto'], visibleTo: 'everyone' });
      expect((await server.send('DELETE', `/reviewer-api/groups/${added.body.id}`, undefined, as('root'))).status).toBe(
        200,
      );
      expect((await get<{ groups: Group[] }>('/groups', 'root')).body.groups).toEqual([]);
    });

    it.each([
      ['name of another one in another case', { name: 'TAKEN' }, 409, 'exists already'],
      ['member that is no user', { name: 'x', members: ['mallory'] }, 400, 'no user mallory'],
      ['empty name', { name: ' ' }, 400, 'name'],
      ['word for all administrators', { name: 'Admins' }, 400, 'means all administrators'],
    ])('%s → refused, nothing added', async (_what, body, status, text) => {
      await add({ name: 'taken' });
      const before = (await get<{ groups: Group[] }>('/groups', 'root')).body.groups.length;
      const refused = await add(body);
      expect([refused.status, refused.body.error]).toEqual([status, expect.stringContaining(text)]);
      expect((await get<{ groups: Group[] }>('/groups', 'root')).body.groups).toHaveLength(before);
    });

    it('renamed to the word for all administrators → refused; a group of an earlier version keeps it', async () => {
      const { id } = (await add({ name: 'operators' })).body;
      const rename = (name: string, more: object = {}) =>
        server.send<{ error: string }>('PATCH', `/reviewer-api/groups/${id}`, { name, ...more }, as('root'));
      expect((await rename('admins')).status).toBe(400);
      const database = await openReviewDatabase(databaseUrl, () => undefined);
      await database.kysely
        .updateTable('groups')
        .set({ name: 'admins', name_key: 'admins' })
        .where('id', '=', id)
        .execute();
      await database.close();
      expect((await rename('admins', { members: ['fay'] })).status).toBe(200);
      expect((await rename('operators')).status).toBe(200);
    });

    it('reviewer → may not read or change them', async () => {
      expect((await get('/groups', 'fay')).status).toBe(403);
      expect((await server.post('/reviewer-api/groups', { name: 'mine' }, as('fay'))).status).toBe(403);
    });

    it('group for which a request waits → is not removed', async () => {
      const { body } = await add({ name: 'busy', members: ['fay'] });
      await server.ask({ by: [{ group: 'busy', approvals: 1 }] });
      const removed = await server.send('DELETE', `/reviewer-api/groups/${body.id}`, undefined, as('root'));
      expect(removed.status).toBe(409);
    });
  });

  describe('visibility', () => {
    let hidden: string;
    let open: string;
    beforeAll(async () => {
      await add({ name: 'finance', members: ['fay'] });
      await add({ name: 'public', members: ['fay'], visibleTo: 'everyone' });
      const asked = async (action: string, group: string): Promise<string> =>
        ((await server.ask({ action, summary: action, by: [{ group, approvals: 1 }] })) as Answer<{ id: string }>).body
          .id;
      hidden = await asked('hidden_action', 'finance');
      open = await asked('open_action', 'public');
    });

    it('no member → finds it in no list, count, facet, search, id, claim or batch', async () => {
      const list = (await get<ApprovalList>('/approvals', 'otto')).body.approvals;
      expect(list.map(({ id }) => id)).toContain(open);
      expect(list.map(({ id }) => id)).not.toContain(hidden);
      expect((await get<ApprovalList>('/approvals?q=hidden_action', 'otto')).body.approvals).toEqual([]);
      expect((await get<Facets>('/facets', 'otto')).body.actions).not.toContain('hidden_action');
      const [mine, others] = [(await get<Counts>('/counts', 'fay')).body, (await get<Counts>('/counts', 'otto')).body];
      expect(mine.needsYou).toBeGreaterThan(others.needsYou);
      expect((await get(`/approvals/${hidden}`, 'otto')).status).toBe(404);
      expect((await decide(hidden, 'otto', { decision: 'approve' })).status).toBe(404);
      expect((await server.send('PUT', `/reviewer-api/approvals/${hidden}/claim`, undefined, as('otto'))).status).toBe(
        404,
      );
      const batch = await server.post<{ results: { outcome: string }[] }>(
        '/reviewer-api/approvals/decide',
        { ids: [hidden], decision: 'approve' },
        as('otto'),
      );
      expect(batch.body.results).toEqual([expect.objectContaining({ outcome: 'not-found' })]);
    });

    it('records by id → those that the person may see, no word of others', async () => {
      const read = (name: keyof typeof passwords) => get<RecordList>(`/approvals/records?ids=${hidden},${open}`, name);
      const others = await read('otto');
      expect([others.status, others.body.approvals.map(({ id }) => id)]).toEqual([200, [open]]);
      expect(others.text).not.toContain('hidden_action');
      expect(others.text).not.toContain(hidden);
      for (const name of ['fay', 'root'] as const)
        expect((await read(name)).body.approvals.map(({ id }) => id)).toEqual([hidden, open]);
    });

    it('no member → no word of it in the history or the event stream', async () => {
      const asked = async (by: object) => (await server.ask({ action: 'hidden_action', ...by })).body.id;
      const [decided, shown] = [
        await asked({ by: [{ group: 'finance', approvals: 1 }] }),
        await asked({ details: {} }),
      ];
      const stream = await fetch(`${server.url}/reviewer-api/events`, { headers: as('otto') });
      const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
      let heard = (await reader.read()).value ?? '';
      expect((await decide(decided, 'fay', { decision: 'approve' })).status).toBe(200);
      expect((await decide(shown, 'otto', { decision: 'approve' })).status).toBe(200);
      while (!heard.includes(shown)) heard += (await reader.read()).value ?? '';
      await reader.cancel();
      expect(heard).not.toContain(decided);
      const history = async (name: keyof typeof passwords) =>
        (await get<ApprovalHistory>(`/approvals/${shown}/history`, name)).body.sameAction.map(({ id }) => id);
      expect([await history('otto'), await history('fay')]).toEqual([[], [decided]]);
    });

    it('member and administrator → see it, with whose turn it is', async () => {
      for (const name of ['fay', 'root'] as const) {
        const { body } = await get<ReviewerApproval>(`/approvals/${hidden}`, name);
        expect(body).toMatchObject({
          id: hidden,
          turn: { stage: 1, stages: 1, of: ['finance'], needed: 1, given: 0 },
          canDecide: { approve: name === 'fay' },
        });
        expect((await get<Facets>('/facets', name)).body.actions).toContain('hidden_action');
      }
    });

    it('group that everybody sees → others read it, and may not decide', async () => {
      const { body } = await get<ReviewerApproval>(`/approvals/${open}`, 'otto');
      expect(body.canDecide).toEqual({
        approve: false,
        reject: false,
        reason: 'This request waits for public, and you can’t decide it for them. It stays open.',
        insteadOf: null,
      });
      const refused = await decide(open, 'otto', { decision: 'approve' });
      expect([refused.status, refused.body.error]).toEqual([403, expect.stringContaining('waits for public')]);
    });

    it('waiting for me → open ones that take this person’s vote', async () => {
      const mine = async (name: keyof typeof passwords) =>
        (await get<ApprovalList>('/approvals?box=needs-you&waitingFor=me', name)).body.approvals.map(({ id }) => id);
      const plain = (await server.ask({ onBehalfOf: 'Otto' })).body.id;
      expect(await mine('fay')).toEqual(expect.arrayContaining([hidden, open, plain]));
      expect(await mine('otto')).not.toEqual(expect.arrayContaining([plain]));
      expect(await mine('otto')).not.toContain(open);
    });

    it('turn of others, or voted → box and count “with others”; an edit → needs the voter again', async () => {
      expect((await add({ name: 'pair', members: ['fay', 'otto'], visibleTo: 'everyone' })).status).toBe(201);
      const boxOf = async (name: keyof typeof passwords, id: string) => {
        const boxes: string[] = [];
        for (const box of ['needs-you', 'waiting', 'done'])
          if ((await get<ApprovalList>(`/approvals?box=${box}&q=${id}`, name)).body.approvals.length > 0)
            boxes.push(box);
        return boxes.join();
      };
      const counts = async (name: keyof typeof passwords) => (await get<Counts>('/counts', name)).body;
      expect([await boxOf('fay', open), await boxOf('otto', open)]).toEqual(['needs-you', 'waiting']);
      const before = await counts('fay');
      const { id } = (await server.ask({ by: [{ group: 'pair', approvals: 2 }] })).body;
      expect([await boxOf('fay', id), await boxOf('otto', id)]).toEqual(['needs-you', 'needs-you']);
      expect(await counts('fay')).toEqual({ ...before, needsYou: before.needsYou + 1 });
      const vote = async (name: keyof typeof passwords, more = {}) => {
        const { shown, details } = (await get<ReviewerApproval>(`/approvals/${id}`, name)).body;
        return decide(id, name, {
          decision: 'approve',
          shown,
          ...('modifiedDetails' in more && { modifiedDetails: { ...details, ...(more.modifiedDetails as object) } }),
        });
      };
      expect((await vote('fay')).status).toBe(200);
      expect([await boxOf('fay', id), await boxOf('otto', id)]).toEqual(['waiting', 'needs-you']);
      expect(await counts('fay')).toEqual({ ...before, waiting: before.waiting + 1 });
      // A claim of another person on it counts once.
      await server.send('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, as('otto'));
      expect(await counts('fay')).toEqual({ ...before, waiting: before.waiting + 1 });
      await server.send('DELETE', `/reviewer-api/approvals/${id}/claim`, undefined, as('otto'));
      expect((await vote('otto', { modifiedDetails: { recipient_count: 7 } })).status).toBe(200);
      expect(await boxOf('fay', id)).toBe('needs-you');
      expect((await vote('fay')).status).toBe(200);
      expect(await boxOf('fay', id)).toMatch(/waiting|done/);
    });
  });

  it('aliases of a user → set by an administrator, listed, and in force', async () => {
    const set = (name: string, by: keyof typeof passwords) =>
      server.send<{ aliases: string[] }>('PATCH', `/reviewer-api/users/${name}`, { aliases: ['otto@x.org'] }, as(by));
    expect((await set('otto', 'otto')).status).toBe(403);
    expect((await set('otto', 'root')).body.aliases).toEqual(['otto@x.org']);
    const { id } = (await server.ask({ onBehalfOf: 'OTTO@X.ORG' }, { 'x-api-key': KEY })).body;
    expect((await decide(id, 'otto', { decision: 'approve' })).status).toBe(403);
    expect((await decide(id, 'otto', { decision: 'reject' })).status).toBe(200);
  });
});
