import { sql, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseFailure } from '../src/index.ts';
import { PreparedStatements } from '../src/prepared-statements.ts';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { openNotes, type NotesTables } from './notes.ts';

/** Enough executions for a text to be prepared. */
const often = 6;
const readNote = (kysely: Kysely<NotesTables>) =>
  kysely.selectFrom('notes').select(['id', 'text']).where('id', '=', 1).executeTakeFirst();
const readStatement = 'select "id", "text" from "notes" where "id" = $1';

describe.skipIf(!postgresIsInstalled)('prepared statements of PostgreSQL', () => {
  let postgres: SharedPostgres;
  let kysely: Kysely<NotesTables>;
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());
  afterEach(() => kysely.destroy());

  /** A note that was read often. */
  const openRead = async (parameters = '') => {
    ({ kysely } = await openNotes(`${await postgres.createDatabase()}${parameters}`));
    await kysely.insertInto('notes').values({ id: 1, text: 'one' }).execute();
    for (let time = 0; time < often; time += 1) await readNote(kysely);
  };
  const changeType = () => sql`alter table notes alter column text type varchar(100)`.execute(kysely);
  /** The statements that the connection has prepared. One call at a time uses one connection. */
  const prepared = async () => {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(kysely);
    return rows.map(({ statement }) => statement);
  };

  it('sixth execution of a text → it is prepared, and its answer is the same', async () => {
    await openRead();
    expect(await prepared()).toEqual([readStatement]);
    expect(await readNote(kysely)).toEqual({ id: 1, text: 'one' });
  });

  it('statement without parameters, a list with a limit, and all columns of a table → not prepared', async () => {
    await openRead('?pgbouncer=false');
    for (let time = 0; time < often; time += 1) {
      await kysely.selectFrom('notes').select('id').execute();
      await kysely.selectFrom('notes').select('text').where('id', '>', 0).limit(5).execute();
      await kysely.selectFrom('notes').selectAll().where('id', '=', 1).execute();
    }
    expect(await prepared()).toEqual([readStatement]);
  });

  it('URL with pgbouncer=true → nothing is prepared', async () => {
    await openRead('?pgbouncer=true');
    expect(await prepared()).toEqual([]);
  });

  it('column added to a table that is read → no call fails, inside a transaction neither', async () => {
    await openRead();
    await sql`alter table notes add column colour text default 'red'`.execute(kysely);
    expect(await kysely.transaction().execute(readNote)).toEqual({ id: 1, text: 'one' });
    expect(await prepared()).toEqual([readStatement]);
  });

  it('type of a read column changed → the next read succeeds, and is prepared again', async () => {
    await openRead();
    await changeType();
    expect(await readNote(kysely)).toEqual({ id: 1, text: 'one' });
    for (let time = 0; time < often; time += 1) await readNote(kysely);
    expect(await prepared()).toHaveLength(2);
  });

  it('type changed, and the read is inside a transaction → it fails as unchanged, and the next one succeeds', async () => {
    await openRead();
    await changeType();
    const change = () =>
      kysely.transaction().execute(async (transaction) => {
        await transaction.insertInto('notes').values({ id: 2, text: 'two' }).execute();
        return await readNote(transaction);
      });
    const error: unknown = await change().catch((reason: unknown) => reason);
    expect(databaseFailure(error)).toEqual({ changed: 'no', reason: 'the tables were changed meanwhile' });
    expect(await change()).toEqual({ id: 1, text: 'one' });
  });

  it('pooler that swaps connections → the call succeeds, and nothing is prepared any more', async () => {
    await openRead();
    await sql`deallocate all`.execute(kysely);
    expect(await readNote(kysely)).toEqual({ id: 1, text: 'one' });
    for (let time = 0; time < often; time += 1) await readNote(kysely);
    expect(await prepared()).toEqual([]);
  });

  it('statement that fails for another reason → fails once, with its own error', async () => {
    await openRead();
    const again = () => kysely.insertInto('notes').values({ id: 1, text: 'again' }).execute();
    for (let time = 0; time < often; time += 1) await expect(again()).rejects.toMatchObject({ code: '23505' });
    await expect(again()).rejects.toMatchObject({ code: '23505' });
  });
});

describe('texts that are prepared', () => {
  const nameAfter = (statements: PreparedStatements, text: string, executions: number) => {
    for (let time = 1; time < executions; time += 1) statements.nameOf(text);
    return statements.nameOf(text);
  };

  it('two texts → two names; one text → one name in all processes', () => {
    const one = nameAfter(new PreparedStatements(), 'update a set b = $1', often);
    expect(nameAfter(new PreparedStatements(), 'update a set b = $1', often)).toBe(one);
    expect(nameAfter(new PreparedStatements(), 'update a set c = $1', often)).not.toBe(one);
  });

  it.each([
    ['select "a" from "b" where "c" = $1', true],
    ['with "w" as (update "b" set "a" = $1 returning "id") select (select count(*) from w) as "rows"', true],
    ['select "a" from "b" where "c" = $1 for update of "b"', true],
    ['select count(*) from "b" where "a" = $1', false],
    ['select "a" from "b" where "c" like $1', false],
    ['select "a" from "b" where "c" @@ $1', false],
    ['update "b" set "a" = $1 where "id" in (select "id" from "b" limit $2)', false],
    ['select "b".* from "b" where "c" = $1', false],
    ['insert into "b" ("a") values ($1) returning *', false],
  ])('%s → prepared: %s', (text, isPrepared) => {
    expect(nameAfter(new PreparedStatements(), text, often) !== undefined).toBe(isPrepared);
  });

  it('name → fits into the 63 bytes that PostgreSQL keeps', () => {
    expect(nameAfter(new PreparedStatements(), 'update a set b = $1', often)!.length).toBeLessThan(64);
  });

  it('more than a hundred texts → the first hundred are prepared', () => {
    const statements = new PreparedStatements();
    const names = Array.from({ length: 120 }, (_, number) =>
      nameAfter(statements, `update a set b${number} = $1`, often),
    );
    expect(names.filter((name) => name !== undefined)).toHaveLength(100);
    expect(names.slice(100)).toEqual(Array.from({ length: 20 }, () => undefined));
  });

  it('many texts that run once → a later text is counted no more, and the earlier ones still are', () => {
    const statements = new PreparedStatements();
    for (let number = 0; number < 1_000; number += 1) statements.nameOf(`update a set b${number} = $1`);
    expect(nameAfter(statements, 'update late set b = $1', often)).toBeUndefined();
    expect(nameAfter(statements, 'update a set b1 = $1', often - 1)).toBeDefined();
  });
});
