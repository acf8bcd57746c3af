import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/review-admin.ts';
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
    const entries = await failures(server);
    expect(entries.map(({ subject }) => subject)).toEqual(['(unknown user)']);
    expect(seen.lines).toContainEqual(expect.objectContaining({ msg: 'sign-in failed', user: '(unknown user)' }));
    expect(JSON.stringify(entries) + seen.text()).not.toContain(PASSWORDS.ben);
  });
});

it('300 guesses at one user and at unknown names, from other addresses each → at most 20 entries an hour for each', async () => {
  await withLog(async (server, seen) => {
    for (let round = 0; round < 60; round += 1) {
      await Promise.all([guess(server, 'ben', `wrong ${round}`), guess(server, `unknown ${round}`, 'wrong')]);
      seen.pass(61_000 / 60);
    }
    const of = async (subject: string) => (await failures(server)).filter((entry) => entry.subject === subject);
    expect((await of('(unknown user)')).length).toBe(20);
    expect((await of('(unknown user)'))[0]!.facts).toMatchObject({ furtherInLogOnly: true });
    expect((await of('ben')).length).toBeLessThanOrEqual(20);
    expect(seen.lines.length).toBeLessThan(120);
    seen.pass(3_600_000);
    await guess(server, 'unknown again', 'wrong');
    expect((await of('(unknown user)')).length).toBe(21);
    expect(seen.lines).toContainEqual(
      expect.objectContaining({ msg: 'further failed sign-ins were left out of the log' }),
    );
  });
});
