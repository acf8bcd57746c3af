import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { databaseFailure } from '../src/database-failure.ts';
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

  it('full disk inside a transaction → the error says so, nothing changed; with room again it works', async () => {
    const { kysely } = await openNotes(newFile());
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(kysely);
    const limit = (pages: number) => sql.raw(`pragma max_page_count = ${pages}`).execute(kysely);
    await limit(rows[0]!.page_count);
    const write = (id: number) =>
      kysely.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('notes')
          .values({ id, text: 'x'.repeat(50_000) })
          .execute();
      });
    for (const id of [1, 2]) {
      const error: unknown = await write(id).catch((caught: unknown) => caught);
      expect(databaseFailure(error)).toEqual({ changed: 'no', reason: 'the disk of the database is full' });
    }
    await limit(1000);
    await write(3);
    expect(await kysely.selectFrom('notes').select('id').execute()).toEqual([{ id: 3 }]);
    await kysely.destroy();
  });

  it('locked by another process → a server here answers requests meanwhile, and the write is done at the end', async () => {
    const url = newFile();
    const { kysely } = await openNotes(url);
    const other = startProcess('hold-a-note.ts', url);
    const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await other.nextLine()).toBe('holding');
      let isWritten = false;
      const writing = kysely
        .insertInto('notes')
        .values({ id: 1, text: 'late' })
        .execute()
        .then(() => (isWritten = true));
      const waits: number[] = [];
      for (let request = 0; request < 20; request += 1) {
        const began = performance.now();
        expect(await (await fetch(address)).text()).toBe('here');
        waits.push(performance.now() - began);
      }
      expect(isWritten).toBe(false);
      expect(Math.max(...waits)).toBeLessThan(1000);
      other.tell('commit');
      expect(await other.nextLine()).toBe('committed');
      await writing;
      expect(await kysely.selectFrom('notes').select('id').execute()).toEqual([{ id: 1 }]);
    } finally {
      other.child.kill('SIGKILL');
      server.close();
      await kysely.destroy();
    }
  });
});
