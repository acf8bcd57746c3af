import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import type { AuditVerdict, ConnectionKey, NewKey } from '@holdpoint/review-server/contract';
import {
  ADMINISTRATORS,
  EMAIL_BLAST,
  PASSWORDS,
  startTestServer,
  type TestServer,
} from '../../packages/review-server/test/test-server.ts';
import { commands } from './commands.ts';

let server: TestServer;
let settings: RunSettings;
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-admin-'));
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
  settings = {
    reviewUrl: server.url,
    reviewerToken: (await server.bearer())['authorization']!.slice('Bearer '.length),
  };
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
const works = async (key: string) =>
  (await server.post('/api/webhooks/inbound', EMAIL_BLAST, { 'x-api-key': key })).status === 200;

describe('holdpoint keys', () => {
  it('create → prints the key alone and once; list → masked', async () => {
    const { holdpoint } = await commands(settings);
    const { out, err } = await holdpoint('keys', 'create', 'billing');
    expect([out, err]).toEqual([
      expect.stringMatching(/^cq_live_[0-9a-f]{40}\n$/),
      expect.stringMatching(
        /^Connection Key for billing \(key_\w+\), shown once\.\nSet it as the assistant's CHEQPOINT_CONNECTION_KEY:\n$/,
      ),
    ]);
    expect(await works(out.trim())).toBe(true);
    const listed = (await holdpoint('keys', 'list', '--assistant', 'billing')).out;
    expect(listed).toMatch(
      /^id +assistant +key +state +created +by +last used\nkey_\w+ +billing +cq_live_••••\w{4} +active +\d{4}-\d\d-\d\d +ana +\S+h\n$/,
    );
    expect(listed).not.toContain(out.trim());
    expect((await holdpoint('keys', 'list', '--assistant', 'nobody')).out).toBe('No keys.\n');
  });

  it('rotate with and without overlap, revoke → old keys end accordingly', async () => {
    const { holdpoint } = await commands(settings);
    const first = (await holdpoint('keys', 'create', 'ops', '--json')).json() as NewKey;
    const rotated = await holdpoint('keys', 'rotate', first.key.id, '--overlap', '1h', '--json');
    const second = rotated.json() as NewKey;
    expect(rotated.err).toContain(`The old key ${first.key.masked} works until `);
    expect([await works(first.secret), await works(second.secret)]).toEqual([true, true]);
    const third = (await holdpoint('keys', 'rotate', second.key.id)).out.trim();
    expect([await works(second.secret), await works(third)]).toEqual([false, true]);
    const { keys } = (await holdpoint('keys', 'list', '--assistant', 'ops', '--json')).json() as {
      keys: ConnectionKey[];
    };
    expect(keys.map(({ state }) => state).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'active',
      'retiring',
      'revoked',
    ]);
    expect((await holdpoint('keys', 'revoke', keys.find(({ state }) => state === 'active')!.id)).out).toMatch(
      /^The key cq_live_••••\w{4} of ops no longer works\.\n$/,
    );
    expect(await works(third)).toBe(false);
  });

  it.each<[string, RunSettings, string[], number, RegExp]>([
    ['an unknown key', {}, ['revoke', 'key_none'], 1, /refused: There is no key with this id/],
    ['a duration that is none', {}, ['rotate', 'key_none', '--overlap', 'soon'], 2, /--overlap must be a duration/],
    ['nobody signed in', { reviewerToken: undefined }, ['list'], 2, /No reviewer is signed in/],
    [
      'a wrong token',
      { reviewerToken: 'rvw_wrong' },
      ['list'],
      1,
      /refused: the token is unknown, or its session ended\. Set HOLDPOINT_REVIEWER_NAME/,
    ],
    [
      'a wrong password',
      { reviewerToken: undefined, reviewerName: 'ana', reviewerPassword: 'wrong' },
      ['list'],
      1,
      /refused: Wrong name or password\. Set HOLDPOINT_REVIEWER_NAME/,
    ],
    [
      'no server',
      { reviewUrl: 'http://127.0.0.1:1' },
      ['list'],
      1,
      /The review server at http:\/\/127\.0\.0\.1:1 can't be reached/,
    ],
    ['no address', { reviewUrl: undefined }, ['list'], 2, /No review server is configured/],
  ])('%s → error with the remedy', async (_what, more, words, code, text) => {
    const { holdpoint } = await commands({ ...settings, ...more });
    const said = await holdpoint('keys', ...words);
    expect([said.code, said.err, said.out]).toEqual([code, expect.stringMatching(text), '']);
  });

  it('name, password and address → signed in there', async () => {
    const { holdpoint } = await commands({ reviewerName: 'ana', reviewerPassword: PASSWORDS.ana });
    expect((await holdpoint('keys', 'list', '--review-url', `${server.url}/`)).out).toContain('comms');
  });
});

describe('holdpoint audit', () => {
  const exported = async (...words: string[]) => {
    const { holdpoint } = await commands(settings);
    const file = join(folder, `export-${words.length}.txt`);
    const said = await holdpoint('audit', 'export', '--output', file, ...words);
    expect([said.code, said.err]).toEqual([0, '']);
    return file;
  };

  it('verify → the rows of the server and of a file agree', async () => {
    const { holdpoint } = await commands(settings);
    const { out, code } = await holdpoint('audit', 'verify');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^The audit is intact: \d+ rows\.\nNewest row, to note elsewhere: \d+:[0-9a-f]{64}\n$/),
    ]);
    const verdict = (
      await holdpoint('audit', 'verify', '--json', '--file', await exported())
    ).json() as AuditVerdict & { ok: true };
    expect(out).toContain(`${verdict.rows}:${verdict.head}`);
    expect((await holdpoint('audit', 'verify', '--noted', `${verdict.rows}:${verdict.head}`)).code).toBe(0);
  });

  it('changed, missing or rewritten row, or another file → reported', async () => {
    const { holdpoint } = await commands(settings);
    const lines = readFileSync(await exported(), 'utf8')
      .trimEnd()
      .split('\n');
    const file = join(folder, 'forged.jsonl');
    const verify = async (rows: readonly string[], ...words: string[]) => {
      writeFileSync(file, `${rows.join('\n')}\n`);
      const { out, err, code } = await holdpoint('audit', 'verify', '--file', file, ...words);
      return [code, out + err];
    };
    expect(await verify(lines.with(1, lines[1]!.replace('"actor":"system"', '"actor":"eve"')))).toEqual([
      1,
      expect.stringContaining('broken at row 2: The row was changed'),
    ]);
    expect(await verify(lines.toSpliced(1, 1))).toEqual([
      1,
      expect.stringContaining('A row is missing: 3 comes after 1'),
    ]);
    expect(await verify(lines, '--noted', `2:${'0'.repeat(64)}`)).toEqual([
      1,
      expect.stringContaining('differs from the noted row'),
    ]);
    expect(await verify(lines.slice(0, 2), '--noted', `9:${'0'.repeat(64)}`)).toEqual([
      1,
      expect.stringContaining('rewritten or cut since'),
    ]);
    expect(await verify(['{}'])).toEqual([1, expect.stringContaining('Line 1 is not an audit row')]);
    expect(await verify(lines, '--noted', 'nonsense')).toEqual([2, expect.stringContaining('--noted must be')]);
    expect((await holdpoint('audit', 'verify', '--file', join(folder, 'none'))).err).toContain("can't be read");
  });

  it('unlinked entries at the end of a file → counted; before a linked row → reported', async () => {
    const { holdpoint } = await commands(settings);
    const lines = readFileSync(await exported(), 'utf8')
      .trimEnd()
      .split('\n');
    const file = join(folder, 'unlinked.jsonl');
    const unlinked = JSON.stringify({
      ...(JSON.parse(lines[0]!) as object),
      sequence: null,
      previousHash: null,
      hash: null,
    });
    const verify = async (rows: readonly string[]) => {
      writeFileSync(file, `${rows.join('\n')}\n`);
      const { out, err, code } = await holdpoint('audit', 'verify', '--file', file);
      return [code, out + err];
    };
    expect(await verify([...lines, unlinked])).toEqual([
      0,
      expect.stringMatching(/^The audit is intact: \d+ rows\. 1 newer entry is not linked to them yet\.\n/),
    ]);
    expect(await verify([...lines, unlinked, unlinked])).toEqual([0, expect.stringContaining('2 newer entries are')]);
    expect(await verify([unlinked, ...lines])).toEqual([
      1,
      expect.stringContaining('Line 2 is a linked row after one that is not linked.'),
    ]);
  });

  it('export → CSV in a file or on standard output', async () => {
    const { holdpoint } = await commands(settings);
    const csv = readFileSync(await exported('--format', 'csv'), 'utf8');
    expect(csv).toMatch(/^sequence,at,actor,event,subject,facts,previousHash,hash\n1,/);
    expect((await holdpoint('audit', 'export', '--format', 'csv')).out.slice(0, 200)).toBe(csv.slice(0, 200));
    expect((await holdpoint('audit', 'export', '--output', join(folder, 'no', 'such', 'folder'))).err).toContain(
      "can't be written",
    );
  });

  it('output closed early → ends quietly', async () => {
    const child = spawn(
      process.execPath,
      ['--conditions=holdpoint-source', fileURLToPath(new URL('../../src/cli.ts', import.meta.url)), 'audit', 'export'],
      {
        env: {
          PATH: process.env['PATH'],
          CHEQPOINT_BASE_URL: server.url,
          HOLDPOINT_REVIEWER_TOKEN: settings.reviewerToken,
        },
      },
    );
    const closed = once(child, 'close');
    child.stdout.destroy();
    expect([await text(child.stderr), (await closed)[0]]).toEqual(['', 0]);
  });
});
