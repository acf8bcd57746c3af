import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, beforeAll, describe } from 'vitest';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';

/** Runs the same facts on a SQLite file and on PostgreSQL; each call of `newDatabase` gives an empty one. What only one of them has is registered by `kind`. */
export function onBothDatabases(
  facts: (newDatabase: () => Promise<string>, kind: 'sqlite' | 'postgres') => void,
): void {
  describe('on SQLite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-review-'));
    let files = 0;
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    facts(async () => sqliteUrl(join(folder, `${(files += 1)}.db`)), 'sqlite');
  });
  describe.skipIf(!postgresIsInstalled)('on PostgreSQL', () => {
    let postgres: SharedPostgres | undefined;
    beforeAll(async () => {
      postgres = await sharedPostgres();
    });
    afterAll(() => postgres?.stop());
    facts(() => postgres!.createDatabase(), 'postgres');
  });
}
