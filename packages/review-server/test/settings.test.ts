import { expect, it } from 'vitest';
import type { Settings } from '../src/contract/settings.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { ADMINISTRATORS, startTestServer, type TestServer } from './test-server.ts';

const read = async (server: TestServer, name: 'ana' | 'ben') =>
  (await server.get<Settings>('/reviewer-api/settings', await server.bearer(name))).body;
const change = async (server: TestServer, name: 'ana' | 'ben', body: object) =>
  server.send<Settings & { error?: string }>('PATCH', '/reviewer-api/settings', body, await server.bearer(name));

onBothDatabases((newDatabase) => {
  it('settings: changed → the same in another session and after a restart, others’ unaffected; null → the default', async () => {
    const databaseUrl = await newDatabase();
    const server = await startTestServer(databaseUrl);
    expect(await read(server, 'ana')).toEqual({});
    expect((await change(server, 'ana', { autoAdvance: true })).body).toEqual({ autoAdvance: true });
    expect([await read(server, 'ana'), await read(server, 'ben')]).toEqual([{ autoAdvance: true }, {}]);
    await server.close();
    const again = await startTestServer(databaseUrl);
    expect(await read(again, 'ana')).toEqual({ autoAdvance: true });
    expect((await change(again, 'ana', {})).body).toEqual({ autoAdvance: true });
    expect((await change(again, 'ana', { autoAdvance: null })).body).toEqual({});
    expect(await read(again, 'ana')).toEqual({});
    await again.close();
  });

  it('settings: unknown or unreadable in the database → left out, an unknown one kept by a change', async () => {
    const databaseUrl = await newDatabase();
    const server = await startTestServer(databaseUrl);
    await change(server, 'ana', { autoAdvance: true });
    const database = await openReviewDatabase(databaseUrl, () => undefined);
    await database.kysely.updateTable('user_settings').set({ settings: '{"autoAdvance":"maybe","later":1}' }).execute();
    expect(await read(server, 'ana')).toEqual({});
    expect((await change(server, 'ana', { autoAdvance: false })).body).toEqual({ autoAdvance: false });
    const { settings } = await database.kysely.selectFrom('user_settings').select('settings').executeTakeFirstOrThrow();
    expect(JSON.parse(settings)).toEqual({ autoAdvance: false, later: 1 });
    await database.close();
    await server.close();
  });

  it('settings: ten first changes at once → one row, the last one in it', async () => {
    const server = await startTestServer(await newDatabase());
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => change(server, 'ana', { autoAdvance: index % 2 === 0 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(typeof (await read(server, 'ana')).autoAdvance).toBe('boolean');
    await server.close();
  });

  it('settings: user removed → gone, also when the name returns', async () => {
    const server = await startTestServer(await newDatabase(), { reviewers: ADMINISTRATORS });
    await change(server, 'ben', { autoAdvance: true });
    const ana = await server.bearer('ana');
    await server.send('DELETE', '/reviewer-api/users/ben', undefined, ana);
    const password = 'another password for ben';
    await server.post('/reviewer-api/users', { name: 'ben', password, roles: ['reviewer'] }, ana);
    const { token } = (await server.post<{ token: string }>('/reviewer-api/session', { name: 'ben', password }, {}))
      .body;
    expect((await server.get<Settings>('/reviewer-api/settings', { authorization: `Bearer ${token}` })).body).toEqual(
      {},
    );
    await server.close();
  });
});

it('settings: without a session → 401; unknown name or wrong type → 400 that names it, nothing changed', async () => {
  const server = await startTestServer('sqlite::memory:');
  expect((await server.get('/reviewer-api/settings', {})).status).toBe(401);
  expect((await server.send('PATCH', '/reviewer-api/settings', { autoAdvance: true }, {})).status).toBe(401);
  for (const [body, word] of [
    [{ autoAdvance: true, autoadvance: true }, 'autoadvance'],
    [{ autoAdvance: 'yes' }, 'autoAdvance'],
    [[], 'body'],
  ] as const) {
    const { status, body: answer } = await change(server, 'ana', body);
    expect([status, answer.error]).toEqual([400, expect.stringContaining(word)]);
  }
  expect(await read(server, 'ana')).toEqual({});
  await server.close();
});
