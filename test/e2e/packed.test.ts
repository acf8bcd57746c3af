import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackFacts } from '../../src/embedded/running-stack.ts';
import type { Run } from '../../src/schemas/rest.ts';
import { packedTarball, userEnvironment } from '../support/packed.ts';
import { temporalProgram } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { freshProject, ownWorkerProject } from './packed-projects.ts';

const run = promisify(execFile);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-packed-')));
const project = join(folder, 'project');
const ownWorker = join(project, 'own-worker');
const refunds = join(folder, 'refunds');
const caches = join(folder, 'caches');
let environment: Record<string, string>;
let tarball: string;
let dev: ChildProcess;
let facts: StackFacts;

beforeAll(async () => {
  // The tests' own folder for compiled code takes precedence over the user's cache.
  const { NODE_COMPILE_CACHE: _ours, ...user } = userEnvironment();
  environment = {
    ...user,
    REFUNDS: refunds,
    XDG_CACHE_HOME: caches,
    HOLDPOINT_TEMPORAL_CLI: await temporalProgram(),
  };
  const ownWorkerFiles = Object.entries(ownWorkerProject).map(([path, text]) => [`own-worker/${path}`, text] as const);
  for (const [path, text] of [...Object.entries(freshProject), ...ownWorkerFiles]) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  appendFileSync(refunds, '');
  tarball = await packedTarball('holdpoint', folder);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, 'zod@4'], {
    cwd: project,
    env: environment,
    maxBuffer: 50_000_000,
  });
  // npm makes one tree of the folder above and this one unless each has a package.json.
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, 'zod@4', '@temporalio/worker@1.24.0'],
    { cwd: ownWorker, env: environment, maxBuffer: 50_000_000 },
  );
  // The `node` package, which `npm install node@24` would fetch once more.
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/node', import.meta.url)),
    join(project, 'node_modules', 'node'),
  );
  dev = spawn('npx', ['holdpoint', 'dev', '--json', '--ephemeral', '--port-base', '25000'], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  dev.stderr!.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const first = await Promise.race([
    once(createInterface({ input: dev.stdout! }), 'line').then(([line]) => line as string),
    once(dev, 'exit').then(() => undefined),
  ]);
  if (first === undefined) throw new Error(`holdpoint dev did not come up:\n${said.join('')}`);
  facts = JSON.parse(first) as StackFacts;
  environment['HOLDPOINT_DATA_DIR'] = facts.dataDir;
}, 1_200_000);
afterAll(async () => {
  if (dev?.exitCode === null) {
    const exited = once(dev, 'exit');
    dev.kill('SIGTERM');
    await exited;
  }
  await until(
    'every process of the project is gone',
    async () => !(await run('ps', ['-eo', 'args='])).stdout.includes(folder),
    60_000,
  );
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const holdpoint = async (...args: string[]) =>
  (await run('npx', ['holdpoint', ...args], { cwd: project, env: environment })).stdout;
const approvalOf = (runId: string) =>
  until(
    `${runId} waits`,
    async () =>
      (JSON.parse(await holdpoint('runs', 'show', runId, '--json')) as Run).detail?.calls.find(
        ({ state }) => state === 'waiting',
      )?.approval?.id ?? undefined,
    60_000,
  );
const ended = (runId: string) =>
  until(
    `${runId} ends`,
    async () => {
      const shown = JSON.parse(await holdpoint('runs', 'show', runId, '--json')) as Run;
      return shown.closedAt === null ? undefined : shown;
    },
    60_000,
  );

describe('packed package, installed into a fresh project', { timeout: 180_000 }, () => {
  it.each([
    ['a strict project', '.'],
    ['a CommonJS project that uses the client', 'api'],
    ['a project with its own Worker', 'own-worker'],
  ])('types: %s compiles', async (_what, path) => {
    const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
    await expect(
      run(process.execPath, [tsc, '--project', path], { cwd: project }).catch(
        (error: unknown) => (error as { stdout: string }).stdout,
      ),
    ).resolves.toMatchObject({ stdout: '' });
  });

  it('client: require and import give the same names', async () => {
    const names = async (type: string, program: string) =>
      (await run(process.execPath, [`--input-type=${type}`, '--eval', program], { cwd: project })).stdout;
    const required = await names('commonjs', "console.log(Object.keys(require('holdpoint/client')).sort())");
    expect(required).toContain('createClient');
    expect(await names('module', "console.log(Object.keys(await import('holdpoint/client')).sort())")).toBe(required);
  });

  it('publint and arethetypeswrong: no problem', async () => {
    const program = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
    const typesWrong = (...args: string[]) =>
      run(process.execPath, [program('@arethetypeswrong/cli/dist/index.js'), tarball, '--format', 'ascii', ...args]);
    const said = await Promise.all([
      run(process.execPath, [program('publint/src/cli.js'), 'run', tarball, '--strict']),
      typesWrong('--profile', 'esm-only', '--exclude-entrypoints', './client'),
      typesWrong('--profile', 'node16', '--entrypoints', './client'),
    ]).catch((error: unknown) => (error as { stdout: string }).stdout);
    expect(said).toEqual([expect.anything(), expect.anything(), expect.anything()]);
  });

  it.each([
    [
      'the inbox',
      'packages/review-server/dist/inbox',
      ['react-dom', 'react-aria-components', '@fontsource-variable/inter'],
    ],
    ['the programs', 'programs', ['hono', 'kysely', 'zod', 'openai', 'commander', '@simplewebauthn/server']],
  ])('licences: the tarball has those of the packages that are joined in %s', async (_what, path, joined) => {
    const { stdout } = await run('tar', ['-xzOf', tarball, `package/dist/${path}/third-party-licences.md`], {
      maxBuffer: 10_000_000,
    });
    for (const name of joined) expect(stdout).toContain(`## ${name} - `);
  });

  it('run started by the client, approved by the command: its answer reaches the client', async () => {
    const result = run(
      process.execPath,
      ['start.ts', facts.gateway.url, facts.gateway.apiKey, 'call refund {"amount": 20, "currency": "EUR"}'],
      { cwd: project, env: environment },
    );
    await until('the run is there', async () => (await holdpoint('runs', 'list')).includes('by-client'));
    await holdpoint('approvals', 'approve', await approvalOf('by-client'));
    expect((await result).stdout).toContain('{"refunded":20}');
  });

  it('run started by curl, edited by the command: completed with the edit', async () => {
    const body = JSON.stringify({
      assistant: 'billing',
      id: 'by-curl',
      input: 'call refund {"amount": 30, "currency": "USD"}',
    });
    const { stdout } = await run('curl', [
      '--silent',
      '--fail-with-body',
      '--header',
      `authorization: Bearer ${facts.gateway.apiKey}`,
      '--json',
      body,
      `${facts.gateway.url}/v1/runs`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'by-curl', assistant: 'billing' });
    await holdpoint('approvals', 'edit', await approvalOf('by-curl'), 'amount=25');
    expect(await ended('by-curl')).toMatchObject({
      state: 'completed',
      output: expect.stringContaining('amount 30 → 25') as string,
    });
  });

  it('detached run started by the command, rejected by the command: completed with the note', async () => {
    const id = (
      await holdpoint(
        'run',
        'call refund {"amount": 40, "currency": "USD"}',
        '--assistant',
        'billing',
        '--detach',
        '--id',
        'by-command',
      )
    ).trim();
    expect(id).toContain('by-command');
    await holdpoint('approvals', 'reject', await approvalOf('by-command'), '--note', 'Too much.');
    expect(await ended('by-command')).toMatchObject({
      state: 'completed',
      output: expect.stringContaining('Too much.') as string,
    });
  });

  it.each([
    ['none, so that npm installs the newest', project],
    ['1.24.0, the oldest', ownWorker],
  ])("peers: project that names of Temporal's packages %s → one copy of each", async (_what, cwd) => {
    const { stdout } = await run('npm', ['ls', '--all', '--parseable', '--long'], { cwd, env: environment });
    const copies = stdout.match(/[^/]@temporalio\/(worker|client|activity|workflow|common|proto)@1\.\d+\.\d+/g) ?? [];
    expect(copies.length).toBeGreaterThan(5);
    expect(new Set(copies).size).toBe(6);
  });

  it('peers: project with an older version → npm refuses and names the range', async () => {
    const older = join(folder, 'older');
    mkdirSync(older);
    writeFileSync(join(older, 'package.json'), '{"private":true}');
    const args = ['install', '--dry-run', '--prefer-offline', tarball, '@temporalio/worker@1.23.0'];
    await expect(run('npm', args, { cwd: older, env: environment })).rejects.toMatchObject({
      stderr: expect.stringMatching(/ERESOLVE[\s\S]*>=1\.24\.0 <2/) as string,
    });
  });

  it.each(['worker', 'gateway'])(
    "peers: another version of one of Temporal's packages → holdpoint %s loads none of them and ends with the version and the remedy",
    async (command) => {
      const client = join(ownWorker, 'node_modules', '@temporalio', 'client');
      const before = ['package.json', 'lib/index.js'].map((name) => [name, readFileSync(join(client, name), 'utf8')]);
      const [manifest, main] = before.map(([, text]) => text!);
      writeFileSync(
        join(client, 'package.json'),
        JSON.stringify({ ...(JSON.parse(manifest!) as object), version: '1.23.0' }),
      );
      writeFileSync(join(client, 'lib/index.js'), `throw new Error('loaded before the check');\n${main}`);
      const ended = await run(join('node_modules', '.bin', 'holdpoint'), [command], {
        cwd: ownWorker,
        env: environment,
      }).catch((error: unknown) => error);
      for (const [name, text] of before) writeFileSync(join(client, name!), text!);
      expect(ended).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^Holdpoint needs version 1\.24 or newer, below 2, of Temporal's packages\. @temporalio\/client is 1\.23\.0, in .*own-worker\/node_modules\/@temporalio\/client\. Run: npm install .*\n$/,
        ) as string,
      });
    },
  );

  it('own Worker with the plugin, a Workflow and a codec: a run as its child, approved by the command, is listed and ends', async () => {
    const places = {
      address: facts.temporal.address,
      connectionKey: facts.reviewServer.connectionKey,
      reviewUrl: facts.reviewServer.url,
      openaiUrl: facts.openai.baseURL,
      openaiKey: facts.gateway.apiKey,
      databaseUrl: `sqlite://${join(folder, 'own-worker.db')}`,
      secret: 'a secret of the own worker, 32 characters',
    };
    const own = spawn(process.execPath, ['main.ts', JSON.stringify(places)], {
      cwd: ownWorker,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: own.stdout })[Symbol.asyncIterator]();
    const approval = (await lines.next()).value as string;
    expect(await holdpoint('runs', 'list')).toMatch(/by-workflow.*billing/);
    await holdpoint('approvals', 'approve', approval);
    expect((await lines.next()).value).toContain('{"REFUNDED":20}');
    await once(own, 'close');
    const history = await holdpoint('runs', 'history', 'by-workflow');
    expect(history).not.toContain(Buffer.from('call refund').toString('base64'));
  });

  it('testing kit: a test of a tool and a replay of an exported run pass under node:test', async () => {
    mkdirSync(join(project, 'histories'));
    writeFileSync(join(project, 'histories', 'by-curl.json'), await holdpoint('runs', 'history', 'by-curl'));
    const { stdout } = await run(process.execPath, ['--test', 'refund.test.mjs'], { cwd: project, env: environment });
    expect(stdout).toMatch(/pass 2\n.*fail 0\n/s);
  });

  it("compiled code: in the user's cache, for this user only, also that of the stack's processes", () => {
    const compiled = join(caches, 'holdpoint', 'compile-cache');
    expect((statSync(compiled).mode & 0o777).toString(8)).toBe('700');
    const names = readdirSync(compiled, { recursive: true, withFileTypes: true });
    expect(names.filter((each) => each.isFile()).length).toBeGreaterThan(10);
    expect(existsSync(join(facts.dataDir, 'compile-cache'))).toBe(false);
  });

  it('tools: ran the three approved calls, as approved, and no other', () => {
    expect(readFileSync(refunds, 'utf8')).toBe('20 EUR\n25 USD\n20 by own worker\n');
  });
});
