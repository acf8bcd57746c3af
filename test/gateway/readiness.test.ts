import { expect, it } from 'vitest';
import { testGateway } from './test-gateway.ts';

const database = (ask: () => Promise<unknown>) => ({
  dependencies: [{ name: 'The database', setting: 'HOLDPOINT_DATABASE_URL', ask }],
});

it('readyz: lost database → 503 which names it and its variable; healthz → 200', async () => {
  const { call } = testGateway(database(() => new Promise(() => undefined)));
  const answer = await call('GET', '/readyz');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(answer.json()).toMatchObject({
    status: 'not-ready',
    dependencies: [
      { name: 'Temporal', ok: true },
      { name: 'The database', setting: 'HOLDPOINT_DATABASE_URL', ok: false },
    ],
  });
  expect((await call('GET', '/healthz')).status).toBe(200);
});

it('readyz: Temporal away → 503 which names TEMPORAL_ADDRESS, and the cause is in the log', async () => {
  const { call, runs, lines } = testGateway(database(async () => undefined));
  runs.away = true;
  const answer = await call('GET', '/readyz');
  expect(answer.status).toBe(503);
  expect(answer.json().dependencies).toMatchObject([{ setting: 'TEMPORAL_ADDRESS', ok: false }, { ok: true }]);
  expect(lines.join('')).toContain('not ready: Temporal');
});
