import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sqliteUrl } from '../src/database-url.ts';
import { openNotes } from './notes.ts';
import { startProcess } from './start-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => sqliteUrl(join(folder, `${(files += 1)}.db`));

describe('SQLite', () => {
  it('new file, six processes open it at once → each of them writes, in 30 rounds of 30', async () => {
    const urls = Array.from({ length: 30 }, newFile);
    const processes = ['1', '2', '3', '4', '5', '6'].map((id) => startProcess('open-each.ts', id, ...urls));
    try {
      await Promise.all(processes.map((one) => one.nextLine()));
      const outcomes: string[] = [];
      for (const _url of urls) {
        for (const one of processes) one.tell('open');
        outcomes.push(...(await Promise.all(processes.map((one) => one.nextLine()))));
      }
      expect(outcomes.filter((outcome) => outcome !== 'written')).toEqual([]);
      const { kysely } = await openNotes(urls[0]!);
      expect(await kysely.selectFrom('notes').select('id').execute()).toHaveLength(6);
      await kysely.destroy();
    } finally {
      for (const { child } of processes) child.kill('SIGKILL');
    }
  }, 120_000);

  it('locked by a transaction of the same process → the write waits, and the thread goes on', async () => {
    const url = newFile();
    const [one, other] = [await openNotes(url), await openNotes(url)];
    const written: string[] = [];
    const waiting = await one.kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('notes').values({ id: 1, text: 'one' }).execute();
      const waiting = other.kysely
        .insertInto('notes')
        .values({ id: 2, text: 'other' })
        .execute()
        .then(() => written.push('other'));
      // The thread is not blocked: the event loop turns while the write waits.
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      written.push('one');
      return { waiting };
    });
    await waiting.waiting;
    expect(written).toEqual(['one', 'other']);
    await Promise.all([one.kysely.destroy(), other.kysely.destroy()]);
  });
});
