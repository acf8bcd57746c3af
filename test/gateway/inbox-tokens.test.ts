import { describe, expect, it } from 'vitest';
import { routeNeeds } from '../../src/gateway/policy.ts';
import { completed, run } from './fake-runs.ts';
import { gatewayWithCallers, requestFor } from './callers.ts';
import { testGateway } from './test-gateway.ts';

const minute = 60_000;

async function inbox(scopes: Parameters<Awaited<ReturnType<typeof gatewayWithCallers>>['add']>[1]) {
  let now = Date.parse('2026-11-30T08:00:00Z');
  const gateway = await gatewayWithCallers({ now: () => new Date(now) });
  await gateway.add('inbox', scopes);
  gateway.runs.set({ ...run('parked', { state: 'parked' }), caller: 'billing' });
  gateway.runs.set({ ...completed('done', 'Done.'), caller: 'billing' });
  const ask = async (mayRetry: boolean) =>
    (await gateway.as('inbox', 'POST', '/v1/inbox-tokens', { person: 'ana', mayRetry })).json();
  const asAna = async (token: string, method: string, path: string, body?: unknown) =>
    await gateway.call(method, path, body, { authorization: `Bearer ${token}` });
  return { ...gateway, ask, asAna, wait: (ms: number) => void (now += ms) };
}

describe('token of the inbox', () => {
  it('reads what its caller reads, for five minutes', async () => {
    const { ask, asAna, wait, lines } = await inbox({ read: 'all' });
    const { token, expiresAt, mayRetry } = await ask(true);
    expect([expiresAt, mayRetry]).toEqual(['2026-11-30T08:05:00.000Z', true]);
    expect((await asAna(token, 'GET', '/v1/runs/done')).status).toBe(200);
    expect(lines.at(-1)).toContain('"person":"ana"');
    wait(5 * minute - 1);
    expect((await asAna(token, 'GET', '/v1/runs')).status).toBe(200);
    wait(1);
    expect((await asAna(token, 'GET', '/v1/runs')).status).toBe(401);
  });

  it('resumes a parked run only where person and caller may; starts, asks and manages nothing', async () => {
    const all = { read: 'all', control: 'all', start: 'all', ask: true, admin: true } as const;
    const { ask, asAna, runs } = await inbox(all);
    const reader = (await ask(false)).token;
    const operator = (await ask(true)).token;
    expect((await asAna(reader, 'POST', '/v1/runs/parked/retry', {})).status).toBe(403);
    expect((await asAna(operator, 'POST', '/v1/runs/parked/retry', {})).status).toBe(202);
    expect(runs.orders).toEqual(['retry parked']);
    for (const [method, path, body] of [
      ['POST', '/v1/runs', { assistant: 'comms', input: 'Hi' }],
      ['POST', '/v1/approvals', { action: 'a', summary: 's', details: {} }],
      ['GET', '/v1/api-keys', undefined],
      ['POST', '/v1/inbox-tokens', { person: 'eve', mayRetry: true }],
    ] as const)
      expect([path, (await asAna(operator, method, path, body)).status]).toEqual([path, 403]);
  });

  it('any route of the policy, by the token of an operator → the four of its pages, no others', async () => {
    const all = { read: 'all', control: 'all', start: 'all', ask: true, admin: true, decode: true } as const;
    const { ask, asAna, runs } = await inbox(all);
    const { token } = await ask(true);
    const guarded = Object.entries(routeNeeds).filter(([, need]) => need !== 'none');
    const allowed: string[] = [];
    for (const [route] of guarded) {
      const { method, path, body } = requestFor(route, 'parked');
      // The stream of an open run has no end.
      const answer = route.endsWith('/events')
        ? await asAna(token, 'HEAD', path)
        : await asAna(token, method, path, body);
      if (answer.status !== 403) allowed.push(route);
    }
    expect(allowed).toEqual([
      'GET /v1/runs',
      'GET /v1/runs/{id}',
      'GET /v1/runs/{id}/events',
      'POST /v1/runs/{id}/retry',
    ]);
    expect([runs.orders, runs.said, runs.created.size]).toEqual([['retry parked'], [], 0]);
  });

  it('caller that reads its own runs → so does the token; no control → no retry', async () => {
    const { ask, asAna } = await inbox({ control: 'none' });
    const { token, mayRetry } = await ask(true);
    expect(mayRetry).toBe(false);
    expect((await asAna(token, 'GET', '/v1/runs/done')).status).toBe(404);
    expect((await asAna(token, 'GET', '/v1/runs')).json().runs).toEqual([]);
  });

  it('caller revoked, or its permission gone → so is that of the token', async () => {
    const { ask, asAna, database } = await inbox({ read: 'all' });
    const { token } = await ask(false);
    await database.apiKeys.revoke({ name: 'inbox', by: 'test', at: Date.now() });
    expect((await asAna(token, 'GET', '/v1/runs')).status).toBe(401);
  });

  it('changed, cut or of another gateway → refused', async () => {
    const { ask, asAna } = await inbox({ read: 'all' });
    const other = await inbox({ read: 'all' });
    const { token } = (await ask(false)) as { token: string };
    const forged = Buffer.from(
      JSON.stringify({ caller: 'operator', person: 'eve', mayRetry: true, expiresAt: 4_000_000_000_000 }),
    ).toString('base64url');
    const foreign = (await other.ask(false)).token as string;
    for (const wrong of [
      `${token.slice(0, -2)}xx`,
      token.slice(0, -10),
      `${token}.x`,
      token.split('.')[0] as string,
      `hp_inbox_${forged}.${token.split('.')[1]}`,
      foreign,
    ])
      expect([wrong, (await asAna(wrong, 'GET', '/v1/runs')).status]).toEqual([wrong, 401]);
  });
});

describe('CORS of the gateway', () => {
  const preflight = (gateway: ReturnType<typeof testGateway>, origin: string) =>
    gateway.app.request('/v1/runs', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });

  it('the page of the inbox → allowed, without cookies; other pages → not', async () => {
    const gateway = testGateway({ inboxOrigin: 'https://inbox.example' });
    const allowed = await preflight(gateway, 'https://inbox.example');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://inbox.example',
    ]);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await preflight(gateway, 'https://evil.example');
    expect(refused.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
    const answer = await gateway.call('GET', '/v1/runs', undefined, { origin: 'https://inbox.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://inbox.example');
  });

  it('no inbox set up → no page is allowed', async () => {
    const refused = await preflight(testGateway(), 'https://inbox.example');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});
