import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ReviewServerOptions } from '../src/options.ts';
import { createReviewServer } from '../src/create-review-server.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { KEY, optionsFor, PASSWORDS, startTestServer } from './test-server.ts';

describe('review server: invalid settings → refused with the remedy', () => {
  it.each<[string, Partial<ReviewServerOptions>, RegExp]>([
    ['a short session secret', { sessionSecret: 'short' }, /session secret must have at least 16/],
    ['a short login token', { loginToken: 'short' }, /login token must have at least 22/],
    ['a login token without anybody', { loginToken: 'x'.repeat(22), reviewers: [] }, /configure at least one/],
    [
      'a short Connection Key',
      { connectionKeys: [{ assistant: 'comms', key: 'short' }] },
      /Connection Key of "comms" is too short/,
    ],
    [
      'one key for two assistants',
      {
        connectionKeys: [
          { assistant: 'a', key: KEY },
          { assistant: 'b', key: KEY },
        ],
      },
      /belongs to another assistant/,
    ],
    ['another database', { databaseUrl: 'mysql://host/name' }, /begins with "mysql:".*sqlite:\/\/\//],
    ['a folder that can’t be made', { databaseUrl: 'sqlite:///dev/null/x.db' }, /can't be opened/],
    [
      'a database that is not there',
      { databaseUrl: 'postgres://nobody@127.0.0.1:1/none' },
      /can't be opened or migrated/,
    ],
  ])('%s', async (_what, options, text) => {
    await expect(createReviewServer(optionsFor('sqlite::memory:', options))).rejects.toThrow(text);
  });

  it('port taken → refused', async () => {
    const first = await createReviewServer(optionsFor('sqlite::memory:'));
    await expect(
      createReviewServer(optionsFor('sqlite::memory:', { port: Number(new URL(first.url).port) })),
    ).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 is taken\. Set HOLDPOINT_REVIEW_LISTEN/);
    await first.close();
  });
});

onBothDatabases((newDatabase) => {
  it('review server: several processes start on a new database → all start', async () => {
    const options = JSON.stringify(optionsFor(await newDatabase()));
    const children = Array.from({ length: 3 }, () =>
      spawn(
        process.execPath,
        ['--conditions=holdpoint-source', fileURLToPath(new URL('server-process.ts', import.meta.url)), options],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    );
    try {
      const addresses = await Promise.all(
        children.map(async (child) => ((await once(createInterface(child.stdout), 'line')) as [string])[0]),
      );
      expect(new Set(addresses).size).toBe(3);
    } finally {
      children.forEach((child) => child.kill('SIGKILL'));
    }
  });

  it('review server: restart → data kept, changed password applied; new session secret → sign-ins ended', async () => {
    const databaseUrl = await newDatabase();
    const first = await startTestServer(databaseUrl);
    const {
      body: { id },
    } = await first.ask();
    const bearer = await first.bearer('ana');
    await first.close();
    const second = await startTestServer(databaseUrl);
    expect((await second.get(`/reviewer-api/approvals/${id}`, bearer)).status).toBe(200);
    await second.close();
    const third = await startTestServer(databaseUrl, {
      sessionSecret: 'another secret of the tests',
      reviewers: [{ name: 'ana', password: 'changed since then' }],
    });
    expect((await third.get(`/reviewer-api/approvals/${id}`, bearer)).status).toBe(401);
    const signIn = async (password: string) =>
      (await third.post('/reviewer-api/session', { name: 'ana', password }, {})).status;
    expect([await signIn(PASSWORDS.ana), await signIn('changed since then')]).toEqual([401, 200]);
    await third.close();
  });

  it('review server: close → held requests are answered first', async () => {
    const server = await startTestServer(await newDatabase());
    const holding = server.ask({ maxWaitMs: 10_000 });
    const { authorization } = await server.bearer();
    await eventually(
      'the held request',
      async () =>
        (
          await server.get<{ approvals: unknown[] }>('/reviewer-api/approvals?status=pending', {
            authorization: authorization!,
          })
        ).body.approvals.length === 1,
    );
    await server.close();
    expect((await holding).body.status).toBe('pending');
  });

  it('review server: log → no key, password, token, payload or note; database → no key, password or token', async () => {
    const lines: string[] = [];
    const databaseUrl = await newDatabase();
    const server = await startTestServer(databaseUrl, {
      log: pino({ level: 'trace' }, { write: (line) => void lines.push(line) }),
      webhookSecret: 'canary-webhook-secret',
    });
    const receiver = await startCallbackReceiver();
    receiver.answers.push({ status: 500 });
    const {
      body: { id },
    } = await server.ask({
      apiKey: KEY,
      details: { secret: 'canary-details' },
      summary: 'canary-summary',
      justification: 'canary-why',
      callbackUrl: `${receiver.url}/canary-path`,
    });
    await server.decide(id, { decision: 'approve', note: 'canary-note' });
    const { authorization } = await server.bearer();
    await eventually('both attempts', () => receiver.received.length === 2);
    await server.close();
    await receiver.stop();
    const secrets = [
      KEY,
      PASSWORDS.ana,
      authorization!.slice('Bearer '.length),
      'canary-webhook-secret',
      'a secret of the tests only',
    ];
    expect(lines.length).toBeGreaterThan(1);
    for (const canary of [...secrets, 'canary']) expect(lines.join('\n')).not.toContain(canary);
    const database = await openReviewDatabase(databaseUrl, () => undefined);
    const tables = await Promise.all(
      (['approvals', 'connection_keys', 'users', 'sessions', 'audit', 'audit_pending', 'outbox'] as const).map(
        (table) => database.kysely.selectFrom(table).selectAll().execute(),
      ),
    );
    await database.kysely.destroy();
    for (const secret of secrets) expect(JSON.stringify(tables)).not.toContain(secret);
  });
});
