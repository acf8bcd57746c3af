import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '@holdpoint/database';
import type { ApprovalList, ApprovalSummary, RecordList, ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { migrations } from '../src/store/migrations.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { OTHER_KEY, startTestServer, type TestServer } from './test-server.ts';

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const question = { holdpoint: { kind: 'outcome' } };

async function pageOf(server: TestServer, query: string): Promise<ApprovalList> {
  const { status, body } = await server.get<ApprovalList>(`/reviewer-api/approvals?${query}`, await server.bearer());
  expect(status).toBe(200);
  return body;
}

/** All pages of two requests each. `between` runs after each page. */
async function everyPage(
  server: TestServer,
  query: string,
  between: () => Promise<unknown> = async () => {},
): Promise<ApprovalSummary[]> {
  const seen: ApprovalSummary[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: ApprovalList = await pageOf(server, `${query}&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.approvals);
    cursor = page.nextCursor;
    await between();
  }
  return seen;
}

onBothDatabases((newDatabase) => {
  it.each([
    ['deadline', ['question', 'late question', 'soon', 'later', 'low', 'odd level', 'critical', 'high']],
    ['risk', ['late question', 'question', 'critical', 'later', 'high', 'soon', 'odd level', 'low']],
    ['age', ['question', 'late question', 'low', 'odd level', 'soon', 'critical', 'later', 'high']],
  ])('sort by %s → outcome questions first, then in order, over pages', async (sort, expected) => {
    const server = await startTestServer(await newDatabase());
    const ask = (summary: string, more: object = {}) => server.ask({ summary, riskLevel: 'medium', ...more });
    await ask('low', { riskLevel: 'low' });
    await ask('odd level', { riskLevel: 'odd' });
    await ask('soon', { expiresAt: inMinutes(5) });
    await ask('critical', { riskLevel: 'critical' });
    await ask('later', { riskLevel: 'HIGH', expiresAt: inMinutes(50) });
    await ask('high', { riskLevel: 'high' });
    await ask('question', { details: question, riskLevel: 'low', expiresAt: inMinutes(90) });
    await ask('late question', { details: question, riskLevel: 'high' });
    for (const box of ['needs-you', 'waiting']) {
      if (box === 'waiting')
        for (const { id } of (await pageOf(server, 'box=needs-you')).approvals)
          await server.send('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, await server.bearer('ben'));
      const seen = await everyPage(server, `box=${box}&sort=${sort}`);
      expect(seen.map(({ summary }) => summary)).toEqual(expected);
    }
    await server.close();
  });

  it.each(['deadline', 'risk', 'age'])(
    'sort by %s, paged while others come and go → every request once',
    async (sort) => {
      const server = await startTestServer(await newDatabase());
      const ask = (number: number) =>
        server.ask({
          riskLevel: ['low', 'critical', 'high'][number % 3],
          ...(number % 2 === 0 && { expiresAt: inMinutes(100 - number) }),
          ...(number % 4 === 0 && { details: question }),
        });
      const wanted: string[] = [];
      for (let number = 0; number < 9; number += 1) wanted.push((await ask(number)).body.id);
      let number = 9;
      const others: string[] = [];
      const seen = await everyPage(server, `box=needs-you&sort=${sort}`, async () => {
        for (const each of [number, number + 1]) others.push((await ask(each)).body.id);
        number += 2;
        await server.post(`/api/approvals/${others.shift()}/withdraw`, { reason: 'withdrawn' });
        if (number > 30) throw new Error('The list has no end.');
        if (others.length > 2) await server.post(`/api/approvals/${others.pop()}/withdraw`, { reason: 'withdrawn' });
      });
      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
      await server.close();
    },
  );

  it('requests of an earlier version → ranked by the migration, and so are those that it still adds', async () => {
    const databaseUrl = await newDatabase();
    const before = await openDatabase<Record<string, Record<string, unknown>>>({
      url: databaseUrl,
      owner: "The review server's",
      remedy: '',
      migrations: (kind) => {
        const all = Object.entries(migrations(kind));
        return Object.fromEntries(
          all.slice(
            0,
            all.findIndex(([name]) => name.endsWith('-list-ranks')),
          ),
        );
      },
      migrationTables: { migrations: 'kysely_migration', lock: 'kysely_migration_lock' },
      onLost: () => undefined,
    });
    const add = async (id: string, risk_level: string, details: object) => {
      await sql`insert into approvals (id, assistant_id, request_digest, action, summary, details, sameness_digest, risk_level, callback_urls, status, created_at) values (${id}, 'one', '', 'act', ${id}, ${JSON.stringify(details)}, '', ${risk_level}, '[]', 'PENDING', '2026-01-01T00:00:00.000Z')`.execute(
        before.kysely,
      );
    };
    await sql`insert into assistants (id, name) values ('one', 'one')`.execute(before.kysely);
    await add('a-low', 'low', {});
    await add('b-critical', 'critical', { outcome: 'a word of the arguments' });
    await add('c-question', 'low', question);
    const server = await startTestServer(databaseUrl);
    await add('d-high', 'high', {});
    expect((await everyPage(server, 'box=needs-you&sort=risk')).map(({ id }) => id)).toEqual([
      'c-question',
      'b-critical',
      'd-high',
      'a-low',
    ]);
    await server.close();
    await before.close();
  });
});

describe('cursor', () => {
  it('of another order → refused', async () => {
    const server = await startTestServer('sqlite::memory:');
    for (let count = 0; count < 3; count += 1) await server.ask({}, { 'x-api-key': OTHER_KEY });
    const { nextCursor } = await pageOf(server, 'box=needs-you&sort=age&limit=1');
    const { status, body } = await server.get<{ error: string }>(
      `/reviewer-api/approvals?box=needs-you&sort=risk&cursor=${nextCursor}`,
      await server.bearer(),
    );
    expect([status, body.error]).toEqual([400, expect.stringContaining('is not a cursor of this box and order')]);
    await server.close();
  });
});

describe('records', () => {
  it('ids of many requests → their records in the order asked, unknown ones left out', async () => {
    const server = await startTestServer('sqlite::memory:');
    const ids: string[] = [];
    for (let count = 0; count < 50; count += 1) ids.push((await server.ask()).body.id);
    const read = async (text: string, headers?: Record<string, string>) =>
      server.get<RecordList & { error: string }>(
        `/reviewer-api/approvals/records?ids=${text}`,
        headers ?? (await server.bearer()),
      );
    const [first, second] = ids;
    const { approvals } = (await read(`${second},req_unknown,${first},${second}`)).body;
    expect(approvals.map(({ id }) => id)).toEqual([second, first]);
    const one = await server.get<ReviewerApproval>(`/reviewer-api/approvals/${first}`, await server.bearer());
    expect(approvals[1]).toEqual(one.body);
    expect((await read(ids.join())).body.approvals.length).toBe(50);
    const { status, body } = await read(`${ids.join()},req_more`);
    expect([status, body.error]).toEqual([400, expect.stringContaining('ids: must be at most 50 ids')]);
    expect((await read(ids[0]!, {})).status).toBe(401);
    await server.close();
  });
});
