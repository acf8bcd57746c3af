import { createPostgresClient, openDatabase } from '@holdpoint/database';
import { array, assert, asyncProperty, record, string } from 'fast-check';
import { sql, type Kysely, type Transaction } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditHash } from '../src/contract/audit-chain.ts';
import { appendAudit, type NewAuditEntry } from '../src/store/audit.ts';
import { auditRows, listAudit, verifyAudit } from '../src/store/audit-trail.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { migrations } from '../src/store/migrations.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import type { ReviewTables } from '../src/store/tables.ts';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startTestServer } from './test-server.ts';

const entryOf = (subject: string, more: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  at: new Date().toISOString(),
  actor: 'system',
  event: 'signed-in',
  subject,
  facts: {},
  ...more,
});
const append = (kysely: Kysely<ReviewTables>, ...entries: NewAuditEntry[]) =>
  kysely.transaction().execute(async (transaction) => {
    for (const entry of entries) await appendAudit(transaction, entry);
  });
const all = async (kysely: Kysely<ReviewTables>) => {
  const rows = [];
  for await (const row of auditRows(kysely)) rows.push(row);
  return rows;
};
const subjectsOf = (rows: readonly { subject: string }[]) => rows.map(({ subject }) => subject);

/** Appends as the version before: in the chain, under the lock of its head. */
const appendAsBefore = (kysely: Kysely<ReviewTables>, subject: string) =>
  kysely.transaction().execute(async (transaction) => {
    const head = await transaction
      .updateTable('audit_head')
      .set((column) => ({ sequence: column('sequence', '+', 1) }))
      .returning(['sequence', 'hash'])
      .executeTakeFirstOrThrow();
    const row = { ...entryOf(subject), facts: '{}', sequence: head.sequence, previous_hash: head.hash };
    const hash = auditHash(row);
    await transaction
      .insertInto('audit')
      .values({ ...row, hash })
      .execute();
    await transaction.updateTable('audit_head').set({ hash }).execute();
  });

onBothDatabases((newDatabase) => {
  const openNew = async () => openReviewDatabase(await newDatabase(), () => undefined);

  it('entries with any text → linked in their order, each with the hash of auditHash', async () => {
    const database = await openNew();
    // PostgreSQL stores no NUL. `pg` writes half a surrogate pair as U+FFFD.
    const text = string({ unit: 'binary', maxLength: 12 }).map((any) => any.replaceAll('\0', '').toWellFormed());
    const written: string[] = [];
    await assert(
      asyncProperty(array(record({ actor: text, subject: text, fact: text }), { maxLength: 4 }), async (entries) => {
        await append(
          database.kysely,
          ...entries.map(({ actor, subject, fact }) => entryOf(subject, { actor, facts: { fact } })),
        );
        written.push(...subjectsOf(entries));
        await linkAudit({ database });
      }),
      { numRuns: 60, seed: 13 },
    );
    const rows = await database.kysely.selectFrom('audit').selectAll().orderBy('sequence').execute();
    expect(subjectsOf(rows)).toEqual(written);
    expect(rows.map(({ hash }) => hash)).toEqual(rows.map((row) => auditHash(row)));
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: written.length, unlinked: 0 });
    await database.close();
  });

  it('database of the version before → its chain goes on', async () => {
    const url = await newDatabase();
    const before = await openDatabase<ReviewTables>({
      url,
      owner: 'The test’s',
      migrations: (kind) =>
        Object.fromEntries(Object.entries(migrations(kind)).filter(([name]) => name < '0006-audit-pending')),
      migrationTables: { migrations: 'kysely_migration', lock: 'kysely_migration_lock' },
    });
    await appendAsBefore(before.kysely, 'one');
    await appendAsBefore(before.kysely, 'two');
    const database = await openReviewDatabase(url, () => undefined);
    await append(database.kysely, entryOf('three'));
    // The old process still runs.
    await appendAsBefore(before.kysely, 'four');
    await before.close();
    await linkAudit({ database });
    expect(subjectsOf(await all(database.kysely)).toSorted()).toEqual(['four', 'one', 'three', 'two']);
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: 4, unlinked: 0 });
    await database.close();
  });

  it('transaction rolled back → no entry', async () => {
    const database = await openNew();
    const undone = await database.kysely.startTransaction().execute();
    await appendAudit(undone, entryOf('undone'));
    await undone.rollback().execute();
    await append(database.kysely, entryOf('done'));
    await linkAudit({ database });
    expect(subjectsOf(await all(database.kysely))).toEqual(['done']);
    await database.close();
  });

  it('request, decision → verified; removed, doubled or altered in a chain that is whole → found', async () => {
    const url = await newDatabase();
    const server = await startTestServer(url);
    const [open, decided] = [(await server.ask()).body.id, (await server.ask()).body.id];
    await server.decide(decided, { decision: 'approve', note: 'Yes.' });
    await server.close();
    const database = await openReviewDatabase(url, () => undefined);
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, unlinked: 0 });
    const problemAfter = async (change: (transaction: Transaction<ReviewTables>) => Promise<unknown>) => {
      const undone = await database.kysely.startTransaction().execute();
      await change(undone);
      const verdict = await verifyAudit(undone);
      await undone.rollback().execute();
      return verdict.ok ? undefined : verdict.problem;
    };
    expect([
      await problemAfter((to) => to.updateTable('approvals').set({ note: 'No.' }).where('id', '=', decided).execute()),
      await problemAfter((to) =>
        to.updateTable('approvals').set({ decided_by: 'eve' }).where('id', '=', decided).execute(),
      ),
      await problemAfter((to) =>
        to
          .updateTable('approvals')
          .set({ status: 'PENDING', decided_at: null, reason_code: null })
          .where('id', '=', decided)
          .execute(),
      ),
      await problemAfter((to) =>
        to
          .updateTable('approvals')
          .set({ status: 'APPROVED', decided_at: new Date().toISOString(), reason_code: 'person' })
          .where('id', '=', open)
          .execute(),
      ),
      await problemAfter((to) => appendAudit(to, entryOf(decided, { event: 'approval-decided' }))),
    ]).toEqual([
      `The entry of approval ${decided} differs from the approval as it is stored.`,
      `The entry of approval ${decided} differs from the approval as it is stored.`,
      `Approval ${decided} is PENDING, but 1 entries record its decision.`,
      `Approval ${open} is APPROVED, but 0 entries record its decision.`,
      `Approval ${decided} is APPROVED, but 2 entries record its decision.`,
    ]);
    await database.close();
  });
});

describe.skipIf(!postgresIsInstalled)('linking on PostgreSQL', () => {
  let postgres: SharedPostgres;
  let url: string;
  let database: ReviewDatabase;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());
  const openAnother = async () => {
    const another = await openReviewDatabase(url, () => undefined);
    ends.push(() => another.close());
    return another;
  };
  const newDatabase = async () => {
    url = await postgres.createDatabase();
    database = await openAnother();
  };
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const connect = async (settings = '') => {
    const client = createPostgresClient(`${url}${settings}`);
    client.on('error', () => undefined);
    ends.push(() => client.end().catch(() => undefined));
    await client.connect();
    await client.query('begin');
    await client.query('select from audit_head for update');
    return client;
  };
  /** Holds the chain's head until `release`. */
  const holdHead = async () => {
    const client = await connect('?idle_in_transaction_session_timeout=0');
    return { release: () => client.query('rollback') };
  };
  const allLinked = () =>
    eventually(
      'all entries are linked',
      async () => (await database.kysely.selectFrom('audit_pending').selectAll().execute()).length === 0,
    );

  it('entry whose transaction commits after a later one → linked after it, not lost', async () => {
    await newDatabase();
    const slow = await database.kysely.startTransaction().execute();
    await appendAudit(slow, entryOf('slow'));
    await append(database.kysely, entryOf('fast'));
    await linkAudit({ database });
    await slow.commit().execute();
    expect(subjectsOf(await all(database.kysely))).toEqual(['fast', 'slow']);
    await linkAudit({ database });
    expect((await all(database.kysely)).map(({ subject, sequence }) => [sequence, subject])).toEqual([
      [1, 'fast'],
      [2, 'slow'],
    ]);
  });

  it('unlinked entries → first in the list, last in the export, counted by verify, in the order of writing', async () => {
    await newDatabase();
    await append(database.kysely, entryOf('a'), entryOf('b'), entryOf('c'));
    await linkAudit({ database });
    await append(database.kysely, entryOf('d'));
    await append(database.kysely, entryOf('e'));
    const first = await listAudit(database.kysely, { limit: 2 });
    expect(first.entries.map(({ subject, sequence, hash }) => [subject, sequence, hash === null])).toEqual([
      ['e', null, true],
      ['d', null, true],
      ['c', 3, false],
      ['b', 2, false],
    ]);
    await linkAudit({ database });
    const second = await listAudit(database.kysely, { limit: 2, cursor: first.nextCursor! });
    expect([subjectsOf(second.entries), second.nextCursor]).toEqual([['a'], null]);
    await append(database.kysely, entryOf('f'));
    expect(subjectsOf((await listAudit(database.kysely, { limit: 9, subject: 'f' })).entries)).toEqual(['f']);
    expect(subjectsOf(await all(database.kysely))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: 5, unlinked: 1 });
  });

  it('unlinked for more than a minute → verify says so', async () => {
    await newDatabase();
    await append(database.kysely, entryOf('old', { at: new Date(Date.now() - 61_000).toISOString() }));
    expect(await verifyAudit(database.kysely)).toMatchObject({
      ok: false,
      sequence: 1,
      problem: expect.stringMatching(/^1 entries are not linked to the chain, the oldest since /),
    });
  });

  it('unlinked entry altered, removed or truncated → refused', async () => {
    await newDatabase();
    await append(database.kysely, entryOf('kept'));
    const { kysely } = database;
    await expect(kysely.updateTable('audit_pending').set({ actor: 'eve' }).execute()).rejects.toThrow(/append-only/);
    await expect(kysely.deleteFrom('audit_pending').execute()).rejects.toThrow(/append-only/);
    await expect(sql`truncate audit_pending`.execute(kysely)).rejects.toThrow(/append-only/);
    await linkAudit({ database });
    expect(await verifyAudit(kysely)).toMatchObject({ ok: true, rows: 1, unlinked: 0 });
  });

  it('decision removed around the triggers before it is linked → verify names the approval', async () => {
    await newDatabase();
    const server = await startTestServer(url);
    ends.push(() => server.close());
    const { id } = (await server.ask()).body;
    await server.bearer();
    const holder = await holdHead();
    await server.decide(id, { decision: 'approve' });
    await sql`alter table audit_pending disable trigger all`.execute(database.kysely);
    await database.kysely.deleteFrom('audit_pending').where('event', '=', 'approval-decided').execute();
    await holder.release();
    expect(await verifyAudit(database.kysely)).toMatchObject({
      ok: false,
      problem: `Approval ${id} is APPROVED, but 0 entries record its decision.`,
    });
  });

  it('linkers at once, more entries than one call links → each entry once', async () => {
    await newDatabase();
    const others = [await openAnother(), await openAnother()];
    await database.kysely.transaction().execute((transaction) =>
      transaction
        .insertInto('audit_pending')
        .values(Array.from({ length: 1200 }, (_, index) => ({ ...entryOf(String(index)), facts: '{}' })))
        .execute(),
    );
    const linkers = [database, ...others, database].map((one) => linkAudit({ database: one }));
    await Promise.all(linkers);
    await linkAudit({ database });
    expect(subjectsOf(await all(database.kysely))).toEqual(Array.from({ length: 1200 }, (_, index) => String(index)));
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: 1200, unlinked: 0 });
  });

  it('version before, which links in its own transactions, beside ours → one chain without gaps', async () => {
    await newDatabase();
    const indexes = Array.from({ length: 60 }, (_, index) => index);
    const other = await openAnother();
    await Promise.all(
      indexes.flatMap((index) => [
        appendAsBefore(database.kysely, `old ${index}`),
        append(other.kysely, entryOf(`new ${index}`)),
        ...(index % 5 === 0 ? [linkAudit({ database: other })] : []),
      ]),
    );
    await linkAudit({ database });
    expect(subjectsOf(await all(database.kysely)).toSorted()).toEqual(
      indexes.flatMap((index) => [`new ${index}`, `old ${index}`]).toSorted(),
    );
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: 120, unlinked: 0 });
  });

  it('head held by another → decisions are taken, the list shows them, linked once it is free', async () => {
    await newDatabase();
    const server = await startTestServer(url);
    ends.push(() => server.close());
    const { id } = (await server.ask()).body;
    await server.bearer();
    await allLinked();
    const holder = await holdHead();
    expect((await server.decide(id, { decision: 'approve' })).status).toBe(200);
    const { entries } = await listAudit(database.kysely, { limit: 5, subject: id });
    expect(entries.map(({ event, sequence }) => [event, sequence === null])).toEqual([
      ['approval-decided', true],
      ['approval-requested', false],
    ]);
    expect((await server.get('/readyz', {})).status).toBe(200);
    await holder.release();
    await allLinked();
  });

  it('holder of the head stands still in its transaction → ended after five seconds, then linked', async () => {
    await newDatabase();
    await connect();
    await append(database.kysely, entryOf('waits'));
    await linkAudit({ database });
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, rows: 1, unlinked: 0 });
  }, 20_000);
});
