import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';
import { historyFile, historyNames, readHistory } from './read-histories.ts';

Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
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
