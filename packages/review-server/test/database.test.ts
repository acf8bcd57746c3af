import { sql } from 'kysely';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { openReviewDatabase } from '../src/store/database.ts';

describe.skipIf(!postgresIsInstalled)("the review server's PostgreSQL database", () => {
  let postgres: SharedPostgres;
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());

  const runAsAdmin = async (url: string, statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };

  it('default of the database is synchronous_commit = off → a session has on, and every limit', async () => {
    const url = await postgres.createDatabase();
    await runAsAdmin(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    const { kysely } = await openReviewDatabase(url, () => undefined);
    const { rows } = await sql<object>`
      select current_setting('synchronous_commit') as synchronous_commit,
             current_setting('statement_timeout') as statement_timeout,
             current_setting('lock_timeout') as lock_timeout,
             current_setting('idle_in_transaction_session_timeout') as idle_in_transaction_session_timeout,
             current_setting('tcp_keepalives_idle') as tcp_keepalives_idle`.execute(kysely);
    expect(rows).toEqual([
      {
        synchronous_commit: 'on',
        statement_timeout: '15s',
        lock_timeout: '8s',
        idle_in_transaction_session_timeout: '5s',
        tcp_keepalives_idle: '30',
      },
    ]);
    await kysely.destroy();
  });

  it('migration tables of another schema → they are not taken for those of this one', async () => {
    const url = await postgres.createDatabase();
    await runAsAdmin(
      url,
      `create schema other; create table other.kysely_migration (name text, timestamp text);
       create table other.kysely_migration_lock (id text, is_locked integer)`,
    );
    const { kysely } = await openReviewDatabase(url, () => undefined);
    expect(await kysely.selectFrom('users').selectAll().execute()).toEqual([]);
    await kysely.destroy();
  });
});
