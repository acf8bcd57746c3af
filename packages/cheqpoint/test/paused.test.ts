import { expect, it } from 'vitest';
import { createReviewService, hostedCheqpointUrl } from '../src/index.ts';
import { closedPort, healthy, startService } from './cheqpoint-service.ts';

const connectionKey = 'cq_test_a_key_of_the_tests';
const pause = { by: 'rita', at: '2026-01-02T03:04:05.000Z', reason: null };
const signal = AbortSignal.timeout(60_000);

/** A review server that answers questions about the assistant with `bodies`, in turn; the last one stands. */
async function service(...bodies: unknown[]) {
  let time = 1_000_000;
  let asked = 0;
  const { url, arrived } = await startService(
    ({ path }) => {
      if (path !== '/api/assistant') return Response.json({ status: 'APPROVED', assistantPaused: pause });
      asked += 1;
      return Response.json(bodies[Math.min(asked, bodies.length) - 1] ?? null);
    },
    () => Response.json(healthy),
  );
  const client = createReviewService({ baseUrl: url, connectionKey, now: () => time });
  return { client, arrived, asked: () => asked, wait: (ms: number) => (time += ms) };
}

it('asked by many at once → one question, its answer is used for two seconds', async () => {
  const { client, asked, wait } = await service({ paused: null }, { paused: pause });
  const paused = () => client.paused(signal);
  expect(await Promise.all([paused(), paused(), paused()])).toEqual([null, null, null]);
  wait(2_000);
  expect(await paused()).toBeNull();
  expect(asked()).toBe(1);
  wait(1);
  expect(await paused()).toEqual(pause);
  expect(asked()).toBe(2);
});

it('an approval was read → its answer counts, without a question', async () => {
  const { client, asked } = await service({ paused: null });
  await client.read('req_1', signal);
  expect(await client.paused(signal)).toEqual(pause);
  expect(asked()).toBe(0);
});

it('not paused, answered after more than four seconds → a failure: the answer may be out of date', async () => {
  let time = 0;
  const { url } = await startService(
    () => {
      time += 4_001;
      return Response.json({ paused: null });
    },
    () => Response.json(healthy),
  );
  const client = createReviewService({ baseUrl: url, connectionKey, now: () => time });
  await expect(client.paused(signal)).rejects.toMatchObject({ kind: 'unavailable', message: /4001 ms/ });
});

it.each([{}, { paused: true }, { paused: {} }, { paused: 'no' }])('unclear answer %j → paused', async (body) => {
  const { client } = await service(body);
  expect(await client.paused(signal)).toMatchObject({ by: 'an unnamed person' });
});

it('answer that is not an object → a failure', async () => {
  const { client } = await service(null);
  await expect(client.paused(signal)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('server without the extension → not paused, no question', async () => {
  const { url, arrived } = await startService(() => Response.json({}));
  expect(await createReviewService({ baseUrl: url, connectionKey }).paused(signal)).toBeNull();
  expect(arrived).toEqual([]);
});

it('hosted Cheqpoint → not paused, no call at all', async () => {
  const fetch = () => Promise.reject(new Error('nothing is fetched here'));
  const client = createReviewService({ baseUrl: hostedCheqpointUrl, connectionKey, fetch });
  expect(await client.paused(signal)).toBeNull();
});

it('server away → a failure', async () => {
  const client = createReviewService({ baseUrl: await closedPort(), connectionKey });
  await expect(client.paused(signal)).rejects.toMatchObject({ kind: 'unavailable' });
});
