import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/audit.ts';
import { eventually } from './eventually.ts';
import { ADMINISTRATORS, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

async function withLog(
  work: (
    server: TestServer,
    at: { lines: Record<string, unknown>[]; text: () => string; pass: (ms: number) => void },
  ) => Promise<void>,
): Promise<void> {
  const written: string[] = [];
  let shiftMs = 0;
  const log = pino(
    new Writable({
      write(line: Buffer, _encoding, done) {
        written.push(line.toString());
        done();
      },
    }),
  );
  const server = await startTestServer('sqlite::memory:', {
    reviewers: ADMINISTRATORS,
    log,
    proxies: 1,
    clock: () => new Date(Date.now() + shiftMs),
  });
  try {
    await work(server, {
      get lines() {
        return written.map((line) => JSON.parse(line) as Record<string, unknown>);
      },
      text: () => written.join(''),
      pass: (ms) => {
        shiftMs += ms;
      },
    });
  } finally {
    await server.close();
  }
}

let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `198.51.${Math.floor(addresses / 250)}.${addresses % 250}`;
};
const guess = async (server: TestServer, name: string, password: string, from = newAddress()) =>
  (await server.post('/reviewer-api/session', { name, password }, { 'x-forwarded-for': from })).status;
const failures = async (server: TestServer): Promise<AuditEntry[]> => {
  const { body } = await server.get<{ entries: AuditEntry[] }>(
    '/reviewer-api/audit?event=sign-in-failed&limit=200',
    await server.bearer('ana'),
  );
  return body.entries;
};

it('failed sign-in: audit and log say who was tried, and from which address', async () => {
  await withLog(async (server, seen) => {
    expect(await guess(server, 'ben', 'canary-guess-1', '203.0.113.9')).toBe(401);
    await server.post('/reviewer-api/session/link', { token: 'canary-link-1' }, { 'x-forwarded-for': '203.0.113.9' });
    const facts = { address: '203.0.113.9', furtherInLogOnly: false };
    await eventually('both entries', async () => (await failures(server)).length === 2);
    expect((await failures(server)).map(({ actor, subject, facts }) => [actor, subject, facts])).toEqual([
      ['system', '(unknown user)', { ...facts, by: 'link' }],
      ['system', 'ben', { ...facts, by: 'password' }],
    ]);
    expect(seen.lines).toContainEqual(
      expect.objectContaining({ msg: 'sign-in failed', user: 'ben', address: '203.0.113.9' }),
    );
    expect(seen.text()).not.toContain('canary');
  });
});

it('password typed in the name field: neither in the log nor in the audit', async () => {
  await withLog(async (server, seen) => {
    await guess(server, PASSWORDS.ben, 'ben');
    await guess(server, `ben ${PASSWORDS.ben}`, '');
    await eventually('the entry', async () => (await failures(server)).length > 0);
    const entries = await failures(server);
    expect(entries.map(({ subject }) => subject)).toEqual(['(unknown user)']);
    expect(seen.lines).toContainEqual(expect.objectContaining({ msg: 'sign-in failed', user: '(unknown user)' }));
    expect(JSON.stringify(entries) + seen.text()).not.toContain(PASSWORDS.ben);
  });
});

it('guesses at one user and at unknown names, from many addresses at once → at most 20 entries an hour for each', async () => {
  await withLog(async (server, seen) => {
    for (let round = 0; round < 6; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          await guess(server, 'ben', 'wrong');
          await guess(server, `unknown ${round} ${index}`, 'wrong');
        }),
      );
      seen.pass(5_000);
    }
    const of = async (subject: string) => (await failures(server)).filter((entry) => entry.subject === subject);
    const unknown = '(unknown user)';
    await eventually('the last entry', async () => (await of(unknown))[0]?.facts['furtherInLogOnly'] === true);
    expect([(await of(unknown)).length, (await of('ben')).length <= 20]).toEqual([20, true]);
    expect(seen.lines.filter(({ msg }) => msg !== 'answered').length).toBeLessThan(100);
    seen.pass(3_600_000);
    await guess(server, 'unknown again', 'wrong');
    await eventually('an entry of the next hour', async () => (await of(unknown)).length === 21);
    expect(seen.lines).toContainEqual(
      expect.objectContaining({ msg: 'further failed sign-ins were left out of the log' }),
    );
  });
});
