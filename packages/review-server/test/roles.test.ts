import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servedRoutes } from '../../../test/fuzz/http.ts';
import type { Role } from '../src/contract/session.ts';
import { ADMINISTRATORS, startTestServer, type TestServer } from './test-server.ts';

/*
 * Every route of people: which role may use it. A new route fails here until it has a row.
 */

/** `anyone`: without a sign-in. `signed in`: every user, for what is the user's own and what the user may see. */
type May = 'anyone' | 'signed in' | readonly Role[];
const readers: May = ['reviewer', 'admin', 'auditor'];
const administration: May = ['admin', 'auditor'];

/** ID: an approval. `body` has what the route needs to act. */
const routes: Record<string, { may: May; body?: object }> = {
  'POST /session': { may: 'anyone', body: { name: 'nobody', password: 'wrong' } },
  'POST /session/link': { may: 'anyone', body: { token: 'wrong' } },
  'GET /session/passkey': { may: 'anyone' },
  'POST /session/passkey/options': { may: 'anyone', body: {} },
  'POST /session/passkey': { may: 'anyone', body: {} },
  'POST /session/passkey/enrol': { may: 'anyone', body: {} },
  'GET /sign-in': { may: 'anyone' },

  'GET /session': { may: 'signed in' },
  'GET /sessions': { may: 'signed in' },
  'DELETE /sessions': { may: 'signed in' },
  'DELETE /sessions/{id}': { may: 'signed in' },
  'PUT /password': { may: 'signed in', body: { current: 'wrong', password: 'a password of twelve' } },
  'GET /settings': { may: 'signed in' },
  'PATCH /settings': { may: 'signed in', body: {} },
  'GET /presets': { may: 'signed in' },
  'GET /passkeys': { may: 'signed in' },
  'POST /passkeys/options': { may: 'signed in' },
  'POST /passkeys': { may: 'signed in', body: {} },
  'PATCH /passkeys/{id}': { may: 'signed in', body: { name: 'laptop' } },
  'DELETE /passkeys/{id}': { may: 'signed in' },
  'POST /passkeys/proof/options': { may: 'signed in' },
  'POST /passkeys/proof': { may: 'signed in', body: {} },

  'GET /approvals': { may: 'signed in' },
  'GET /approvals/records': { may: 'signed in' },
  'GET /counts': { may: 'signed in' },
  'GET /facets': { may: 'signed in' },
  'GET /assigned': { may: 'signed in' },
  'GET /holds': { may: 'signed in' },
  'POST /approvals/undo': { may: 'signed in', body: { ids: ['ID'] } },
  'GET /events': { may: 'signed in' },
  'GET /deputies': { may: 'signed in' },
  'DELETE /deputies/{id}': { may: 'signed in' },
  'POST /deputies': {
    may: ['reviewer', 'admin'],
    body: { deputy: 'ben', from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' },
  },

  'GET /approvals/{id}': { may: readers },
  'GET /approvals/{id}/history': { may: readers },
  'GET /approvals/{id}/assignees': { may: readers },
  'POST /approvals/{id}/comments': { may: ['reviewer', 'admin'], body: { text: 'Hm.' } },
  'POST /approvals/{id}/questions': { may: ['reviewer', 'admin'], body: { text: 'Why?' } },
  'PUT /approvals/{id}/assignment': { may: ['reviewer', 'admin'], body: { to: { user: 'ben' } } },
  'POST /approvals/{id}/step-up': { may: ['reviewer', 'admin'], body: { decision: 'approve', shown: 'x' } },
  'PUT /approvals/{id}/claim': { may: ['reviewer'] },
  'DELETE /approvals/{id}/claim': { may: ['reviewer'] },
  'POST /approvals/{id}/decide': { may: ['reviewer'], body: { decision: 'approve' } },
  'POST /approvals/decide': { may: ['reviewer'], body: { ids: ['ID'], decision: 'approve' } },

  'POST /runs-access': { may: ['admin', 'auditor', 'operator'], body: {} },

  'GET /users': { may: administration },
  'POST /users': { may: ['admin'], body: { name: 'NEW', password: 'a password of twelve', roles: ['reviewer'] } },
  'PATCH /users/{name}': { may: ['admin'], body: { roles: ['reviewer'] } },
  'DELETE /users/{name}': { may: ['admin'] },
  'POST /users/{name}/link': { may: ['admin'], body: { user: 'ben' } },
  'DELETE /users/{name}/passkeys': { may: ['admin'] },
  'GET /admin/passkeys': { may: administration },
  'PUT /admin/passkeys': { may: ['admin'], body: {} },
  'GET /groups': { may: administration },
  'POST /groups': { may: ['admin'], body: { name: 'NEW', members: [] } },
  'PATCH /groups/{id}': { may: ['admin'], body: { members: [] } },
  'DELETE /groups/{id}': { may: ['admin'] },
  'GET /times': { may: administration },
  'PUT /times/{owner}': { may: ['admin'], body: { dueAfter: {} } },
  'DELETE /times/{owner}': { may: ['admin'] },
  'GET /keys': { may: administration },
  'POST /keys': { may: ['admin'], body: { assistant: 'comms' } },
  'POST /keys/{id}/rotate': { may: ['admin'], body: {} },
  'POST /keys/{id}/revoke': { may: ['admin'] },
  'GET /gateway-keys': { may: administration },
  'POST /gateway-keys': { may: ['admin'], body: { name: 'billing' } },
  'POST /gateway-keys/{name}/rotate': { may: ['admin'], body: {} },
  'POST /gateway-keys/{name}/revoke': { may: ['admin'], body: {} },
  'GET /assistants': { may: administration },
  'GET /assistants/{name}': { may: administration },
  'PUT /assistants/{name}': { may: ['admin'], body: { paused: false } },
  'GET /rules': { may: administration },
  'POST /rules': { may: ['admin'], body: { name: 'NEW', conditions: [], decision: 'review' } },
  'POST /rules/try': { may: administration, body: { conditions: [], decision: 'review' } },
  'PATCH /rules/{id}': { may: ['admin'], body: { enabled: true } },
  'DELETE /rules/{id}': { may: ['admin'] },
  'GET /deliveries': { may: administration },
  'POST /deliveries/{id}/resend': { may: ['admin'] },
  'GET /audit': { may: administration },
  'GET /audit/verify': { may: administration },
  'GET /audit/export': { may: administration },
  'POST /removals': { may: ['admin'], body: { field: 'customer.id', value: 'c_17' } },
  // Last, since it ends the sign-in of the test.
  'DELETE /session': { may: 'signed in' },
};

const password = 'a password of twelve or more';
const roles = ['reviewer', 'admin', 'auditor', 'operator'] as const;
let server: TestServer;
const tokens = new Map<string, Record<string, string>>();

beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
  for (const role of roles) await addUser(`only-${role}`, role);
  for (const name of ['stranger', 'member', 'deputy'] as const) await addUser(name, 'reviewer');
  await addUser('operating-deputy', 'operator');
  await post('/groups', { name: 'finance', members: ['member'] });
  const span = {
    from: new Date(Date.now() - 60_000).toISOString(),
    until: new Date(Date.now() + 3_600_000).toISOString(),
  };
  for (const deputy of ['deputy', 'operating-deputy']) await post('/deputies', { person: 'member', deputy, ...span });
});
afterAll(() => server.close());

async function post(path: string, body: object): Promise<void> {
  const answer = await server.post(`/reviewer-api${path}`, body, await server.bearer('ana'));
  expect([path, answer.status]).toEqual([path, 201]);
}

async function addUser(name: string, role: Role): Promise<void> {
  await post('/users', { name, password, roles: [role] });
  await signIn(name);
}

async function signIn(name: string): Promise<void> {
  const { body } = await server.post<{ token: string }>('/reviewer-api/session', { name, password }, {});
  tokens.set(name, { authorization: `Bearer ${body.token}` });
}

/** True if the route is about one approval, which its path or its body names. */
function isAbout(route: string): boolean {
  return /approvals\/(\{id\}|records)/.test(route) || JSON.stringify(routes[route]!.body ?? '').includes('"ID"');
}

/** The answer to a person's request. Where the route is about an approval, about a new one. */
async function call(route: string, name: string, asked: object = {}) {
  const id = isAbout(route) ? ((await server.ask(asked)).body as unknown as { approvalId: string }).approvalId : '';
  const [method = '', template = ''] = route.split(' ');
  const path = template
    .replace('{id}', id || 'nothing')
    .replace('{name}', 'nobody')
    .replace('{owner}', 'everyone')
    .replace(/records$/, `records?ids=${id}`);
  const { body } = routes[route]!;
  const before = method === 'GET' ? undefined : await lastEntry();
  const response = await fetch(`${server.url}/reviewer-api${path}`, {
    // The stream has no end.
    method: template === '/events' ? 'HEAD' : method,
    headers: { ...tokens.get(name), ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && {
      body: JSON.stringify(body).replaceAll('ID', id).replaceAll('NEW', `new of ${name}`),
    }),
  });
  const { status } = response;
  const text = await response.text();
  const isRefused =
    (status === 401 && (text === '' || text.includes('Not signed in'))) ||
    (status === 403 && text.includes('This needs the role')) ||
    // An approval that the person may not see answers as if it were not there.
    (status === 404 && template.startsWith('/approvals/{id}'));
  return { isRefused, text, isRecorded: method !== 'GET' && (await lastEntry()) !== before };
}

async function lastEntry(): Promise<string> {
  const { body } = await server.get<{ entries: unknown[] }>('/reviewer-api/audit?limit=1', await server.bearer('ana'));
  return JSON.stringify(body.entries[0]);
}

describe('roles', () => {
  it('every route of the server → has a row', () => {
    const served = servedRoutes(server.app).filter((route) => route.includes(' /reviewer-api/'));
    expect(served.map((route) => route.replace('/reviewer-api', '')).toSorted()).toEqual(
      Object.keys(routes).toSorted(),
    );
  });

  it.each(['nobody', ...roles] as const)('%s → exactly these routes, and a refused call does nothing', async (who) => {
    const [allowed, expected, refusedButRecorded]: string[][] = [[], [], []];
    for (const [route, { may }] of Object.entries(routes)) {
      if (may === 'anyone' || (who !== 'nobody' && (may === 'signed in' || may.includes(who)))) expected!.push(route);
      const { isRefused, isRecorded } = await call(route, `only-${who}`);
      if (!isRefused) allowed!.push(route);
      else if (isRecorded) refusedButRecorded!.push(route);
    }
    expect({ allowed, refusedButRecorded }).toEqual({ allowed: expected, refusedButRecorded: [] });
    if (who !== 'nobody') await signIn(`only-${who}`);
  });
});

describe('request that waits for a group', () => {
  const word = 'xylophone';
  // The lists have it from the first call on.
  const asked = { summary: `Refund of ${word}`, action: `refund_${word}`, by: [{ group: 'finance', approvals: 1 }] };
  const readsOrIsAbout = Object.keys(routes).filter((route) => route.startsWith('GET ') || isAbout(route));

  it.each(['stranger', 'only-operator', 'operating-deputy'])(
    '%s → no route shows it or does anything with it',
    async (name) => {
      for (const route of readsOrIsAbout) {
        const { text, isRecorded, isRefused } = await call(route, name, asked);
        const namesIt = route.includes('{id}') && isAbout(route);
        expect([route, text.includes(word), isRecorded, isRefused || !namesIt]).toEqual([route, false, false, true]);
      }
    },
  );

  it.each([
    ['member', true],
    ['deputy', true],
    ['only-admin', false],
    ['only-auditor', false],
  ])('%s → sees it; may decide it: %s', async (name, decides) => {
    for (const route of ['GET /approvals/records', 'GET /approvals/{id}', 'GET /approvals', 'GET /facets'])
      expect([route, (await call(route, name, asked)).text.includes(word)]).toEqual([route, true]);
    for (const route of ['PUT /approvals/{id}/claim', 'POST /approvals/{id}/decide'])
      expect([route, (await call(route, name, asked)).isRecorded]).toEqual([route, decides]);
  });
});

it('decision held by a reviewer who loses the role → no longer shown', async () => {
  const { approvalId: id } = (await server.ask()).body as unknown as { approvalId: string };
  const headers = tokens.get('stranger')!;
  await server.post(`/reviewer-api/approvals/${id}/decide`, { decision: 'approve', holdSeconds: 10 }, headers);
  const holds = async () => (await server.get<{ holds: object[] }>('/reviewer-api/holds', headers)).body.holds.length;
  expect(await holds()).toBe(1);
  await server.send('PATCH', '/reviewer-api/users/stranger', { roles: ['operator'] }, await server.bearer('ana'));
  expect(await holds()).toBe(0);
});
