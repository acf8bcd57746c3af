import { expect, it } from 'vitest';
import { createReviewService, hostedCheqpointUrl } from '../src/index.ts';
import { startService } from './cheqpoint-service.ts';

const connectionKey = 'cq_test_a_key_of_the_tests';
const signal = AbortSignal.timeout(60_000);
const page = { decisions: [{ id: 'req_1', status: 'APPROVED', decidedAt: 'x' }], cursor: 'c2', more: false };

async function service(answer: () => Response) {
  let time = 1_000_000;
  const { url, arrived } = await startService(answer);
  const client = createReviewService({ baseUrl: url, connectionKey, now: () => time });
  return { client, arrived, wait: (ms: number) => (time += ms) };
}

it('feed → ids and cursor, whatever /healthz says', async () => {
  const { client, arrived } = await service(() => Response.json(page));
  expect(await client.decisions({ after: 'c 1' }, signal)).toEqual({
    type: 'decisions',
    ids: ['req_1'],
    cursor: 'c2',
    more: false,
  });
  expect(arrived.map(({ path }) => path)).toEqual(['/api/decisions?after=c+1&limit=1000']);
  expect(arrived[0]!.headers.get('x-api-key')).toBe(connectionKey);
});

it('unknown cursor → said so; without a cursor it is no feed', async () => {
  const { client } = await service(() => Response.json({ error: 'unknown' }, { status: 410 }));
  expect(await client.decisions({ after: 'c1' }, signal)).toEqual({ type: 'unknown-cursor' });
  expect(await client.decisions({ since: '2026-01-01T00:00:00Z' }, signal)).toEqual({ type: 'no-feed' });
});

it.each([
  ['404 of an earlier version', () => Response.json({ error: 'no' }, { status: 404 })],
  ['page with 200', () => new Response('<html>')],
  ['other JSON', () => Response.json({ decisions: 'none' })],
  ['405', () => new Response('', { status: 405 })],
])('%s → no feed, asked again after five minutes', async (_case, answer) => {
  const { client, arrived, wait } = await service(answer);
  const ask = () => client.decisions({ after: 'c1' }, signal);
  expect([await ask(), await ask()]).toEqual([{ type: 'no-feed' }, { type: 'no-feed' }]);
  expect(arrived).toHaveLength(1);
  wait(5 * 60_000 + 1);
  await ask();
  expect(arrived).toHaveLength(2);
});

it.each([
  [503, 'unavailable'],
  [401, 'access-denied'],
])('%i → a failure, and the feed is asked again', async (status, kind) => {
  const { client, arrived } = await service(() => Response.json({ error: 'no' }, { status }));
  for (const _attempt of [1, 2])
    await expect(client.decisions({ after: 'c1' }, signal)).rejects.toMatchObject({ kind });
  expect(arrived).toHaveLength(2);
});

it('hosted Cheqpoint → not asked', async () => {
  const fetch = () => Promise.reject(new Error('nothing is asked here'));
  const client = createReviewService({ baseUrl: hostedCheqpointUrl, connectionKey, fetch });
  expect(await client.decisions({ after: 'c1' }, signal)).toEqual({ type: 'no-feed' });
});
