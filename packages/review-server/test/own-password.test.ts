import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/audit.ts';
import { passwordSchema } from '../src/contract/password.ts';
import { hashPassword } from '../src/store/password.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { ADMINISTRATORS, optionsFor, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const chosen = 'a password of my own';
const signIn = async (server: TestServer, name: string, password: string) => {
  const { status, body } = await server.post<{ token: string }>('/reviewer-api/session', { name, password }, {});
  return { status, headers: { authorization: `Bearer ${body.token}` } };
};
const change = (server: TestServer, headers: Record<string, string>, body: object) =>
  server.send<{ ended?: number; error?: string }>('PUT', '/reviewer-api/password', body, headers);
const isSignedIn = async (server: TestServer, headers: Record<string, string>) =>
  (await server.get('/reviewer-api/session', headers)).status === 200;

onBothDatabases((newDatabase) => {
  it('own password: current one proved → changed, other sessions ended, audited', async () => {
    const server = await startTestServer(await newDatabase(), { reviewers: ADMINISTRATORS });
    const [first, second, own] = [
      await signIn(server, 'ben', PASSWORDS.ben),
      await signIn(server, 'ben', PASSWORDS.ben),
      await signIn(server, 'ben', PASSWORDS.ben),
    ];
    const ana = await server.bearer('ana');
    const answer = await change(server, own.headers, { current: PASSWORDS.ben, password: chosen });
    expect([answer.status, answer.body]).toEqual([200, { ended: 2 }]);
    expect(await Promise.all([first, second, own].map(({ headers }) => isSignedIn(server, headers)))).toEqual([
      false,
      false,
      true,
    ]);
    expect(await isSignedIn(server, ana)).toBe(true);
    expect((await signIn(server, 'ben', PASSWORDS.ben)).status).toBe(401);
    expect((await signIn(server, 'ben', chosen)).status).toBe(200);
    const { entries } = (await server.get<{ entries: AuditEntry[] }>('/reviewer-api/audit?event=password-changed', ana))
      .body;
    expect(entries.map(({ actor, subject, facts }) => [actor, subject, facts])).toEqual([
      ['reviewer:ben', 'ben', { sessions: 2 }],
    ]);
    await server.close();
  });

  it('own password, then a restart with the same settings → kept', async () => {
    const databaseUrl = await newDatabase();
    const before = await startTestServer(databaseUrl);
    await change(before, await before.bearer('ben'), { current: PASSWORDS.ben, password: chosen });
    await before.close();
    const after = await startTestServer(databaseUrl);
    expect([(await signIn(after, 'ben', chosen)).status, (await signIn(after, 'ben', PASSWORDS.ben)).status]).toEqual([
      200, 401,
    ]);
    await after.close();
  });

  it('short password of an earlier version: signs in, stays after a restart; a new short one → refused with words', async () => {
    const databaseUrl = await newDatabase();
    const { passwordCost } = optionsFor(databaseUrl);
    await (await startTestServer(databaseUrl)).close();
    const database = await openReviewDatabase(databaseUrl, () => undefined);
    const hash = await hashPassword('short', passwordCost!);
    await database.kysely
      .updateTable('users')
      .set({ password_hash: hash, seed_hash: hash })
      .where('name', '=', 'ben')
      .execute();
    await database.close();
    const seeds = (password: string) => ({ reviewers: [{ name: 'ben', password }] });
    const server = await startTestServer(databaseUrl, seeds('short'));
    const { status, headers } = await signIn(server, 'ben', 'short');
    expect(status).toBe(200);
    expect((await change(server, headers, { current: 'short', password: 'shorter' })).body).toEqual({
      error: 'password: must have at least 12 characters',
    });
    expect((await change(server, headers, { current: 'short', password: chosen })).status).toBe(200);
    await server.close();
    await expect(startTestServer(databaseUrl, seeds('eleven char'))).rejects.toThrow(
      'The password of ben in the settings must have at least 12 characters. Set HOLDPOINT_REVIEWER_PASSWORD to another one.',
    );
  });
});

describe('own password', () => {
  it.each<[string, object, number, RegExp]>([
    ['wrong current one', { current: 'not it, not it', password: chosen }, 403, /current password is wrong/],
    ['none', { password: chosen }, 400, /current/],
    ['too short', { current: PASSWORDS.ben, password: 'eleven char' }, 400, /at least 12 characters/],
    ['too long', { current: PASSWORDS.ben, password: 'x'.repeat(1001) }, 400, /at most 1000 characters/],
    ['the same', { current: PASSWORDS.ben, password: PASSWORDS.ben }, 400, /must differ/],
    [
      'another user’s name',
      { current: PASSWORDS.ana, password: chosen, name: 'ana' },
      403,
      /current password is wrong/,
    ],
  ])('%s → refused, nothing changed', async (_what, body, status, text) => {
    const server = await startTestServer('sqlite::memory:');
    const answer = await change(server, await server.bearer('ben'), body);
    expect([answer.status, answer.body.error]).toEqual([status, expect.stringMatching(text)]);
    for (const name of ['ana', 'ben'] as const) expect((await signIn(server, name, PASSWORDS[name])).status).toBe(200);
    await server.close();
  });

  it('without a session → 401; guesses with a stolen session → throttled', async () => {
    const server = await startTestServer('sqlite::memory:');
    expect((await change(server, {}, { current: PASSWORDS.ben, password: chosen })).status).toBe(401);
    const stolen = await server.bearer('ben');
    const statuses: number[] = [];
    for (let guess = 0; guess < 7; guess += 1)
      statuses.push((await change(server, stolen, { current: `guess ${guess}`, password: chosen })).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429]);
    await server.close();
  });
});

describe('new password', () => {
  it.each([
    ['twelve letters', 'abcdefghijkl', true],
    ['eleven letters', 'abcdefghijk', false],
    ['twelve code points outside of the BMP', '😀'.repeat(12), true],
    ['six of them, twelve UTF-16 units', '😀'.repeat(6), false],
    ['one character that is eighteen in NFKC', '\uFDFA', false],
    ['twelve characters that are six in NFKC', 'e\u0301'.repeat(6), false],
    ['a thousand letters', 'x'.repeat(1000), true],
    ['more', 'x'.repeat(1001), false],
    ['half a surrogate pair', `abcdefghijkl\uD800`, false],
  ])('%s → %s', (_what, password, allowed) => expect(passwordSchema.safeParse(password).success).toBe(allowed));

  it('typed composed or decomposed, on another keyboard → the same password', async () => {
    const server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
    const password = 'Zürich, Genève, ﬁnal';
    await server.send(
      'PATCH',
      '/reviewer-api/users/ben',
      { password: password.normalize('NFD') },
      await server.bearer('ana'),
    );
    expect((await signIn(server, 'ben', password.normalize('NFC'))).status).toBe(200);
    expect((await signIn(server, 'ben', 'Zürich, Genève, final')).status).toBe(200);
    await server.close();
  });
});
