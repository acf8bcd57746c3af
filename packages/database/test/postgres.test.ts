import { sql } from 'kysely';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresClient, databaseFailure } from '../src/index.ts';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { openNotes } from './notes.ts';
import { limitedSession, unlimitedSession, sessionSettings } from './session-settings.ts';
import { startProcess } from './start-process.ts';

describe.skipIf(!postgresIsInstalled)('PostgreSQL', () => {
  let postgres: SharedPostgres;
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());

  it('session of the pool → every limit is in force', async () => {
    const { kysely } = await openNotes(await postgres.createDatabase());
    expect((await sql<object>`${sql.raw(sessionSettings)}`.execute(kysely)).rows).toEqual([limitedSession]);
    await kysely.destroy();
  });

  it('session for `listen` → every limit is in force', async () => {
    const client = createPostgresClient(await postgres.createDatabase());
    await client.connect();
    expect((await client.query(sessionSettings)).rows).toEqual([limitedSession]);
    await client.end();
  });

  it('URL with options and a limit → both hold, beside the others', async () => {
    const url = `${await postgres.createDatabase()}?statement_timeout=60000&options=-c%20search_path%3Dpublic`;
    const { kysely } = await openNotes(url);
    const { rows } = await sql<object>`select current_setting('search_path') as search_path, s.* from (${sql.raw(
      sessionSettings,
    )}) s`.execute(kysely);
    expect(rows).toEqual([{ ...limitedSession, search_path: 'public', statement_timeout: '1min' }]);
    await kysely.destroy();
  });

  it('URL with pgbouncer=true → no setting is sent', async () => {
    const { kysely } = await openNotes(`${await postgres.createDatabase()}?pgbouncer=true`);
    expect((await sql<object>`${sql.raw(sessionSettings)}`.execute(kysely)).rows).toEqual([unlimitedSession]);
    await kysely.destroy();
  });

  it('frozen holder of a lock → the waiter goes on after 5 s, and the holder commits nothing', async () => {
    const url = await postgres.createDatabase();
    const { kysely } = await openNotes(url);
    await kysely.insertInto('notes').values({ id: 1, text: '' }).execute();
    const holder = startProcess('hold-a-note.ts', url);
    try {
      expect(await holder.nextLine()).toBe('holding');
      holder.child.kill('SIGSTOP');
      await kysely.updateTable('notes').set({ text: 'waiter' }).where('id', '=', 1).execute();
      holder.child.kill('SIGCONT');
      holder.tell('commit');
      expect(await holder.nextLine()).toBe('changed: no');
      expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([{ id: 1, text: 'waiter' }]);
    } finally {
      holder.child.kill('SIGKILL');
      await kysely.destroy();
    }
  }, 30_000);

  it.each([
    ['lock_timeout', '55P03'],
    ['statement_timeout', '57014'],
  ])('%s reached → the call fails with %s, and nothing changed', async (limit, code) => {
    const url = await postgres.createDatabase();
    const { kysely } = await openNotes(url);
    const impatient = await openNotes(`${url}?${limit}=100`);
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: '' }).execute();
      const error: unknown = await impatient.kysely
        .insertInto('notes')
        .values({ id: 1, text: 'again' })
        .execute()
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code });
      expect(databaseFailure(error)).toMatchObject({ changed: 'no', reason: expect.stringContaining(limit) });
    });
    await Promise.all([kysely.destroy(), impatient.kysely.destroy()]);
  });

  it('connection ended by the server in a transaction → the first error is reported, and the pool goes on', async () => {
    const url = await postgres.createDatabase();
    const lost: string[] = [];
    const { kysely } = await openNotes(url, (error) => lost.push(error.message));
    const failed: unknown = await kysely
      .transaction()
      .execute((transaction) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(transaction))
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: '57P01' });
    expect(databaseFailure(failed)).toMatchObject({ changed: 'unknown' });
    await expect.poll(() => lost.length).toBeGreaterThan(0);
    expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([]);
    await kysely.destroy();
  });

  it('migration tables of another schema → they are not taken for those of this one', async () => {
    const url = await postgres.createDatabase();
    const admin = new Client({ connectionString: url });
    await admin.connect();
    await admin.query(
      `create schema other; create table other.notes_migrations (name text, timestamp text);
       create table other.notes_migration_lock (id text, is_locked integer)`,
    );
    await admin.end();
    const { kysely } = await openNotes(url);
    expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([]);
    await kysely.destroy();
  });

  it('migration that waits for a lock → it waits beyond the limits of a session', async () => {
    const url = await postgres.createDatabase();
    const admin = new Client({ connectionString: url });
    await admin.connect();
    // Kysely's number for its migration lock.
    await admin.query('select pg_advisory_lock(3853314791062309107)');
    const opening = openNotes(`${url}?lock_timeout=100&statement_timeout=100`);
    const early = await Promise.race([
      opening.then(() => 'opened'),
      new Promise((resolve) => setTimeout(resolve, 600, 'waits')),
    ]);
    expect(early).toBe('waits');
    await admin.end();
    await (await opening).kysely.destroy();
  });
});
