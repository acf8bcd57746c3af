import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillApprovals, numbered } from '../../../test/support/fill-approvals.ts';
import type { ApprovalHistory } from '../src/contract/reviewer-api.ts';
import { historyQueries } from '../src/store/approval-history.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import type { ReviewTables } from '../src/store/tables.ts';
import { visibleIn } from '../src/store/visible.ts';
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

  it(
    '100,000 approvals, hidden or not → both histories read an index and are there at once',
    { timeout: 180_000 },
    async () => {
      const url = await newDatabase();
      await (await startTestServer(url)).close();
      await fillApprovals(url, 1, { approval: (number) => ({ ...numbered(number), ...onePlace, pending: false }) });
      const { kysely } = await openReviewDatabase(url, () => {});
      await copyApproval(kysely, { kind, copies: 100_000, hiddenAfter: 10, group: 'group:hidden' });
      const { assistant_id } = await kysely.selectFrom('approvals').select('assistant_id').executeTakeFirstOrThrow();
      const about = { id: 'req_1', assistant_id, ...onePlace };
      for (const visible of [undefined, await visibleIn(kysely, { own: ['everyone'], open: ['group:open'] })]) {
        const { ofAction, ofSubject } = historyQueries(kysely, about, visible);
        for (const [query, index] of [
          [ofAction, 'approvals_decided_action'],
          [ofSubject!, 'approvals_decided_subject'],
        ] as const) {
          const compiled = query.compile();
          const explain = kind === 'postgres' ? 'explain' : 'explain query plan';
          const { rows } = await kysely.executeQuery({ ...compiled, sql: `${explain} ${compiled.sql}` });
          const plan = JSON.stringify(rows);
          expect(plan).toContain(index);
          expect(plan).not.toMatch(
            kind === 'postgres' ? /Sort|Seq Scan/ : /TEMP B-TREE|SCAN (?!approvals")|SEARCH addressees USING INDEX/,
          );
          const times: number[] = [];
          for (let attempt = 0; attempt < 5; attempt += 1) {
            const began = performance.now();
            expect(await query.execute()).toHaveLength(visible === undefined ? 5 : 1);
            times.push(performance.now() - began);
          }
          expect(Math.min(...times)).toBeLessThan(100);
        }
      }
      await kysely.destroy();
    },
  );
});

const onePlace = { action: 'refund', subject: 'customer 17' };

const atOnce = 5_000;
/** The indexes of approvals. Without them rows are written in a fifth of the time. */
const indexesOf = {
  sqlite: `select name, sql from sqlite_master where type = 'index' and tbl_name = 'approvals' and sql is not null`,
  postgres: `select indexname as name, indexdef as sql from pg_indexes where tablename = 'approvals' and schemaname = current_schema() and indexname not in (select conname from pg_constraint)`,
};

/** Copies the one approval. The copies after the first ones are addressed to a group. */
async function copyApproval(
  kysely: Kysely<ReviewTables>,
  {
    kind,
    copies,
    hiddenAfter,
    group,
  }: { kind: 'sqlite' | 'postgres'; copies: number; hiddenAfter: number; group: string },
): Promise<void> {
  const row = await kysely.selectFrom('approvals').selectAll().executeTakeFirstOrThrow();
  const columns = Object.keys(row).filter((name) => !name.endsWith('_rank'));
  const other: Record<string, ReturnType<typeof sql>> = {
    id: sql`'req_' || n`,
    decided_at: sql`'2026-01-01T' || (100000000 + n)`,
    addressed: sql`case when n > ${sql.lit(hiddenAfter)} then 1 else 0 end`,
  };
  const { rows: indexes } = await sql<{ name: string; sql: string }>`${sql.raw(indexesOf[kind])}`.execute(kysely);
  await kysely.transaction().execute(async (transaction) => {
    const run = (query: ReturnType<typeof sql>) => query.execute(transaction);
    if (kind === 'postgres') {
      await run(sql`set local statement_timeout = 0`);
      // Checks no foreign key.
      await run(sql`set local session_replication_role = replica`);
    }
    for (const { name } of indexes) await run(sql`drop index ${sql.ref(name)}`);
    // In parts: each answer has a time limit.
    for (let from = 0; from < copies; from += atOnce) {
      const numbers = sql`(with recursive numbers (n) as (select ${sql.lit(from + 1)} union all select n + 1 from numbers where n < ${sql.lit(from + atOnce)}) select n from numbers) as numbers`;
      const hidden = sql`${numbers} where n > ${sql.lit(hiddenAfter)}`;
      await run(
        sql`insert into approvals (${sql.join(columns.map((name) => sql.ref(name)))}) select ${sql.join(columns.map((name) => other[name] ?? sql.ref(`approvals.${name}`)))} from approvals, ${numbers} where approvals.id = ${row.id}`,
      );
      await run(sql`insert into stages (approval_id, number, needed) select 'req_' || n, 1, 1 from ${hidden}`);
      await run(
        sql`insert into addressees (approval_id, stage, addressee) select 'req_' || n, 1, ${group} from ${hidden}`,
      );
    }
    for (const index of indexes) await run(sql.raw(index.sql));
  });
  await sql.raw(kind === 'postgres' ? 'analyze approvals, stages, addressees' : 'analyze').execute(kysely);
}
