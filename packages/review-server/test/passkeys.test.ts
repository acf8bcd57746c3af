import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/audit.ts';
import type {
  CreationOptions,
  OwnPasskeys,
  PartialSignIn,
  PasskeyAdmin,
  RequestOptions,
} from '../src/contract/passkeys.ts';
import { passkeySite } from '../src/passkey-site.ts';
import { resetPasskeysInDatabase } from '../src/reset-passkeys-in-database.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { createPasskeyDevice, type PasskeyDevice } from './passkey-device.ts';
import { ADMINISTRATORS, PASSWORDS, startTestServer, type Answer, type TestServer } from './test-server.ts';

const origin = 'http://localhost:7342';
type Name = keyof typeof PASSWORDS;
type Failure = { error: string };
type Lies = Parameters<PasskeyDevice['get']>[2];

const start = (databaseUrl: string, more: Parameters<typeof startTestServer>[1] = {}) =>
  startTestServer(databaseUrl, { publicUrl: origin, reviewers: ADMINISTRATORS, ...more });
const api = <Body>(server: TestServer, path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.post<Body & Failure>(`/reviewer-api${path}`, body, headers);

async function add(server: TestServer, name: Name, device = createPasskeyDevice(), lies: Lies = {}) {
  const headers = await server.bearer(name);
  const { body: options } = await api<CreationOptions>(server, '/passkeys/options', {}, headers);
  const answer = await api(
    server,
    '/passkeys',
    { name: 'Key', response: device.create(options, origin, lies) },
    headers,
  );
  return { device, answer, options };
}

/** The answer to name and password in a browser. */
const byPassword = (server: TestServer, name: Name) =>
  api<Partial<PartialSignIn> & { reviewer?: object }>(
    server,
    '/session',
    { name, password: PASSWORDS[name], browser: true },
    { origin: server.url, 'sec-fetch-site': 'same-origin' },
  );
async function challenged(server: TestServer, name: Name): Promise<RequestOptions> {
  const { next } = (await byPassword(server, name)).body;
  if (next?.kind !== 'passkey') throw new Error(`No passkey was asked for: ${JSON.stringify(next)}`);
  return next.options;
}
const anonymous = async (server: TestServer) =>
  (await api<RequestOptions>(server, '/session/passkey/options', {})).body;
const prove = (server: TestServer, response: unknown) =>
  api<{ token?: string; reviewer?: { name: string } }>(server, '/session/passkey', { response });
const audit = async (server: TestServer, event: string, by: Name = 'ana') =>
  (await server.get<{ entries: AuditEntry[] }>(`/reviewer-api/audit?event=${event}`, await server.bearer(by))).body
    .entries;

onBothDatabases((newDatabase) => {
  it('last administrator without the device, reset in the database → sessions end, the password suffices, audited', async () => {
    const databaseUrl = await newDatabase();
    const server = await start(databaseUrl);
    await add(server, 'ana');
    const before = await server.bearer('ben');
    expect((await byPassword(server, 'ana')).body.next?.kind).toBe('passkey');
    expect(await resetPasskeysInDatabase(databaseUrl, 'zoe')).toBeUndefined();
    expect(await resetPasskeysInDatabase(databaseUrl, 'ana')).toMatchObject({ passkeys: 1 });
    expect((await byPassword(server, 'ana')).body.reviewer).toMatchObject({ name: 'ana' });
    expect((await server.get('/reviewer-api/session', before)).status).toBe(200);
    // The bearer of the session that has ended is remembered.
    const { body: signedIn } = await api<{ token: string }>(server, '/session', {
      name: 'ana',
      password: PASSWORDS.ana,
    });
    const found = await server.get<{ entries: AuditEntry[] }>('/reviewer-api/audit?event=passkeys-reset', {
      authorization: `Bearer ${signedIn.token}`,
    });
    expect(found.body.entries).toMatchObject([
      { actor: 'system', subject: 'ana', facts: { passkeys: 1, from: 'command with the database' } },
    ]);
    await server.close();
  });

  it('passkey: added, listed, renamed, removed; each in the audit', async () => {
    const server = await start(await newDatabase());
    const headers = await server.bearer('ben');
    const { device, answer } = await add(server, 'ben');
    expect([answer.status, answer.body]).toMatchObject([
      201,
      { id: device.id, name: 'Key', lastUsedAt: null, synced: false },
    ]);
    const path = `/reviewer-api/passkeys/${device.id}`;
    expect((await server.send('PATCH', path, { name: ' Blue key ' }, headers)).body).toMatchObject({
      name: 'Blue key',
    });
    const list = async () => (await server.get<OwnPasskeys>('/reviewer-api/passkeys', headers)).body;
    expect(await list()).toMatchObject({
      origin,
      problem: null,
      required: false,
      fresh: true,
      passkeys: [{ name: 'Blue key' }],
    });
    // Another user sees and changes nothing of it.
    const ana = await server.bearer('ana');
    expect((await server.get<OwnPasskeys>('/reviewer-api/passkeys', ana)).body.passkeys).toEqual([]);
    expect((await server.send('PATCH', path, { name: 'Mine' }, ana)).status).toBe(404);
    expect((await server.send('DELETE', path, undefined, ana)).status).toBe(404);
    expect((await server.send('DELETE', path, undefined, headers)).status).toBe(200);
    expect((await list()).passkeys).toEqual([]);
    const events = await Promise.all(['added', 'renamed', 'removed'].map((what) => audit(server, `passkey-${what}`)));
    expect(events.map((entries) => entries.map(({ actor, subject }) => [actor, subject]))).toEqual(
      Array.from({ length: 3 }, () => [['reviewer:ben', 'ben']]),
    );
    await server.close();
  });

  it('user with a passkey: the password alone opens no session; password and passkey do, once', async () => {
    const server = await start(await newDatabase());
    const { device } = await add(server, 'ben');
    const first = await byPassword(server, 'ben');
    expect([first.status, first.headers.get('set-cookie'), first.body.reviewer]).toEqual([200, null, undefined]);
    const response = device.get(await challenged(server, 'ben'), origin);
    const signedIn = await prove(server, response);
    expect([signedIn.status, signedIn.body.reviewer?.name]).toEqual([200, 'ben']);
    expect((await server.get('/reviewer-api/session', { authorization: `Bearer ${signedIn.body.token}` })).status).toBe(
      200,
    );
    expect((await prove(server, response)).body.error).toMatch(/answered before, or has expired/);
    const entries = (await audit(server, 'signed-in')).filter(({ subject }) => subject === 'ben');
    expect(entries.map(({ facts }) => facts)).toEqual([{ passkey: device.id }, {}]);
    await server.close();
  });

  it('user with a passkey: a program with name and password → refused with words', async () => {
    const server = await start(await newDatabase());
    await add(server, 'ben');
    const answer = await api(server, '/session', { name: 'ben', password: PASSWORDS.ben });
    expect([answer.status, answer.body]).toEqual([
      403,
      { error: `ben signs in with a passkey, in the inbox at ${origin}. A program signs in as a user without one.` },
    ]);
    await server.close();
  });

  it('sign-in without a name: the passkey names its user', async () => {
    const server = await start(await newDatabase());
    const [{ device: anas }, { device: bens }] = [await add(server, 'ana'), await add(server, 'ben')];
    for (const [device, name] of [
      [anas, 'ana'],
      [bens, 'ben'],
    ] as const)
      expect((await prove(server, device.get(await anonymous(server), origin))).body.reviewer?.name).toBe(name);
    await server.close();
  });

  it.each<[string, Lies, RegExp, string]>([
    ['another origin', { origin: 'http://localhost:7343' }, /another address/, 'wrong-origin'],
    ['another host', { rpId: 'example.com' }, /another address/, 'wrong-origin'],
    ['a frame of another site', { crossOrigin: true }, /another address/, 'wrong-origin'],
    ['no user verification', { isVerified: false }, /did not check that it is you/, 'no-user-verification'],
    ['a wrong signature', { badSignature: true }, /signature .* is wrong/, 'signature'],
    ['an invented challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }, /answered before, or has expired/, 'challenge'],
    ['another user’s handle', { userHandle: 'dXNlcl8x' }, /another user/, 'other-user'],
    ['a counter that stands still', { counter: 7 }, /counter .* went backwards/, 'counter'],
    ['a lower counter', { counter: 3 }, /counter .* went backwards/, 'counter'],
  ])(
    'sign-in with %s → refused, in the audit, and the right passkey still signs in',
    async (_what, lies, text, reason) => {
      const server = await start(await newDatabase());
      const { device } = await add(server, 'ben');
      expect((await prove(server, device.get(await challenged(server, 'ben'), origin, { counter: 7 }))).status).toBe(
        200,
      );
      const refused = await prove(server, device.get(await challenged(server, 'ben'), origin, { counter: 8, ...lies }));
      expect([refused.status, refused.body.error]).toEqual([401, expect.stringMatching(text)]);
      expect((await prove(server, device.get(await challenged(server, 'ben'), origin, { counter: 9 }))).status).toBe(
        200,
      );
      await expect.poll(() => audit(server, 'sign-in-failed').then((entries) => entries.length)).toBe(1);
      const { refusals } = (await server.get<PasskeyAdmin>('/reviewer-api/admin/passkeys', await server.bearer('ana')))
        .body;
      expect(refusals).toMatchObject([{ user: 'ben', purpose: 'sign-in', reason, passkey: device.id }]);
      await server.close();
    },
  );

  it('another user’s passkey after the right password → refused', async () => {
    const server = await start(await newDatabase());
    const [{ device: anas }] = [await add(server, 'ana'), await add(server, 'ben')];
    for (const userHandle of [undefined, null]) {
      const lies = userHandle === undefined ? {} : { userHandle };
      const answer = await prove(server, anas.get(await challenged(server, 'ben'), origin, lies));
      expect([answer.status, answer.body.error]).toEqual([
        401,
        'This passkey belongs to another user. Use one of yours.',
      ]);
    }
    await server.close();
  });

  it('copy of a passkey, used after the original → refused; the original goes on', async () => {
    const server = await start(await newDatabase());
    const { device } = await add(server, 'ben');
    const clone = device.clone(0);
    for (let use = 0; use < 3; use += 1)
      expect((await prove(server, device.get(await challenged(server, 'ben'), origin))).status).toBe(200);
    expect((await prove(server, clone.get(await challenged(server, 'ben'), origin))).body.error).toMatch(/counter/);
    expect((await prove(server, device.get(await challenged(server, 'ben'), origin))).status).toBe(200);
    await server.close();
  });

  it('synced passkey, whose counter stays 0 → signs in again and again, and no answer counts twice', async () => {
    const server = await start(await newDatabase());
    const { device } = await add(server, 'ben');
    const use = async () => device.get(await challenged(server, 'ben'), origin, { counter: 0 });
    const response = await use();
    expect((await prove(server, response)).status).toBe(200);
    expect((await prove(server, response)).status).toBe(401);
    expect((await prove(server, await use())).status).toBe(200);
    await server.close();
  });

  it('old challenge → refused; old sign-in → changes need a proof by passkey', async () => {
    let shift = 0;
    const server = await start(await newDatabase(), { clock: () => new Date(Date.now() + shift) });
    const { device } = await add(server, 'ben');
    const headers = await server.bearer('ben');
    const response = device.get(await challenged(server, 'ben'), origin);
    shift = 5 * 60_000 + 1000;
    expect((await prove(server, response)).status).toBe(401);
    shift = 10 * 60_000 + 60_000;
    const rename = () => server.send<Failure>('PATCH', `/reviewer-api/passkeys/${device.id}`, { name: 'New' }, headers);
    const refused = await rename();
    expect([refused.status, refused.body.error]).toEqual([403, expect.stringMatching(/of the last ten minutes/)]);
    for (const path of ['/passkeys/options', '/passkeys'])
      expect((await api(server, path, {}, headers)).status).toBe(403);
    expect((await server.send('DELETE', `/reviewer-api/passkeys/${device.id}`, undefined, headers)).status).toBe(403);
    const options = (await api<RequestOptions>(server, '/passkeys/proof/options', {}, headers)).body;
    // A proof of another session counts for that one only.
    const other = {
      authorization: `Bearer ${(await prove(server, device.get(await anonymous(server), origin))).body.token}`,
    };
    const proof = device.get(options, origin);
    expect((await api(server, '/passkeys/proof', { response: proof }, other)).status).toBe(403);
    const again = (await api<RequestOptions>(server, '/passkeys/proof/options', {}, headers)).body;
    expect((await api(server, '/passkeys/proof', { response: device.get(again, origin) }, headers)).status).toBe(200);
    expect((await rename()).status).toBe(200);
    await server.close();
  });

  it('required: the first sign-in adds a passkey, a second password alone adds none, the last one stays', async () => {
    const server = await start(await newDatabase());
    const ana = await server.bearer('ana');
    const rules = (required: string) =>
      server.send('PUT', '/reviewer-api/admin/passkeys', { required, stepUp: 'enrolled' }, ana);
    expect((await rules('everybody')).status).toBe(200);
    const enrolment = async () => {
      const { next } = (await byPassword(server, 'ben')).body;
      if (next?.kind !== 'enrol') throw new Error('No enrolment was asked for.');
      return next.options;
    };
    const [options, late] = [await enrolment(), await enrolment()];
    const [device, thief] = [createPasskeyDevice(), createPasskeyDevice()];
    const enrol = (response: unknown) =>
      api<{ token?: string }>(server, '/session/passkey/enrol', { name: 'First', response });
    const enrolled = await enrol(device.create(options, origin));
    expect(enrolled.status).toBe(200);
    expect((await enrol(thief.create(late, origin))).status).toBe(401);
    const headers = { authorization: `Bearer ${enrolled.body.token}` };
    expect((await server.send('DELETE', `/reviewer-api/passkeys/${device.id}`, undefined, headers)).body).toEqual({
      error: 'You must have a passkey, and this is your last one. Add another one first.',
    });
    expect((await rules('optional')).status).toBe(200);
    expect((await server.send('DELETE', `/reviewer-api/passkeys/${device.id}`, undefined, headers)).status).toBe(200);
    expect((await byPassword(server, 'ben')).body.reviewer).toBeDefined();
    await server.close();
  });

  it('reset by an administrator: passkeys and sessions gone, audited; one’s own → refused', async () => {
    const server = await start(await newDatabase());
    const [ana, ben] = [await server.bearer('ana'), await server.bearer('ben')];
    const { device } = await add(server, 'ben');
    const reset = (name: string) =>
      server.send<Failure>('DELETE', `/reviewer-api/users/${name}/passkeys`, undefined, ana);
    expect((await reset('ana')).status).toBe(409);
    expect((await reset('nobody')).status).toBe(404);
    expect((await reset('ben')).body).toEqual({ passkeys: 1, sessions: 1 });
    expect((await server.get('/reviewer-api/session', ben)).status).toBe(401);
    expect((await prove(server, device.get(await anonymous(server), origin))).body.error).toMatch(/does not know/);
    expect((await byPassword(server, 'ben')).body.reviewer).toBeDefined();
    const [entry] = await audit(server, 'passkeys-reset');
    expect([entry?.actor, entry?.subject, entry?.facts]).toEqual(['reviewer:ana', 'ben', { passkeys: 1, sessions: 1 }]);
    await server.close();
  });

  it('user of an identity provider: the passkey alone does not sign in', async () => {
    const databaseUrl = await newDatabase();
    const server = await start(databaseUrl);
    const { device } = await add(server, 'ben');
    const database = await openReviewDatabase(databaseUrl, () => undefined);
    const { id } = await database.kysely
      .selectFrom('users')
      .select('id')
      .where('name', '=', 'ben')
      .executeTakeFirstOrThrow();
    await database.kysely
      .insertInto('provider_identities')
      .values({
        issuer: 'https://id.example',
        subject: '1',
        user_id: id,
        created_at: new Date().toISOString(),
        removed_at: null,
      })
      .execute();
    await database.close();
    const answer = await prove(server, device.get(await anonymous(server), origin));
    expect([answer.status, answer.body.error]).toEqual([401, expect.stringMatching(/at your identity provider/)]);
    await server.close();
  });

  it('removed user → passkey gone, also after a user of this name is added again', async () => {
    const server = await start(await newDatabase());
    const { device } = await add(server, 'ben');
    const ana = await server.bearer('ana');
    await server.send('DELETE', '/reviewer-api/users/ben', undefined, ana);
    expect((await prove(server, device.get(await anonymous(server), origin))).status).toBe(401);
    await api(server, '/users', { name: 'ben', password: PASSWORDS.ben, roles: ['reviewer'] }, ana);
    expect((await prove(server, device.get(await anonymous(server), origin))).status).toBe(401);
    expect((await byPassword(server, 'ben')).body.reviewer).toBeDefined();
    await server.close();
  });
});

describe('new passkey', () => {
  it.each<[string, Lies, number]>([
    ['no user verification', { isVerified: false }, 403],
    ['another origin', { origin: 'http://127.0.0.1:7342' }, 403],
    ['another host', { rpId: '127.0.0.1' }, 403],
    ['an invented challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }, 403],
    ['none of these', {}, 201],
  ])('%s → %s', async (_what, lies, status) => {
    const server = await start('sqlite::memory:');
    expect((await add(server, 'ben', createPasskeyDevice(), lies)).answer.status).toBe(status);
    await server.close();
  });

  it('answer sent twice, or in another session → refused', async () => {
    const server = await start('sqlite::memory:');
    const { device, options } = await add(server, 'ben');
    const again = (headers: Record<string, string>) =>
      api(server, '/passkeys', { name: 'Again', response: device.create(options, origin) }, headers);
    expect((await again(await server.bearer('ben'))).status).toBe(403);
    const headers = await server.bearer('ben');
    const { body: fresh } = await api<CreationOptions>(server, '/passkeys/options', {}, headers);
    expect(fresh.excludeCredentials.map(({ id }) => id)).toEqual([device.id]);
    const stolen = { name: 'Stolen', response: createPasskeyDevice().create(fresh, origin) };
    expect((await api(server, '/passkeys', stolen, await server.bearer('ana'))).status).toBe(403);
    await server.close();
  });

  it('server at an IP address → no passkeys, and rules that need one are refused, with words', async () => {
    const server = await start('sqlite::memory:', { publicUrl: 'http://127.0.0.1:7342' });
    const headers = await server.bearer('ana');
    const words = /at a host name only, and this server's address is http:\/\/127\.0\.0\.1:7342/;
    const answers: Answer<Failure>[] = [
      await api(server, '/passkeys/options', {}, headers),
      await api(server, '/session/passkey/options', {}),
      await server.send('PUT', '/reviewer-api/admin/passkeys', { required: 'admins', stepUp: 'off' }, headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 403, 409]);
    for (const { body } of answers) expect(body.error).toMatch(words);
    expect((await server.get('/reviewer-api/session/passkey', {})).body).toEqual({ origin: null });
    await server.close();
  });

  it.each([
    ['https://review.example.com/', { rpId: 'review.example.com', origin: 'https://review.example.com' }],
    ['http://localhost:7342', { rpId: 'localhost', origin: 'http://localhost:7342' }],
  ])('site of %s → %j', (url, site) => {
    expect(passkeySite(url)).toEqual(site);
  });

  it.each(['http://127.0.0.1:7342', 'https://[::1]:7342', 'https://10.0.0.1', 'http://review.example.com'])(
    'site of %s → none, with words',
    (url) => {
      expect(passkeySite(url)).toEqual({ problem: expect.stringContaining('HOLDPOINT_REVIEW_PUBLIC_URL') });
    },
  );

  it('too many open challenges of one address → 429', async () => {
    const server = await start('sqlite::memory:');
    const statuses: number[] = [];
    for (let count = 0; count < 52; count += 1)
      statuses.push((await api(server, '/session/passkey/options', {})).status);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([50, 429]);
    await server.close();
  });
});
