import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/audit.ts';
import type { Role, Session, SessionList, SessionsEnded, SignedIn } from '../src/contract/session.ts';
import type { User } from '../src/contract/users.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const linkToken = 'one-time-token-of-the-test';
const PASSWORD = 'a password of twelve or more';
const hourMs = 3_600_000;

onBothDatabases((newDatabase) => {
  let server: TestServer;
  const begun = Date.now();
  let shiftMs = 0;
  beforeAll(async () => {
    server = await startTestServer(await newDatabase(), {
      loginToken: linkToken,
      proxies: 1,
      clock: () => new Date(begun + shiftMs),
      reviewers: [
        { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] },
        { name: 'ben', password: PASSWORDS.ben },
      ],
    });
  });
  afterAll(() => server.close());

  let addresses = 0;
  const call = (
    method: string,
    path: string,
    {
      headers = {},
      body,
      from = `10.0.0.${(addresses += 1)}`,
    }: { headers?: Record<string, string>; body?: unknown; from?: string } = {},
  ) =>
    fetch(`${server.url}/reviewer-api${path}`, {
      method,
      headers: {
        'x-forwarded-for': from,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const as = async (name: keyof typeof PASSWORDS, method: string, path: string, body?: unknown) =>
    call(method, path, { headers: await server.bearer(name), body });
  const signIn = (name: string, password: string, from?: string) =>
    call('POST', '/session', { body: { name, password }, ...(from === undefined ? {} : { from }) });
  const tokenOf = async (name: string, password = PASSWORD) => ({
    authorization: `Bearer ${((await (await signIn(name, password)).json()) as SignedIn).token}`,
  });
  const addUser = async (name: string, ...roles: Role[]) =>
    expect((await as('ana', 'POST', '/users', { name, password: PASSWORD, roles })).status).toBe(201);

  describe('session', () => {
    it('browser → HttpOnly cookie; program → token', async () => {
      const browser = await call('POST', '/session', { body: { name: 'ben', password: PASSWORDS.ben, browser: true } });
      const [cookie] = browser.headers.getSetCookie();
      expect(cookie).toMatch(/^holdpoint_session=rvw_[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
      expect(await browser.json()).toEqual({
        reviewer: { name: 'ben', roles: ['reviewer'] },
        expiresAt: expect.any(String),
        server: { version: expect.any(String) },
      });
      const program = await signIn('ben', PASSWORDS.ben);
      expect([program.headers.getSetCookie(), await program.json()]).toEqual([
        [],
        expect.objectContaining({ token: expect.stringMatching(/^rvw_/) }),
      ]);
      const shown = await call('GET', '/session', { headers: { cookie: cookie!.split(';')[0]! } });
      expect([shown.status, ((await shown.json()) as Session).reviewer.name]).toEqual([200, 'ben']);
      expect((await call('GET', '/session')).status).toBe(401);
    });

    it('https → __Host- cookie, Secure', async () => {
      const behindTls = await startTestServer('sqlite::memory:', { publicUrl: 'https://review.example' });
      const { headers } = await behindTls.post(
        '/reviewer-api/session',
        { name: 'ana', password: PASSWORDS.ana, browser: true },
        {},
      );
      const [cookie] = headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-holdpoint_session=.*; Secure/);
      expect((await behindTls.get('/reviewer-api/session', { cookie: cookie!.split(';')[0]! })).status).toBe(200);
      await behindTls.close();
    });

    it('list → the owner’s sessions, ended one by one', async () => {
      await addUser('lea', 'reviewer');
      const first = await tokenOf('lea');
      shiftMs += 1000;
      const second = await tokenOf('lea');
      const list = async (headers: Record<string, string>) =>
        ((await (await call('GET', '/sessions', { headers })).json()) as SessionList).sessions;
      const [newest, oldest] = await list(second);
      expect([newest?.current, oldest?.current]).toEqual([true, false]);
      expect((await as('ben', 'DELETE', `/sessions/${oldest!.id}`)).status).toBe(404);
      expect((await call('DELETE', `/sessions/${oldest!.id}`, { headers: second })).status).toBe(200);
      expect((await call('GET', '/session', { headers: first })).status).toBe(401);
      expect((await call('DELETE', '/session', { headers: second })).status).toBe(200);
      expect((await call('GET', '/session', { headers: second })).status).toBe(401);
    });

    it('end all others → only this one is left', async () => {
      await addUser('noa', 'reviewer');
      const [first, second, kept] = [await tokenOf('noa'), await tokenOf('noa'), await tokenOf('noa')];
      const ben = await tokenOf('ben', PASSWORDS.ben);
      const status = async (headers: Record<string, string>) => (await call('GET', '/session', { headers })).status;
      expect(await (await call('DELETE', '/sessions', { headers: kept })).json()).toEqual({ ended: 2 });
      expect([await status(first), await status(second), await status(kept), await status(ben)]).toEqual([
        401, 401, 200, 200,
      ]);
      expect(await (await call('DELETE', '/sessions', { headers: kept })).json()).toEqual({ ended: 0 });
      expect((await call('DELETE', '/sessions')).status).toBe(401);
    });

    it('ended → in the audit; expired → neither counted nor ended', async () => {
      let now = begun;
      const alone = await startTestServer(await newDatabase(), {
        clock: () => new Date(now),
        reviewers: [{ name: 'ana', password: PASSWORDS.ana, roles: ['admin'] }],
      });
      const open = async () => ({
        authorization: `Bearer ${(await alone.post<{ token: string }>('/reviewer-api/session', { name: 'ana', password: PASSWORDS.ana }, {})).body.token}`,
      });
      const list = async (headers: Record<string, string>) =>
        (await alone.get<SessionList>('/reviewer-api/sessions', headers)).body.sessions;
      const end = async (path: string, headers: Record<string, string>) => {
        const { status, body } = await alone.send<Partial<SessionsEnded>>(
          'DELETE',
          `/reviewer-api/${path}`,
          undefined,
          headers,
        );
        return [status, body.ended];
      };
      const [expiring] = await list(await open());
      now += 11 * hourMs;
      const [, , , kept] = [await open(), await open(), await open(), await open()];
      now += 2 * hourMs;
      const other = (await list(kept)).find(({ current }) => !current);
      const answers = [
        await end(`sessions/${expiring!.id}`, kept),
        await end(`sessions/${other!.id}`, kept),
        await end('sessions', kept),
        await end('sessions', kept),
        await end('session', kept),
        await end('session', kept),
      ];
      expect(answers).toEqual([
        [404, undefined],
        [200, undefined],
        [200, 2],
        [200, 0],
        [200, undefined],
        [401, undefined],
      ]);
      const { entries } = (
        await alone.get<{ entries: AuditEntry[] }>('/reviewer-api/audit?event=signed-out', await open())
      ).body;
      expect(entries.map(({ actor, subject, facts }) => [actor, subject, facts])).toEqual(
        [1, 2, 1].map((sessions) => ['reviewer:ana', 'ana', { sessions }]),
      );
      await alone.close();
    });

    it('twelve hours later → signed out', async () => {
      let now = begun;
      const alone = await startTestServer(await newDatabase(), { clock: () => new Date(now) });
      const ana = await alone.bearer('ana');
      const statuses: number[] = [];
      for (const laterMs of [12 * hourMs - 1000, 1000]) {
        now += laterMs;
        statuses.push((await alone.get('/reviewer-api/session', ana)).status);
      }
      expect(statuses).toEqual([200, 401]);
      await alone.close();
    });

    it('one-time link → works once; GET → spends nothing', async () => {
      const follow = (token: string) => call('POST', '/session/link', { body: { token, browser: true } });
      for (let previews = 0; previews < 2; previews += 1) await fetch(`${server.url}/login?token=${linkToken}`);
      const answer = await follow(linkToken);
      expect([
        answer.status,
        answer.headers.getSetCookie().length,
        ((await answer.json()) as Session).reviewer.name,
      ]).toEqual([200, 1, 'ana']);
      for (const token of [linkToken, 'a token that is wrong']) expect((await follow(token)).status).toBe(401);
    });
  });

  describe('password guesses', () => {
    it('one name, known or unknown → throttled; a minute later → the right password works', async () => {
      await addUser('tom', 'reviewer');
      for (const name of ['tom', 'nobody']) {
        const statuses: number[] = [];
        for (let guess = 0; guess < 7; guess += 1) statuses.push((await signIn(name, 'wrong')).status);
        expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
      }
      const blocked = await signIn('tom', PASSWORD);
      expect([blocked.status, Number(blocked.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
      shiftMs += 61_000;
      expect((await signIn('tom', PASSWORD)).status).toBe(200);
      expect((await signIn('tom', 'wrong')).status).toBe(401);
    });

    it('concurrent guesses → throttled alike', async () => {
      await addUser('uma', 'reviewer');
      const guesses = await Promise.all(Array.from({ length: 12 }, () => signIn('uma', 'wrong')));
      expect((await signIn('uma', PASSWORD)).status).toBe(429);
      expect(new Set(guesses.map(({ status }) => status))).not.toContain(200);
    });
  });

  describe('cross-site request', () => {
    it.each([
      ['decides', 'POST', '/approvals/req_x/decide', '{"decision":"approve"}'],
      ['claims', 'PUT', '/approvals/req_x/claim', ''],
      ['adds a user', 'POST', '/users', '{"name":"eve","password":"a password of eve","roles":["admin"]}'],
      [
        'signs the browser in as another user',
        'POST',
        '/session',
        JSON.stringify({ name: 'ben', password: PASSWORDS.ben, browser: true }),
      ],
    ])('%s → refused', async (_what, method, path, body) => {
      const signedIn = await call('POST', '/session', {
        body: { name: 'ana', password: PASSWORDS.ana, browser: true },
      });
      const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
      for (const headers of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
        { origin: 'http://127.0.0.1:1' },
      ]) {
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json', undefined]) {
          const response = await fetch(`${server.url}/reviewer-api${path}`, {
            method,
            body: body === '' ? null : Buffer.from(body),
            headers: { cookie, ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
          });
          expect([type, response.status, response.headers.getSetCookie()]).toEqual([type, 403, []]);
          expect(response.headers.get('access-control-allow-origin')).toBeNull();
        }
      }
    });

    it('preflight → nothing readable', async () => {
      const response = await fetch(`${server.url}/reviewer-api/approvals`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      });
      expect([response.ok, response.headers.get('access-control-allow-origin')]).toEqual([false, null]);
    });
  });

  describe('roles', () => {
    it('operator → sees no approval, in no list, count or history', async () => {
      await addUser('opal', 'operator');
      const headers = await tokenOf('opal');
      const {
        body: { id },
      } = await server.ask();
      const read = async (path: string) => (await (await call('GET', path, { headers })).json()) as object;
      expect([await read('/approvals'), await read('/counts'), await read('/facets')]).toMatchObject([
        { approvals: [] },
        { needsYou: 0, waiting: 0, done: 0 },
        { assistants: [], actions: [] },
      ]);
      expect((await call('GET', `/approvals/${id}/history`, { headers })).status).toBe(404);
    });
  });

  describe('users', () => {
    it('new roles → effective at once; new password → sessions ended', async () => {
      await addUser('max', 'reviewer');
      const headers = await tokenOf('max');
      const {
        body: { id },
      } = await server.ask();
      expect(await (await as('ana', 'PATCH', '/users/max', { roles: ['auditor'] })).json()).toMatchObject({
        name: 'max',
        roles: ['auditor'],
      } satisfies Partial<User>);
      expect((await call('POST', `/approvals/${id}/decide`, { headers, body: { decision: 'approve' } })).status).toBe(
        403,
      );
      await as('ana', 'PATCH', '/users/max', { password: 'another password of max' });
      expect((await call('GET', '/session', { headers })).status).toBe(401);
      expect([(await signIn('max', PASSWORD)).status, (await signIn('max', 'another password of max')).status]).toEqual(
        [401, 200],
      );
    });

    it('removed → no sessions; decisions keep the name', async () => {
      await addUser('kim', 'reviewer');
      const headers = await tokenOf('kim');
      const {
        body: { id },
      } = await server.ask();
      await call('POST', `/approvals/${id}/decide`, { headers, body: { decision: 'approve' } });
      expect((await as('ana', 'DELETE', '/users/kim')).status).toBe(200);
      expect([(await call('GET', '/session', { headers })).status, (await signIn('kim', PASSWORD)).status]).toEqual([
        401, 401,
      ]);
      expect((await server.get(`/api/approvals/${id}`)).body.decidedBy).toBe('kim');
      await addUser('kim', 'auditor');
      expect((await signIn('kim', PASSWORD)).status).toBe(200);
    });

    it('two admins remove each other at once → one admin left', async () => {
      const alone = await startTestServer(await newDatabase(), {
        reviewers: [
          { name: 'ana', password: PASSWORDS.ana, roles: ['admin'] },
          { name: 'ben', password: PASSWORDS.ben, roles: ['reviewer'] },
        ],
      });
      const change = async (by: keyof typeof PASSWORDS, method: string, name: string, body?: object) =>
        (
          await fetch(`${alone.url}/reviewer-api/users/${name}`, {
            method,
            headers: await alone.bearer(by),
            ...(body && { body: JSON.stringify(body) }),
          })
        ).status;
      expect([
        await change('ana', 'DELETE', 'ana'),
        await change('ana', 'PATCH', 'ana', { roles: ['reviewer'] }),
      ]).toEqual([409, 409]);
      await change('ana', 'PATCH', 'ben', { roles: ['admin'] });
      // The slower one is refused, as the last admin or as one who was removed meanwhile.
      const statuses = await Promise.all([change('ana', 'DELETE', 'ben'), change('ben', 'DELETE', 'ana')]);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      await alone.close();
    });

    it.each<[object, number, RegExp]>([
      [{ name: 'ben', password: PASSWORD, roles: ['reviewer'] }, 409, /already/],
      [{ name: 'new', password: 'too short', roles: ['reviewer'] }, 400, /password: must have at least 12/],
      [{ name: 'new', password: PASSWORD, roles: [] }, 400, /roles/],
      [{ name: 'new', password: PASSWORD, roles: ['king'] }, 400, /roles/],
      [{ name: ' ', password: PASSWORD, roles: ['reviewer'] }, 400, /name/],
      [{ name: 'a\u202Eb', password: PASSWORD, roles: ['reviewer'] }, 400, /name/],
    ])('%j → refused', async (body, status, text) => {
      const answer = await as('ana', 'POST', '/users', body);
      expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
        status,
        expect.stringMatching(text),
      ]);
    });
  });

  it('user changed by an administrator, restart → kept until the settings change', async () => {
    const databaseUrl = await newDatabase();
    const seed = (password: string) => ({
      reviewers: [{ name: 'ana', password, roles: ['reviewer', 'admin'] as const }],
    });
    const start = async (password: string, work: (started: TestServer) => Promise<void>) => {
      const started = await startTestServer(databaseUrl, seed(password));
      await work(started);
      await started.close();
    };
    const status = async (started: TestServer, password: string) =>
      (await started.post('/reviewer-api/session', { name: 'ana', password }, {})).status;
    await start('from the settings', async (started) => {
      const { body } = await started.post<SignedIn>(
        '/reviewer-api/session',
        { name: 'ana', password: 'from the settings' },
        {},
      );
      await fetch(`${started.url}/reviewer-api/users/ana`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${body.token}` },
        body: JSON.stringify({ password: 'changed by hand' }),
      });
    });
    await start('from the settings', async (started) =>
      expect([await status(started, 'changed by hand'), await status(started, 'from the settings')]).toEqual([
        200, 401,
      ]),
    );
    await start('new in the settings', async (started) =>
      expect([await status(started, 'changed by hand'), await status(started, 'new in the settings')]).toEqual([
        401, 200,
      ]),
    );
  });

  it('decider → the signed-in user, whatever the body says', async () => {
    const {
      body: { id },
    } = await server.ask(EMAIL_BLAST);
    expect(
      await (
        await as('ben', 'POST', `/approvals/${id}/decide`, { decision: 'approve', decidedBy: 'ana', reviewer: 'ana' })
      ).json(),
    ).toMatchObject({ decidedBy: 'ben' });
  });
});

it('password guesses: one address, many names, forged headers → throttled', async () => {
  const begun = Date.now();
  let shiftMs = 0;
  const server = await startTestServer('sqlite::memory:', { proxies: 1, clock: () => new Date(begun + shiftMs) });
  const signIn = async (from: string, name: string, password = 'wrong') =>
    (await server.post('/reviewer-api/session', { name, password }, { 'x-forwarded-for': from })).status;
  for (let guess = 1; guess <= 20; guess += 1) await signIn(`1.2.3.${guess}, 2001:db8:1:2::${guess}`, `name-${guess}`);
  // One customer has a whole network of IPv6 addresses.
  expect(await signIn('2001:0db8:1:2:ffff::9', 'ben', PASSWORDS.ben)).toBe(429);
  for (const other of ['2001:db8:1:3::1', '203.0.113.8']) expect(await signIn(other, 'ben', PASSWORDS.ben)).toBe(200);
  shiftMs += 15 * 60_000;
  expect(await signIn('2001:db8:1:2::1', 'ben', PASSWORDS.ben)).toBe(200);
  await server.close();
});
