import { expect, it } from 'vitest';
import { answerReadiness, createReadiness, type Dependency } from '../src/index.ts';

const works = (name: string): Dependency => ({ name, setting: `${name}_URL`, ask: async () => undefined });
const silent = (name: string): Dependency => ({ ...works(name), ask: () => new Promise(() => undefined) });
const read = async (...dependencies: Dependency[]) => {
  const failed: string[] = [];
  const answer = await answerReadiness(createReadiness(dependencies, ({ name }) => failed.push(name)));
  return { status: answer.status, body: await answer.json(), failed };
};

it('readiness: all dependencies answer → 200', async () => {
  expect(await read(works('A'), works('B'))).toMatchObject({ status: 200, body: { status: 'ready' }, failed: [] });
});

it('readiness: silent dependency → 503 within three seconds, which names it and its variable', async () => {
  const began = performance.now();
  const { status, body, failed } = await read(works('A'), silent('B'));
  expect(performance.now() - began).toBeLessThan(3000);
  expect(status).toBe(503);
  expect(failed).toEqual(['B']);
  expect(body).toEqual({
    status: 'not-ready',
    dependencies: [
      { name: 'A', setting: 'A_URL', ok: true },
      {
        name: 'B',
        setting: 'B_URL',
        ok: false,
        problem: 'B does not answer. Check it, and B_URL. The log has the cause.',
      },
    ],
  });
});

it('readiness: failed optional dependency → 200, and it is shown', async () => {
  const failing = { ...works('B'), ask: () => Promise.reject(new Error('no')), optional: true };
  expect(await read(works('A'), failing)).toMatchObject({
    status: 200,
    body: { status: 'ready', dependencies: [{ ok: true }, { name: 'B', ok: false }] },
    failed: ['B'],
  });
});

it('readiness: calls at the same time → one question', async () => {
  let asked = 0;
  const readiness = createReadiness([{ ...works('A'), ask: async () => (asked += 1) }], () => undefined);
  await Promise.all([readiness(), readiness(), readiness()]);
  expect(asked).toBe(1);
});
