import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import type { User } from '@holdpoint/review-server/contract';
import { PASSWORDS, startTestServer, type TestServer } from '../../packages/review-server/test/test-server.ts';
import { commands } from './commands.ts';

const PASSWORD = 'twelve and more';
const cli = ['--conditions=holdpoint-source', fileURLToPath(new URL('../../src/cli.ts', import.meta.url))];

let server: TestServer;
let settings: RunSettings;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', {
    reviewers: [{ name: 'ana', password: PASSWORDS.ana, roles: ['admin'] }],
  });
  settings = {
    reviewUrl: server.url,
    reviewerToken: (await server.bearer())['authorization']!.slice('Bearer '.length),
  };
});
afterAll(() => server.close());
const signIn = async (name: string, password: string) =>
  (await server.post('/reviewer-api/session', { name, password }, {})).status;

describe('holdpoint users', () => {
  it('add, roles, password, remove → each applied', async () => {
    const { holdpoint, passwords } = await commands(settings);
    passwords.push(PASSWORD, 'another one of twelve');
    expect((await holdpoint('users', 'add', 'lea')).out).toBe('lea can sign in now, as reviewer.\n');
    expect(await signIn('lea', PASSWORD)).toBe(200);
    expect((await holdpoint('users', 'set-roles', 'lea', 'auditor', 'admin', '--json')).json()).toMatchObject({
      name: 'lea',
      roles: ['auditor', 'admin'],
    } satisfies Partial<User>);
    expect((await holdpoint('users', 'list')).out).toMatch(
      /^name +roles +created +last sign-in\nana .*\n(.*\n)*lea +auditor, admin +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\dT\d\d:\d\dZ\n$/,
    );
    await holdpoint('users', 'set-password', 'lea');
    expect([await signIn('lea', PASSWORD), await signIn('lea', 'another one of twelve')]).toEqual([401, 200]);
    expect((await holdpoint('users', 'remove', 'lea')).out).toBe('lea can no longer sign in.\n');
    expect((await holdpoint('users', 'list')).out).not.toContain('lea');
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a role that is none',
      ['add', 'zoe', '--role', 'king'],
      2,
      /"king" is not a role. The roles are: reviewer, admin, auditor/,
    ],
    ['a short password', ['add', 'zoe'], 1, /password: must have at least 12 characters/],
    ['a name that is taken', ['add', 'ana'], 1, /A user with this name exists already/],
    ['a user that is not there', ['set-roles', 'zoe', 'admin'], 1, /no such user/],
    ['the last admin', ['remove', 'ana'], 1, /last user with the role admin/],
  ])('%s → error with the remedy', async (what, words, code, said) => {
    const { holdpoint, passwords } = await commands(settings);
    passwords.push(what === 'a short password' ? 'short' : PASSWORD);
    const answer = await holdpoint('users', ...words);
    expect([answer.code, answer.err, answer.out]).toEqual([code, expect.stringMatching(said), '']);
  });

  it('password → from standard input; no option for it', async () => {
    const env = {
      PATH: process.env['PATH'],
      CHEQPOINT_BASE_URL: server.url,
      HOLDPOINT_REVIEWER_NAME: 'ana',
      HOLDPOINT_REVIEWER_PASSWORD: PASSWORDS.ana,
    };
    const child = spawn(process.execPath, [...cli, 'users', 'add', 'pia', '--role', 'auditor'], { env });
    child.stdin.end(`${PASSWORD}\n`);
    expect([await text(child.stdout), await text(child.stderr)]).toEqual(['pia can sign in now, as auditor.\n', '']);
    expect(await signIn('pia', PASSWORD)).toBe(200);
    const empty = spawn(process.execPath, [...cli, 'users', 'set-password', 'pia'], { env });
    empty.stdin.end();
    expect(await text(empty.stderr)).toBe('holdpoint: Standard input has no password.\n');
    await expect(
      promisify(execFile)(process.execPath, [...cli, 'users', 'add', 'pia', '--password', 'x'], {
        env: { PATH: process.env['PATH'] },
      }),
    ).rejects.toMatchObject({ stderr: expect.stringContaining("unknown option '--password'") });
  });
});

describe('holdpoint review-server --reset-passkeys', () => {
  const run = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [...cli, 'review-server', '--reset-passkeys', 'zoe'], {
      env: { PATH: process.env['PATH'], ...env },
    });

  it('no database → error with the variable', async () => {
    await expect(run({})).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('HOLDPOINT_REVIEW_DATABASE_URL'),
    });
  });

  it('unknown user → error, exit code 1', async () => {
    await expect(run({ HOLDPOINT_REVIEW_DATABASE_URL: 'sqlite::memory:' })).rejects.toMatchObject({
      code: 1,
      stderr: 'holdpoint: There is no user zoe in the database of HOLDPOINT_REVIEW_DATABASE_URL.\n',
    });
  });
});
