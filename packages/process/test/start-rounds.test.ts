import { expect, it } from 'vitest';
import { startRounds } from '../src/index.ts';

it('startRounds: a round that never ends → it is reported, and the next one follows', async () => {
  const failures: string[] = [];
  let begun = 0;
  const rounds = startRounds({
    everyMs: 1,
    longestMs: 5,
    round: () => new Promise<void>((resolve) => void ((begun += 1) === 1 || resolve())),
    onFailure: (error) => failures.push((error as Error).message),
  });
  await expect.poll(() => begun).toBeGreaterThan(2);
  await rounds.stop();
  expect(failures).toEqual(['a round took longer than 0.005 s']);
});

it('startRounds: a failed round → the next one follows; stop → none', async () => {
  const failures: unknown[] = [];
  const rounds = startRounds({
    everyMs: 1,
    longestMs: 1000,
    round: () => Promise.reject(new Error('no')),
    onFailure: (error) => failures.push(error),
  });
  await expect.poll(() => failures.length).toBeGreaterThan(2);
  await rounds.stop();
  const before = failures.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toHaveLength(before);
});
