import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillApprovals, numbered } from '../../../test/support/fill-approvals.ts';
import type { ApprovalHistory } from '../src/contract/reviewer-api.ts';
import { historyQueries } from '../src/store/approval-history.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { OTHER_KEY, startTestServer, type TestServer } from './test-server.ts';

const many = { limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } } };

onBothDatabases((newDatabase, kind) => {
  describe('last decisions', () => {
    let server: TestServer;
    beforeAll(async () => void (server = await startTestServer(await newDatabase(), many)));
    afterAll(() => server.close());

    const ask = async (more: object, headers?: Record<string, string>) => (await server.ask(more, headers)).body.id;
    const historyOf = async (id: string) =>
      (await server.get<ApprovalHistory>(`/reviewer-api/approvals/${id}/history`, await server.bearer())).body;

    it('same action → the last five decided ones of the assistant, newest first, without open and expired ones', async () => {
      const decided: string[] = [];
      for (let number = 0; number < 6; number += 1) {
        const id = await ask({ action: 'pay', details: { number } });
        await server.decide(id, { decision: number % 2 === 0 ? 'approve' : 'reject', note: `note ${number}` });
        decided.push(id);
      }
      const withdrawn = await ask({ action: 'pay', details: { number: 6 } });
      await server.post(`/api/approvals/${withdrawn}/withdraw`, { reason: 'withdrawn' });
      const elsewhere = await ask({ action: 'pay' }, { 'x-api-key': OTHER_KEY });
      await server.decide(elsewhere, { decision: 'approve' });
      await ask({ action: 'pay', details: { number: 7 } });
      const { sameAction, sameSubject } = await historyOf(await ask({ action: 'pay', details: { number: 8 } }));
      expect(sameAction.map(({ id }) => id)).toEqual(decided.slice(1).toReversed());
      expect(sameAction[0]).toMatchObject({ status: 'REJECTED', decidedBy: 'ana', decisionNote: 'note 5' });
      expect(sameSubject).toEqual([]);
    });

    it('same subject → decisions on other actions and of other assistants too, never itself', async () => {
      const [subject, other] = ['customer “7”', 'customer 8'];
      const first = await ask({ action: 'refund', subject });
      const second = await ask({ action: 'close_account', subject }, { 'x-api-key': OTHER_KEY });
      const third = await ask({ action: 'refund', subject: other });
      for (const id of [first, second, third]) await server.decide(id, { decision: 'approve' });
      const { sameSubject } = await historyOf(await ask({ action: 'warn', subject }));
      expect(sameSubject.map(({ id, assistant }) => [id, assistant])).toEqual([
        [second, 'other'],
        [first, 'comms'],
      ]);
      expect((await historyOf(first)).sameSubject.map(({ id }) => id)).toEqual([second]);
    });

    it('without a sign-in → refused; unknown request → 404', async () => {
      const id = await ask({ action: 'pay' });
      expect((await server.get(`/reviewer-api/approvals/${id}/history`, {})).status).toBe(401);
      expect((await server.get(`/reviewer-api/approvals/${id}/history`)).status).toBe(401);
      expect((await server.get('/reviewer-api/approvals/req_1/history', await server.bearer())).status).toBe(404);
    });

    it('subject → no part of the decision: a rule can’t see it, and the digest of what is shown has none', async () => {
      const [one, two] = [await ask({ action: 'tell', subject: 'a' }), await ask({ action: 'tell', subject: 'b' })];
      const shownOf = async (id: string) =>
        (await server.get<{ subject: string }>(`/reviewer-api/approvals/${id}`, await server.bearer())).body.subject;
      expect([await shownOf(one), await shownOf(two)]).toEqual(['a', 'b']);
    });
  });

  it('6,000 approvals → both histories read an index', { timeout: 180_000 }, async () => {
    const url = await newDatabase();
    await (await startTestServer(url)).close();
    await fillApprovals(url, 6000, {
      approval: (number) => ({ ...numbered(number), subject: `customer ${number % 1000}` }),
    });
    const { kysely } = await openReviewDatabase(url, () => {});
    const { id: assistant_id } = await kysely
      .selectFrom('assistants')
      .select('id')
      .orderBy('id')
      .executeTakeFirstOrThrow();
    const { ofAction, ofSubject } = historyQueries(kysely, {
      id: 'req_1',
      assistant_id,
      action: 'action_3',
      subject: 'customer 17',
    });
    const planOf = async (query: typeof ofAction) => {
      const compiled = query.compile();
      const explain = kind === 'postgres' ? 'explain' : 'explain query plan';
      return JSON.stringify((await kysely.executeQuery({ ...compiled, sql: `${explain} ${compiled.sql}` })).rows);
    };
    const [plan, subjectPlan] = [await planOf(ofAction), await planOf(ofSubject!)];
    expect(plan).toContain('approvals_decided_action');
    expect(subjectPlan).toContain('approvals_decided_subject');
    for (const each of [plan, subjectPlan])
      expect(each).not.toMatch(kind === 'postgres' ? /Sort|Seq Scan/ : /TEMP B-TREE|SCAN approvals(?! USING)/);
    expect(await ofAction.execute()).toHaveLength(5);
    expect(await ofSubject!.execute()).toHaveLength(5);
    await kysely.destroy();
  });
});
