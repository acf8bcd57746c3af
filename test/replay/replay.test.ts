import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { replayHistory } from '../../src/testing/replay.ts';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';
import { newKey, oldKey, otherValueOf } from '../support/payload-keys.ts';
import { historyFile, historyNames, readHistory } from './read-histories.ts';

const logged: string[] = [];
Runtime.install({
  logger: new DefaultLogger('ERROR', ({ message }) => void logged.push(message)),
  shutdownSignals: [],
});
const names = await historyNames();
let bundle: Awaited<ReturnType<typeof workflowBundle>>;
let folder: string;
beforeAll(async () => {
  bundle = await workflowBundle();
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

const replay = async (name: string) =>
  Worker.runReplayHistory({ workflowBundle: bundle }, await readHistory(name), name);
const cli = async (...files: string[]) => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=holdpoint-source', join(root, 'src/cli.ts'), 'replay', ...files],
      { cwd: folder },
    );
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
};

describe('recorded histories', () => {
  it('every kind of decision → has a history', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'approved',
        'assistants-approved-after-expiry',
        'assistants-deadline-passed',
        'assistants-edited',
        'assistants-killed-worker',
        'assistants-parallel-mixed',
        'assistants-rate-limited',
        'assistants-rejected',
        'assistants-retired',
        'asked-approved',
        'asked-cancelled',
        'asked-expired',
        'cancelled',
        'continue-as-new-1',
        'continue-as-new-2',
        'continued',
        'decided-at-once',
        'early-news',
        'edited',
        'expired',
        'killed-worker',
        'message-queued',
        'message-superseded',
        'parallel-mixed',
        'quota-parked',
        'rejected',
        'requested-after-an-outage',
        'requested-locally',
        'still-waiting',
        'unknown-outcome',
      ]),
    );
  });

  it.each(names)('%s → replays', async (name) => {
    await expect(replay(name)).resolves.toBeUndefined();
  });

  it('machine names → none', async () => {
    for (const name of names)
      expect(await readFile(historyFile(name), 'utf8')).not.toMatch(/node_modules|"identity": "\d+@|file:\/\//);
  });
});

describe('replayHistory', () => {
  it('run whose decision was read early → no error is logged', async () => {
    logged.length = 0;
    expect(await replayHistory(fileURLToPath(historyFile('approved')))).toMatchObject({ ok: true });
    expect(logged).toEqual([]);
  });
});

describe('recorded histories with encrypted values', () => {
  const encrypted = ['approved', 'edited', 'rejected', 'still-waiting'].map((name) => `encrypted/${name}`);
  const fileOf = (name: string) => fileURLToPath(historyFile(name));

  it('with the key → replay, beside a plain one', async () => {
    const results = await Promise.all(
      [...encrypted, 'approved'].map((name) => replayHistory(fileOf(name), { encryption: { keys: [newKey, oldKey] } })),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
  });

  it.each([
    ['without keys', undefined, 'default', 'this process has no payload keys'],
    ['with another key', newKey, 'default', 'it has "new"'],
    ['with another value of the key', otherValueOf(oldKey), 'default', 'does not open it'],
    ['in another namespace', oldKey, 'elsewhere', 'another namespace than "elsewhere"'],
  ])('%s → says so, and names no event', async (_what, key, namespace, says) => {
    const encryption = key && { keys: [key] };
    const mismatch = await replayHistory(fileOf('encrypted/approved'), { encryption, namespace }).catch(
      (error: unknown) => error,
    );
    expect(mismatch).toMatchObject({ results: [{ ok: false, event: null, problem: expect.stringContaining(says) }] });
  });

  it('words of the run → none in clear', async () => {
    for (const name of encrypted)
      expect(await readFile(historyFile(name), 'latin1')).not.toMatch(/customers|Y3VzdG9tZXJz/);
  });

  it('holdpoint replay with HOLDPOINT_PAYLOAD_KEYS → replays; without → names the key', async () => {
    const file = fileOf('encrypted/edited');
    const without = await cli(file);
    expect([without.code, without.stdout]).toEqual([1, expect.stringContaining('payload key "old"')]);
    vi.stubEnv('HOLDPOINT_PAYLOAD_KEYS', `${oldKey.id}:${oldKey.key}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await cli(file)).code).toBe(0);
  });
});

describe('holdpoint replay', () => {
  it('exported files → replayed', async () => {
    const { code, stdout } = await cli(
      fileURLToPath(historyFile('approved')),
      fileURLToPath(historyFile('still-waiting')),
    );
    expect(stdout).toMatch(/✓ .*approved\.json: \d+ events\n✓ .*still-waiting\.json: \d+ events/);
    expect(code).toBe(0);
  });

  it('changed code → names the file and the event', async () => {
    const text = await readFile(historyFile('approved'), 'utf8');
    const changed = join(folder, 'changed.json');
    await writeFile(changed, text.replace('"name": "requestApproval"', '"name": "somethingElse"'));
    const { code, stdout } = await cli(changed);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ .*changed\.json, event \d+ \(EVENT_TYPE_ACTIVITY_TASK_SCHEDULED\): .*TMPRL1100/s);
    expect(stdout).toContain('requestApproval');
  });
});
