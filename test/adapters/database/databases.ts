import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, beforeAll, describe, type TestContext } from 'vitest';
import { openDatabase, type HoldpointDatabase } from '../../../src/adapters/database/open-database.ts';
import { sharedPostgres, type SharedPostgres } from '../../support/postgres.ts';

/** One kind of database under test. `emptyUrl` skips the test where this machine has no such database. */
export type DatabaseKind = {
  emptyUrl(test: TestContext): Promise<string>;
  /** Opens it; closed after all tests. */
  open(url: string): Promise<HoldpointDatabase>;
};

/** Runs the same tests on a SQLite file and on PostgreSQL. */
export function describeOnBothDatabases(name: string, tests: (kind: DatabaseKind) => void): void {
  describe(`${name} in SQLite`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-database-'));
    let files = 0;
    const opened = closedAtTheEnd();
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    tests({ emptyUrl: async () => sqliteUrl(join(folder, `${++files}.db`)), open: opened });
  });

  describe(`${name} in PostgreSQL`, () => {
    let postgres: SharedPostgres | undefined;
    beforeAll(async () => void (postgres = await sharedPostgres()));
    afterAll(async () => postgres?.stop());
    const opened = closedAtTheEnd();
    tests({
      emptyUrl: async (test) => postgres?.createDatabase() ?? test.skip('PostgreSQL is not installed'),
      open: opened,
    });
  });
}

function closedAtTheEnd(): DatabaseKind['open'] {
  const databases: HoldpointDatabase[] = [];
  afterAll(async () => void (await Promise.all(databases.map((database) => database.close()))));
  return async (url) => {
    const database = await openDatabase(url);
    databases.push(database);
    return database;
  };
}
