import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalList } from '../src/contract/reviewer-api.ts';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { startTestServer, type TestServer } from './test-server.ts';

describe.skipIf(!postgresIsInstalled)('PostgreSQL, role without CREATE EXTENSION', () => {
  let postgres: TestPostgres;
  let lines: Record<string, unknown>[] = [];
  const servers: TestServer[] = [];
  beforeAll(async () => {
    postgres = (await startPostgres())!;
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await postgres.stop();
  });
  const start = async (databaseUrl: string) => {
    lines = [];
    const server = await startTestServer(databaseUrl, {
      log: pino({}, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
    });
    servers.push(server);
    return { server, warned: lines.filter(({ msg }) => String(msg).includes('pg_trgm')) };
  };
  const query = async (databaseUrl: string, text: string) => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(text);
    await client.end();
  };

  it('start → one line with the cost and the remedy; search → the same results as with the index', async () => {
    const withIndex = await postgres.createDatabase();
    const asOwner = await postgres.createDatabase();
    await query(asOwner, 'create role modest login; grant all on schema public to modest');
    const asModest = asOwner.replace('//holdpoint@', '//modest@');
    const [indexed, plain] = [await start(withIndex), await start(asModest)];
    expect(indexed.warned).toEqual([]);
    expect(plain.warned).toEqual([
      expect.objectContaining({
        level: 40,
        problem: expect.stringContaining('permission denied to create extension "pg_trgm"'),
        msg: expect.stringMatching(/slower.*create extension pg_trgm; then restart/),
      }),
    ]);

    const asked = [
      { summary: 'Pay Müller GmbH' },
      { action: 'refund', details: { note: '100% of y_üml', amount: 12.5 } },
      { summary: 'refund for müller' },
      { justification: String.raw`a \ and "quotes"` },
      { summary: 'ж', details: { deep: [{ iban: 'PL89' }] } },
    ];
    const ids = await Promise.all(
      [indexed.server, plain.server].map(async (server) => {
        const made = [];
        for (const more of asked) made.push((await server.ask(more)).body.id);
        await server.decide(made[0]!, { decision: 'reject', note: 'rückruf' });
        return made;
      }),
    );
    const found = async (q: string) =>
      Promise.all(
        [indexed.server, plain.server].map(async (server, index) => {
          const { body } = await server.get<ApprovalList>(
            `/reviewer-api/approvals?box=all&q=${encodeURIComponent(q)}`,
            await server.bearer(),
          );
          return body.approvals.map(({ id }) => ids[index]!.indexOf(id));
        }),
      );
    for (const [q, wanted] of [
      ['müll', [2, 0]],
      ['MÜLLER refund', [2]],
      ['refund', [2, 1]],
      ['100%', [1]],
      ['0%', [1]],
      ['y_ü', [1]],
      ['y-ü', []],
      ['\\ and', [3]],
      ['"quo', [3]],
      ['ж', [4]],
      // Not hexadecimal: ids are.
      ['pl8', [4]],
      ['rückr', [0]],
      ['12.5', [1]],
    ] as const) {
      expect([q, ...(await found(q))]).toEqual([q, wanted, wanted]);
    }

    // As the line says: an administrator makes it, and the next start has the index.
    await query(asOwner, 'create extension pg_trgm');
    expect((await start(asModest)).warned).toEqual([]);
  });
});
