import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import type { StackFacts } from '../../src/embedded/running-stack.ts';
import type { Run } from '../../src/schemas/rest.ts';
import { until } from '../support/until.ts';

/** A typical user project: enums, imports without extension, an alias of tsconfig.json, no "type" in package.json. */
const files: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'fresh-project', private: true }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2024',
      module: 'preserve',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
      paths: { '@tools/*': ['./src/tools/*'] },
    },
    include: ['*.ts', 'src'],
  }),
  'src/currency.ts': "export enum Currency {\n  Euro = 'EUR',\n  Dollar = 'USD',\n}\n",
  'src/tools/refund.ts': `import { appendFileSync } from 'node:fs';
import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { Currency } from '../currency';

export const refund = defineTool({
  name: 'refund',
  description: 'Give money back.',
  parameters: z.object({ amount: z.number(), currency: z.enum(Currency) }),
  effect: 'at-most-once',
  review: { when: ({ amount, currency }) => amount > 10 || currency !== Currency.Euro, risk: 'high' },
  execute: ({ amount, currency }) => {
    appendFileSync(process.env['REFUNDS'] as string, \`\${amount} \${currency}\\n\`);
    return { refunded: amount };
  },
});
`,
  'holdpoint.config.ts': `import { defineAssistant, defineConfig } from 'holdpoint';
import { refund } from '@tools/refund';

export default defineConfig({ assistants: [defineAssistant({ name: 'billing', model: 'gpt-5', instructions: 'Be fair.', tools: [refund] })] });
`,
  'refund.test.mjs': `import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defineTool } from 'holdpoint';
import { replayAll, testTool } from 'holdpoint/testing';
import { z } from 'zod';

const tool = defineTool({
  name: 'refund',
  description: 'Give money back.',
  parameters: z.object({ amount: z.number() }),
  effect: 'idempotent',
  review: { when: ({ amount }) => amount > 10 },
  execute: ({ amount }) => ({ refunded: amount }),
});
it('tool', async () => {
  assert.equal((await testTool(tool).review({ amount: 20 })).reviewed, true);
  assert.deepEqual((await testTool(tool).call({ amount: 5 })).result, { refunded: 5 });
});
it('replay', async () => assert.equal((await replayAll('histories')).length, 1));
`,
  'src/refund-types.ts': `import { testTool } from 'holdpoint/testing';
import { refund } from '@tools/refund';
import { Currency } from './currency';

export const typed = () => testTool(refund).call({ amount: 1, currency: Currency.Euro }).then(({ result }) => result.refunded);
// @ts-expect-error -- The argument is called amount.
export const misspelled = () => testTool(refund).call({ amuont: 1, currency: Currency.Euro });
`,
  'start.ts': `import { createClient } from 'holdpoint/client';

const [url, apiKey, input] = process.argv.slice(2) as [string, string, string];
const run = await createClient({ url, apiKey }).runs.create({ assistant: 'billing', input, id: 'by-client' });
console.log(await run.result());
`,
  // A CommonJS project: no "type" in its package.json.
  'api/tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'node16', lib: ['es2022', 'dom'], types: [], strict: true, noEmit: true },
    include: ['client.ts'],
  }),
  'api/client.ts': `import { createClient, type Run } from 'holdpoint/client';

export const get = (id: string): Promise<Run> => createClient({ url: 'http://gateway', apiKey: 'key' }).runs.get(id);
`,
};

const run = promisify(execFile);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-packed-')));
const project = join(folder, 'project');
const refunds = join(folder, 'refunds');
let environment: Record<string, string>;
let tarball: string;
let dev: ChildProcess;
let facts: StackFacts;

beforeAll(async () => {
  const user = environmentWithoutOurs(processEnvironment());
  // Without our own Node: the project brings one, as the launcher asks for where the machine's is too old.
  const path = (user['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.includes('node_modules'))
    .join(delimiter);
  environment = { ...user, PATH: path, REFUNDS: refunds, NO_COLOR: '1' };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  appendFileSync(refunds, '');
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: environment,
    maxBuffer: 50_000_000,
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
  tarball = join(folder, packed.filename);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, 'zod@4'], {
    cwd: project,
    env: environment,
    maxBuffer: 50_000_000,
  });
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
}, 400_000);
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

  it('licences: the tarball has those of the bundled packages', async () => {
    const { stdout } = await run(
      'tar',
      ['-xzOf', tarball, `package/dist/packages/review-server/dist/inbox/third-party-licences.md`],
      {
        maxBuffer: 10_000_000,
      },
    );
    for (const bundled of ['react-dom', 'react-aria-components', '@fontsource-variable/inter'])
      expect(stdout).toContain(`## ${bundled} - `);
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

  it('testing kit: a test of a tool and a replay of an exported run pass under node:test', async () => {
    mkdirSync(join(project, 'histories'));
    writeFileSync(join(project, 'histories', 'by-curl.json'), await holdpoint('runs', 'history', 'by-curl'));
    const { stdout } = await run(process.execPath, ['--test', 'refund.test.mjs'], { cwd: project, env: environment });
    expect(stdout).toMatch(/pass 2\n.*fail 0\n/s);
  });

  it('tool: ran the two approved calls, as approved, and no other', () => {
    expect(readFileSync(refunds, 'utf8')).toBe('20 EUR\n25 USD\n');
  });
});
