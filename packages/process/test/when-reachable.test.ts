import { expect, it } from 'vitest';
import { oneAttempt, whenReachable } from '../src/when-reachable.ts';

const away = new Error("The database can't be opened.", { cause: new Error('connect ECONNREFUSED 10.0.0.1:5432') });
const what = 'PostgreSQL at db:5432 (HOLDPOINT_DATABASE_URL)';

/** Fails so often, then works. */
function failing(times: number, error: Error = away) {
  let attempts = 0;
  return {
    attempts: () => attempts,
    attempt: async () => {
      attempts += 1;
      if (attempts <= times) throw error;
      return 'reached';
    },
  };
}

it('whenReachable: server comes up → its result, after one line with what, where, why and how long', async () => {
  const lines: string[] = [];
  const { attempt, attempts } = failing(3);
  const wait = { longestMs: 60_000, onProgress: (line: string) => lines.push(line) };
  expect(await whenReachable({ what, attempt, isAway: () => true, wait })).toBe('reached');
  expect(attempts()).toBe(4);
  expect(lines).toEqual([`Waiting for ${what}, 60 s at most: connect ECONNREFUSED 10.0.0.1:5432.`]);
});

it('whenReachable: server stays away → the error says for how long, and which setting', async () => {
  const wait = { longestMs: 200, onProgress: () => undefined };
  const { attempt, attempts } = failing(Infinity);
  await expect(whenReachable({ what, attempt, isAway: () => true, wait })).rejects.toThrow(
    "The database can't be opened. It did not answer for 0.2 s (HOLDPOINT_START_WAIT_SECONDS).",
  );
  expect(attempts()).toBeGreaterThan(1);
});

it.each([
  ['refusal, such as a wrong password', { longestMs: 1000, onProgress: () => undefined }, false],
  ['no wait', oneAttempt, true],
])('whenReachable: %s → one attempt, its own error', async (_what, wait, isAway) => {
  const { attempt, attempts } = failing(Infinity);
  await expect(whenReachable({ what, attempt, isAway: () => isAway, wait })).rejects.toBe(away);
  expect(attempts()).toBe(1);
});
