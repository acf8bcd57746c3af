import { afterAll, beforeAll, expect, it } from 'vitest';
import type { auditListSchema } from '../../src/contract/audit.ts';
import { onBothDatabases } from '../on-both-databases.ts';
import { ADMINISTRATORS, PASSWORDS } from '../test-server.ts';
import { createHttpBrowser, type HttpBrowser, type Visit } from './http-browser.ts';
import { openStage, type Stage } from './stage.ts';
import { testPeople } from './start-provider.ts';

const begunElsewhere = 'This sign-in was begun in another browser, or too long ago. Begin again.';

onBothDatabases((newDatabase, kind) => {
  let stage: Stage;
  let admin: Record<string, string>;
  beforeAll(async () => {
    stage = await openStage(await newDatabase(), {
      // A SQLite file is for one server.
      servers: kind === 'sqlite' ? 1 : 2,
      reviewers: ADMINISTRATORS,
    });
    const { token } = (await (
      await fetch(`${stage.url}/reviewer-api/session`, {
        method: 'POST',
        body: JSON.stringify({ name: 'ana', password: PASSWORDS.ana }),
      })
    ).json()) as { token: string };
    admin = { authorization: `Bearer ${token}` };
  });
  afterAll(() => stage.close());

  const api = async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const answer = await fetch(`${stage.url}/reviewer-api${path}`, {
      method,
      headers: admin,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Body;
  };
  const auditOf = async (subject: string) =>
    (
      await api<(typeof auditListSchema)['_output']>('GET', `/audit?subject=${encodeURIComponent(subject)}`)
    ).entries.map(({ event, actor, facts }) => ({ event, actor, facts }));
  /** Signs in up to the provider's answer, which goes back to the product. */
  const answerFor = async (browser: HttpBrowser, account: string): Promise<Visit> => {
    const form = await browser.follow(`${stage.url}/auth/start`);
    return browser.follow(form.url, { form: { account, answer: 'yes' }, until: `${stage.url}/auth/callback` });
  };

  it('first sign-in → user with the roles of the groups, at the page that was asked for', async () => {
    const browser = createHttpBrowser();
    const { url } = await stage.signIn(browser, 'anna', '/approvals/req_1?box=done');
    expect(url).toBe(`${stage.url}/approvals/req_1?box=done`);
    expect(await stage.sessionOf(browser)).toMatchObject({
      reviewer: { name: 'anna', roles: ['reviewer'] },
      byProvider: true,
    });
    await expect.poll(() => auditOf('anna')).toHaveLength(2);
    expect(await auditOf('anna')).toEqual(
      expect.arrayContaining([
        {
          event: 'user-added',
          actor: 'system',
          facts: { by: 'provider', roles: 'reviewer', issuer: stage.provider.issuer, providerSubject: 'anna' },
        },
        { event: 'signed-in', actor: 'reviewer:anna', facts: { by: 'provider' } },
      ]),
    );
    expect([...browser.cookies.values()].filter(({ host }) => host === 'localhost').map(({ name }) => name)).toEqual([
      'holdpoint_session',
    ]);
  });

  it('"no" at the provider → said so', async () => {
    const browser = createHttpBrowser();
    const form = await browser.follow(`${stage.url}/auth/start`);
    const end = await browser.follow(form.url, { form: { answer: 'no' } });
    expect(await stage.problemOf(end)).toBe('You stopped the sign-in.');
    expect(await stage.sessionOf(browser)).toBeUndefined();
  });

  it('callback once more, in another browser, with another state or without one → begin again', async () => {
    const [browser, other] = [createHttpBrowser(), createHttpBrowser()];
    const callback = (await answerFor(browser, 'anna')).location!;
    const forged = new URL(callback);
    forged.searchParams.set('state', 'A'.repeat(43));
    const sameStart = new URL(callback);
    sameStart.searchParams.set('state', `${sameStart.searchParams.get('state')!.slice(0, 8)}${'A'.repeat(35)}`);
    expect(await stage.problemOf(await other.follow(callback))).toBe(begunElsewhere);
    expect(await stage.problemOf(await browser.follow(forged.href))).toBe(begunElsewhere);
    expect(await stage.problemOf(await browser.follow(`${stage.url}/auth/callback`))).toBe(begunElsewhere);
    expect(await stage.problemOf(await browser.follow(sameStart.href))).toBe(begunElsewhere);
    expect(await stage.sessionOf(browser)).toBeUndefined();
    expect(await stage.problemOf(await browser.follow(callback))).toBe(begunElsewhere);
    const again = createHttpBrowser();
    const used = (await answerFor(again, 'anna')).location!;
    await again.follow(used);
    expect(await stage.sessionOf(again)).toBeDefined();
    expect(await stage.problemOf(await again.follow(used))).toBe(begunElsewhere);
  });

  it('a code used twice, with the cookie of the first time → begin again', async () => {
    const browser = createHttpBrowser();
    const callback = (await answerFor(browser, 'anna')).location!;
    const kept = new Map(browser.cookies);
    await browser.follow(callback);
    const thief = createHttpBrowser();
    for (const [key, cookie] of kept) thief.cookies.set(key, cookie);
    expect(await stage.problemOf(await thief.follow(callback))).toBe(begunElsewhere);
    expect(await stage.sessionOf(thief)).toBeUndefined();
  });

  it('two sign-ins of one browser at once → both end', async () => {
    const browser = createHttpBrowser();
    const [first, second] = [
      await browser.follow(`${stage.url}/auth/start?back=/admin`),
      await browser.follow(`${stage.url}/auth/start?back=/login`),
    ];
    const form = { account: 'anna', answer: 'yes' };
    expect((await browser.follow(second.url, { form })).url).toBe(`${stage.url}/login`);
    expect((await browser.follow(first.url, { form })).url).toBe(`${stage.url}/admin`);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '/%2e%2e//evil.example',
  ])('sign-in that is to return to %s → a page of this server', async (back) => {
    const { url } = await stage.signIn(createHttpBrowser(), 'anna', back);
    expect(new URL(url).origin).toBe(stage.url);
  });

  it('no group with a role → not signed in, no user, and the reason', async () => {
    const browser = createHttpBrowser();
    const end = await stage.signIn(browser, 'bob');
    expect(await stage.problemOf(end)).toBe(
      'You are signed in at Example Login as bob, but no group of yours has a role here.',
    );
    expect(await stage.sessionOf(browser)).toBeUndefined();
    const { users } = await api<{ users: { name: string }[] }>('GET', '/users');
    expect(users.map(({ name }) => name)).not.toContain('bob');
  });

  it('groups change → roles from the next sign-in; no list of groups → no role, and all sessions ended', async () => {
    const browser = createHttpBrowser();
    const person = { preferred_username: 'carl' };
    const rolesWith = async (claims: object) => {
      await stage.provider.setPeople({ ...testPeople, carl: { ...person, ...claims } });
      const own = createHttpBrowser();
      const end = await stage.signIn(own, 'carl');
      return (await stage.sessionOf(own))?.reviewer.roles ?? (await stage.problemOf(end));
    };
    await stage.provider.setPeople({ ...testPeople, carl: { ...person, groups: ['platform'] } });
    await stage.signIn(browser, 'carl');
    expect((await stage.sessionOf(browser))?.reviewer.roles).toEqual(['reviewer', 'admin']);
    expect(await rolesWith({ groups: ['audit'] })).toEqual(['auditor']);
    expect((await stage.sessionOf(browser))?.reviewer.roles).toEqual(['auditor']);
    expect(await rolesWith({ groups: 'finance' })).toEqual(['reviewer']);
    const none = 'You are signed in at Example Login as carl, but no group of yours has a role here.';
    expect(await rolesWith({ groups: [] })).toBe(none);
    expect(await stage.sessionOf(browser)).toBeUndefined();
    expect(await rolesWith({ groups: ['audit'] })).toEqual(['auditor']);
    expect(await rolesWith({})).toBe(
      `${none} Example Login sent no list of groups: it must add the claim "groups". Some do so for a scope only (HOLDPOINT_OIDC_SCOPES).`,
    );
    expect(await rolesWith({ groups: { '0': 'finance' } })).toContain('sent no list of groups');
    expect(await rolesWith({ _claim_names: { groups: 'src1' } })).toBe(
      `${none} You have more groups than Example Login sends. It must send only those of this application.`,
    );
    expect((await auditOf('carl')).filter(({ event }) => event === 'roles-changed').at(0)).toEqual({
      event: 'roles-changed',
      actor: 'system',
      facts: { by: 'provider', roles: '', before: 'auditor' },
    });
  });

  it('groups here with the provider’s names → member from each sign-in, until the provider says no; others stay', async () => {
    const claims = { preferred_username: 'hanna', email: 'hanna@example.com', groups: ['FINANCE', 'treasury'] };
    await stage.provider.setPeople({ ...testPeople, hanna: { ...claims, groups: ['finance'] } });
    await stage.signIn(createHttpBrowser(), 'hanna');
    for (const [name, members] of [
      ['Finance', []],
      ['Treasury', ['ben']],
      ['By hand', ['hanna']],
    ] as const)
      await api('POST', '/groups', { name, visibleTo: 'everyone', members });
    const membersAfter = async (groups: string[]) => {
      await stage.provider.setPeople({ ...testPeople, hanna: { ...claims, groups } });
      await stage.signIn(createHttpBrowser(), 'hanna');
      const list = await api<{ groups: { name: string; members: string[] }[] }>('GET', '/groups');
      return Object.fromEntries(list.groups.map(({ name, members }) => [name, members]));
    };
    expect(await membersAfter(['finance', 'treasury'])).toEqual({
      'By hand': ['hanna'],
      Finance: ['hanna'],
      Treasury: ['ben', 'hanna'],
    });
    expect(await membersAfter(['finance'])).toEqual({ 'By hand': ['hanna'], Finance: ['hanna'], Treasury: ['ben'] });
    expect(await membersAfter([])).toEqual({ 'By hand': ['hanna'], Finance: [], Treasury: ['ben'] });
    const { users } = await api<{ users: { name: string; aliases: string[] }[] }>('GET', '/users');
    expect(users.find(({ name }) => name === 'hanna')?.aliases).toEqual(['hanna', 'hanna@example.com']);
  });

  it('names of local users, and of other people → a name of their own, never another user’s', async () => {
    await stage.provider.setPeople({
      ...testPeople,
      'sub-1': { preferred_username: 'ana', email: 'ana@example.com', groups: ['finance'] },
      'sub-2': { preferred_username: 'ANA', groups: ['finance'] },
      'sub-3': { preferred_username: '<b>x</b>', name: '\u202Eana', email: 'dora@example.com', groups: ['finance'] },
      'sub-4': { groups: ['finance'] },
    });
    const nameOf = async (account: string) => {
      const browser = createHttpBrowser();
      await stage.signIn(browser, account);
      return (await stage.sessionOf(browser))?.reviewer;
    };
    expect(await nameOf('sub-1')).toEqual({ name: 'ana 2', roles: ['reviewer'] });
    expect(await nameOf('sub-2')).toEqual({ name: 'ANA 3', roles: ['reviewer'] });
    expect((await nameOf('sub-3'))?.name).toBe('dora@example.com');
    expect((await nameOf('sub-4'))?.name).toBe('sub-4');
    expect(await nameOf('sub-1')).toEqual({ name: 'ana 2', roles: ['reviewer'] });
    // Another subject with the address of the first.
    await stage.provider.setPeople({
      ...testPeople,
      'sub-5': { preferred_username: 'ana', email: 'ana@example.com', groups: ['finance'] },
    });
    expect((await nameOf('sub-5'))?.name).toBe('ana 4');
  });

  it('linked by an administrator → the provider’s person is the local user, and keeps to the provider’s roles', async () => {
    await stage.provider.setPeople({ ...testPeople, 'sub-ben': { preferred_username: 'ben', groups: ['finance'] } });
    const browser = createHttpBrowser();
    await stage.signIn(browser, 'sub-ben');
    expect((await stage.sessionOf(browser))?.reviewer.name).toBe('ben 2');
    expect(await api('POST', '/users/ana/link', { user: 'ben' })).toMatchObject({
      error: expect.stringContaining('did not come from the identity provider'),
    });
    expect(await api('POST', '/users/ben/link', { user: 'ben 2' })).toMatchObject({ name: 'ben' });
    expect(await stage.sessionOf(browser)).toBeUndefined();
    await stage.signIn(browser, 'sub-ben');
    expect((await stage.sessionOf(browser))?.reviewer).toEqual({ name: 'ben', roles: ['reviewer'] });
    const { users } = await api<{ users: { name: string }[] }>('GET', '/users');
    expect(users.map(({ name }) => name)).not.toContain('ben 2');
  });

  it('user removed → stays removed, also after a new user has the name', async () => {
    await stage.provider.setPeople({ ...testPeople, emil: { preferred_username: 'emil', groups: ['finance'] } });
    const browser = createHttpBrowser();
    await stage.signIn(browser, 'emil');
    await api('DELETE', '/users/emil');
    expect(await stage.sessionOf(browser)).toBeUndefined();
    const refused = 'You are signed in at Example Login as emil, but an administrator removed you here.';
    expect(await stage.problemOf(await stage.signIn(createHttpBrowser(), 'emil'))).toBe(refused);
    await api('POST', '/users', { name: 'emil', password: 'another emil entirely', roles: ['reviewer'] });
    expect(await stage.problemOf(await stage.signIn(createHttpBrowser(), 'emil'))).toBe(refused);
  });

  it('the same person for the first time in five tabs → one user', async () => {
    await stage.provider.setPeople({ ...testPeople, fred: { preferred_username: 'fred', groups: ['finance'] } });
    const browsers = Array.from({ length: 5 }, createHttpBrowser);
    const callbacks = await Promise.all(browsers.map((browser) => answerFor(browser, 'fred')));
    await Promise.all(callbacks.map(({ location }, index) => browsers[index]!.follow(location!)));
    const sessions = await Promise.all(browsers.map((browser) => stage.sessionOf(browser)));
    expect(sessions.map((session) => session?.reviewer.name)).toEqual(Array(5).fill('fred'));
    const { users } = await api<{ users: { name: string }[] }>('GET', '/users');
    expect(users.filter(({ name }) => name.startsWith('fred'))).toHaveLength(1);
  });

  it('sign-out → ended here, and the provider’s address for its own sign-out', async () => {
    const browser = createHttpBrowser();
    await stage.provider.setPeople(testPeople);
    await stage.signIn(browser, 'anna');
    const { text } = await browser.send(`${stage.url}/reviewer-api/session`, { method: 'DELETE' });
    const { continueAt } = JSON.parse(text) as { continueAt: string };
    expect(await stage.sessionOf(browser)).toBeUndefined();
    const query = new URL(continueAt).searchParams;
    expect(continueAt.startsWith(`${stage.provider.issuer}/session/end?`)).toBe(true);
    expect(query.get('post_logout_redirect_uri')).toBe(`${stage.url}/login`);
    expect(query.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('sign-out at the provider in one of two browsers → that session ends, the other stays', async () => {
    const [first, second] = [createHttpBrowser(), createHttpBrowser()];
    await stage.signIn(first, 'anna');
    await stage.signIn(second, 'anna');
    const page = await first.follow(`${stage.provider.issuer}/session/end`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    await first.follow(`${stage.provider.issuer}/session/end/confirm`, { form: { xsrf, logout: 'yes' } });
    await stage.provider.line('backchannel.success');
    expect(await stage.sessionOf(first)).toBeUndefined();
    expect((await stage.sessionOf(second))?.reviewer.name).toBe('anna');
    await expect
      .poll(async () => (await auditOf('anna')).filter(({ facts }) => facts['by'] === 'provider').at(0))
      .toEqual({ event: 'signed-out', actor: 'system', facts: { by: 'provider', sessions: 1 } });
  });

  it('provider away → said so, with a session kept; back with another key → signed in, or a minute to wait', async () => {
    const browser = createHttpBrowser();
    await stage.signIn(browser, 'anna');
    const answered = createHttpBrowser();
    const callback = (await answerFor(answered, 'anna')).location!;
    await stage.restartProvider({ keyId: 'second' }, async () => {
      const { location } = await answered.send(callback);
      expect(await stage.problemOf({ url: location! })).toBe(
        'The identity provider does not answer. Sign in with a password, or later.',
      );
      expect(await stage.sessionOf(browser)).toBeDefined();
    });
    // Its key is a new one. A server that has the old one for less than a minute can't check the new signature.
    expect([null, 'The identity provider has a new key. Try again in a minute.']).toContain(
      await stage.problemOf(await stage.signIn(createHttpBrowser(), 'otto')),
    );
  });

  it('many failed callbacks from one address → blocked for a while', async () => {
    const browser = createHttpBrowser();
    const answers: (string | null)[] = [];
    for (let count = 0; count < 25; count += 1) {
      const { location } = await browser.follow(`${stage.url}/auth/start`, { until: stage.provider.issuer });
      const state = new URL(location!).searchParams.get('state')!;
      answers.push(
        await stage.problemOf(
          await browser.follow(`${stage.url}/auth/callback?code=guessed&state=${state}&iss=${stage.provider.issuer}`),
        ),
      );
    }
    expect(answers.slice(0, 5)).toEqual(Array(5).fill(begunElsewhere));
    expect(answers.at(-1)).toMatch(/^Too many failed sign-ins\. Try again in \d+ seconds\.$/);
  });
});
