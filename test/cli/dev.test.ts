import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createClient } from '../../src/client.ts';
import type { StackFacts } from '../../src/embedded/running-stack.ts';
import { createReviewServer } from '@holdpoint/review-server';
import { startOpenAIStandIn } from '@holdpoint/openai-stand-in';
import { holdpoint, startHoldpoint, type Command } from '../support/holdpoint-command.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-dev-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));
const onThreads = fileURLToPath(new URL('../../demo/assistants.config.ts', import.meta.url));
const patience = { timeout: 90_000, interval: 100 };

/** All processes that came from this one, and theirs. */
function descendants(pid: number): number[] {
  const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function ready(command: Command): Promise<StackFacts> {
  await vi.waitUntil(() => command.stdout().includes('\n') || command.process.exitCode !== null, patience);
  return JSON.parse(command.stdout()) as StackFacts;
}

describe('holdpoint dev', { timeout: 180_000 }, () => {
  it('--json → one line when ready; runs complete; SIGTERM → ends cleanly', async () => {
    const dataDir = mkdtempSync(join(root, 'data-'));
    const command = startHoldpoint([
      'dev',
      '--json',
      '--config',
      config,
      '--data-dir',
      dataDir,
      '--port-base',
      '21000',
    ]);
    const facts = await ready(command);
    expect(command.stdout().split('\n')).toHaveLength(2);
    expect(facts).toEqual({
      temporal: { address: expect.stringMatching(/^127/), namespace: 'default', ui: expect.stringMatching(/^http/) },
      gateway: { url: expect.stringMatching(/^http/), apiKey: expect.any(String) },
      reviewServer: {
        url: expect.stringMatching(/^http/),
        connectionKey: expect.any(String),
        inbox: expect.stringMatching(/^http/),
        reviewerToken: expect.any(String),
      },
      openai: { baseURL: expect.stringMatching(/\/v1$/), standIn: true },
      worker: { taskQueue: 'holdpoint' },
      dataDir,
    });
    const run = await createClient(facts.gateway).runs.create({
      assistant: 'comms',
      input: 'call count_recipients {"template": "x"}',
    });
    expect(await run.result()).toContain('"recipients":500');

    const processes = descendants(command.process.pid as number);
    expect(processes.length).toBeGreaterThanOrEqual(5);
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    // The guardian of Temporal notices only now that it is not needed any more.
    await vi.waitUntil(() => !processes.some(alive), patience);
    expect(existsSync(join(dataDir, 'running.json'))).toBe(false);
  });

  it('SIGKILL → no process left', async () => {
    const dataDir = mkdtempSync(join(root, 'data-'));
    const command = startHoldpoint([
      'dev',
      '--json',
      '--config',
      config,
      '--data-dir',
      dataDir,
      '--port-base',
      '22000',
    ]);
    await ready(command);
    const processes = descendants(command.process.pid as number);
    expect(processes.every(alive)).toBe(true);
    command.process.kill('SIGKILL');
    await vi.waitUntil(() => !processes.some(alive), patience);
  });

  it('keys of other programs in the shell → local stand-ins, named in the output', async () => {
    const command = startHoldpoint(['dev', '--ephemeral', '--config', config, '--port-base', '23000'], {
      environment: { NO_COLOR: '1' },
    });
    await vi.waitUntil(() => command.stdout().includes('Ctrl-C') || command.process.exitCode !== null, patience);
    expect(command.stdout()).toMatch(/Model .*stand-in; OPENAI_API_KEY sets a real one/);
    expect(command.stdout()).toMatch(/Cheqpoint .*local; connectionKey/);
    expect(command.stdout()).toMatch(/http:\/\/localhost:\d+\/login\?token=\S+/);
    const dataDir = /State +(\S+)/.exec(command.stdout())?.[1] as string;
    expect(existsSync(dataDir)).toBe(true);
    // It prints that it stops, after its output was closed.
    command.process.stdout!.destroy();
    command.process.stderr!.destroy();
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('the holdpoint command', () => {
  it.each([
    [['dve'], "unknown command 'dve'\n(Did you mean dev?)"],
    [['dev', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['dev', '--port-base', 'many'], 'It must be a number from 1024 to 65000.'],
    [['dev', '--ephemeral', '--data-dir', 'x', '--config', config], '--ephemeral and --data-dir exclude each other.'],
    [['dev', '--config', 'nowhere.ts'], 'nowhere.ts. Make one with: npx holdpoint init.'],
    [['replay'], "missing required argument 'file'"],
    [['replay', 'package.json'], "package.json can't be read as JSON"],
    [['--env', 'nowhere', 'dev'], "--env nowhere can't be read"],
    [['worker'], 'HOLDPOINT_DATABASE_URL is not set'],
  ])('%j → error with the cause, exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await holdpoint(args, { cwd: root });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('--version, --help → standard output', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await holdpoint(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const { code, stdout } = await holdpoint(['--help']);
    expect(code).toBe(0);
    for (const name of [
      'dev',
      'run',
      'runs',
      'approvals',
      'replay',
      'doctor',
      'init',
      'worker',
      'gateway',
      'review-server',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('--env FILE → its variables are read', async () => {
    const { stderr } = await holdpoint([
      '--env',
      fileURLToPath(new URL('../fixtures/misspelled.env', import.meta.url)),
      'worker',
    ]);
    expect(stderr).toContain('HOLDPOINT_SECRT is unknown. Did you mean HOLDPOINT_SECRET?');
  });
});

describe('holdpoint init', () => {
  it('folder with a README.md → a project that loads, and the next steps; a second time → an error, nothing changed', async () => {
    const folder = mkdtempSync(join(root, 'init-'));
    writeFileSync(join(folder, 'README.md'), 'Ours.');
    const { code, stdout } = await holdpoint(['init', '--example', 'email-blast'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Next:\n {2}npm install\n {2}npm test .*\n {2}npx holdpoint dev /);
    expect(existsSync(join(folder, 'tools/send-email-blast.ts'))).toBe(true);
    const again = await holdpoint(['init', '--example', 'email-blast'], { cwd: folder });
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/already has .*holdpoint\.config\.ts.*\. Nothing was written\./);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('Ours.');
  });

  it('--example with an unknown name → an error that names the examples', async () => {
    const { code, stderr } = await holdpoint(['init', '--example', 'refunds'], {
      cwd: mkdtempSync(join(root, 'init-')),
    });
    expect(stderr).toContain('There is no example "refunds". The examples are: email-blast, refund.');
    expect(code).toBe(2);
  });
});

describe('holdpoint replay', () => {
  const recorded = fileURLToPath(new URL('../replay/histories/approved.json', import.meta.url));

  it('recorded history → replays', async () => {
    const { code, stdout } = await holdpoint(['replay', recorded]);
    expect(stdout).toMatch(/^✓ .*approved\.json: \d+ events\n$/);
    expect(code).toBe(0);
  });

  it('incompatible history → error with file and event', async () => {
    const changed = join(root, 'changed.json');
    const history = JSON.parse(readFileSync(recorded, 'utf8')) as {
      events: Array<{ eventId: string; activityTaskScheduledEventAttributes?: { activityType: { name: string } } }>;
    };
    const second = history.events.filter((event) => event.activityTaskScheduledEventAttributes)[1]!;
    second.activityTaskScheduledEventAttributes!.activityType.name = 'somethingElse';
    writeFileSync(changed, JSON.stringify(history));
    const { code, stdout } = await holdpoint(['replay', '--json', recorded, changed]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      histories: [
        { file: recorded, ok: true, events: history.events.length, problem: null, event: null },
        {
          file: changed,
          ok: false,
          events: history.events.length,
          problem: expect.stringMatching(/^\[TMPRL1100\] .*somethingElse/),
          event: { id: Number(second.eventId), type: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED' },
        },
      ],
    });
  });
});

describe('holdpoint doctor', () => {
  it('nothing set → passes, names the parts that dev uses', async () => {
    const { code, stdout } = await holdpoint(['doctor', '--json', '--config', config]);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Array<{ name: string; state: string }> };
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ name, state }) => `${name}: ${state}`)).toEqual(
      expect.arrayContaining([
        'Settings: ok',
        'Your config: ok',
        'Database: skipped',
        'Cheqpoint: skipped',
        'OpenAI: skipped',
      ]),
    );
  });

  it('everything broken → each problem with its remedy, no key in the output', async () => {
    const environment = {
      OPENAI_API_KEY: 'canary-openai',
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      CHEQPOINT_CONNECTION_KEY: 'canary-cheqpoint',
      CHEQPOINT_BASE_URL: 'http://127.0.0.1:9',
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      HOLDPOINT_PUBLIC_URL: 'http://127.0.0.1:9',
      HOLDPOINT_DATABASE_URL: 'postgres://user:canary-database@127.0.0.1:9/x',
    };
    const { code, stdout, stderr } = await holdpoint(['doctor', '--config', config], { environment });
    expect(code).toBe(1);
    for (const name of ['Temporal', 'Database', 'Cheqpoint', 'OpenAI', 'Public URL'])
      expect(stdout).toMatch(new RegExp(`✗ │ ${name} `));
    expect(stdout).toContain('→ Check OPENAI_BASE_URL and the network.');
    expect(stdout + stderr).not.toContain('canary');
  });

  it('clock of the review service is an hour ahead → passes, and says to set both clocks', async () => {
    const key = 'cq_live_doctor0123456789';
    const review = await createReviewServer({
      databaseUrl: 'sqlite::memory:',
      connectionKeys: [{ assistant: 'tester', key }],
      reviewers: [{ name: 'rita', password: 'a good password' }],
      sessionSecret: 'a secret of the tests with more than 32 characters',
      port: 0,
      callbackHosts: 'any',
      clock: () => new Date(Date.now() + 3_600_000),
    });
    onTestFinished(() => review.close());
    const environment = { CHEQPOINT_CONNECTION_KEY: key, CHEQPOINT_BASE_URL: review.url };
    const { code, stdout } = await holdpoint(['doctor', '--json', '--config', config], { environment });
    const { checks } = JSON.parse(stdout) as { checks: Array<{ name: string }> };
    expect(code).toBe(0);
    expect(checks.find(({ name }) => name === 'Cheqpoint')).toMatchObject({
      state: 'ok',
      todo: 'The clock of the review service is 60 min ahead of the clock of this machine. Set both by a time server (NTP).',
    });
  });

  it('config needs the Assistants API, server lacks it → reported', async () => {
    const standIn = await startOpenAIStandIn({});
    onTestFinished(() => standIn.close());
    const check = async (): Promise<unknown> => {
      const { stdout } = await holdpoint(['doctor', '--json', '--config', onThreads], {
        environment: { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: standIn.url },
      });
      return (JSON.parse(stdout) as { checks: Array<{ name: string }> }).checks.find(({ name }) => name === 'OpenAI');
    };
    expect(await check()).toMatchObject({ state: 'ok' });
    standIn.control.retireAssistants();
    expect(await check()).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('has no Assistants API, which the config needs (comms)') as string,
      todo: expect.stringContaining("Write api: 'responses'") as string,
    });
  });
});
