import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startCallbackReceiver } from '../../packages/review-server/test/callback-receiver.ts';
import { CheqpointClient } from '../../src/cheqpoint.ts';
import { createClient } from '../../src/client.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { startDevStack, type DevStack, type DevStackOptions } from '../../src/embedded/dev-stack.ts';
import { StartFailed } from '../../src/embedded/node-process.ts';
import { readRunningStack } from '../../src/embedded/running-stack.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-dev-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const patience = { timeout: 60_000, interval: 100 };

/** The example as a separate project outside the repository. */
function project(): string {
  const folder = mkdtempSync(join(root, 'project-'));
  cpSync(fileURLToPath(new URL('../../examples/email-blast/', import.meta.url)), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('../../node_modules/zod', import.meta.url)), join(folder, 'node_modules/zod'));
  return folder;
}

/** The tests' folder for compiled code, which is filled from other runs. */
const compiled = processEnvironment()['NODE_COMPILE_CACHE'] ?? join(root, 'compiled');
const options = (folder: string, log: (line: string) => void = () => {}): DevStackOptions => ({
  configFile: join(folder, 'holdpoint.config.ts'),
  dataDir: join(folder, '.holdpoint'),
  environment: { ...processEnvironment(), NODE_COMPILE_CACHE: compiled },
  portBase: 0,
  log,
});

describe('the dev stack', { timeout: 120_000 }, () => {
  const folder = project();
  const config = join(folder, 'holdpoint.config.ts');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(
      'assistants: [',
      `assistants: [
    defineAssistant({ name: 'press', api: 'responses', model: 'gpt-5', instructions: 'Tell the press.', tools: [sendEmailBlast], connectionKey: 'cq_of_another_server' }),`,
    ),
  );
  const lines: string[] = [];
  let stack: DevStack;
  beforeAll(async () => {
    stack = await startDevStack(options(folder, (line) => lines.push(line)));
  }, 120_000);
  afterAll(() => stack.stop(), 60_000);

  const client = () => createClient(stack.facts.gateway);
  const approvals = (path = '', body?: object) =>
    fetch(`${stack.facts.reviewServer.url}/reviewer-api/approvals${path}`, {
      headers: {
        authorization: `Bearer ${stack.facts.reviewServer.reviewerToken}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });

  it('worker, Temporal and gateway killed during a run → the run completes', async () => {
    const run = await client().runs.create({ assistant: 'comms', input: 'Tell all customers about the downtime.' });
    const open = await vi.waitUntil(async () => {
      const list = (await (await approvals()).json()) as { approvals: Array<{ id: string; status: string }> };
      return list.approvals.find(({ status }) => status === 'PENDING');
    }, patience);
    for (const process of [stack.worker, stack.gateway, stack.reviewServer, stack.temporal]) {
      const before = process?.pid;
      const up = once(process!.events, 'up');
      process?.kill('SIGKILL');
      await up;
      expect(process?.pid).not.toBe(before);
    }
    expect((await approvals(`/${open.id}/decide`, { decision: 'approve' })).status).toBe(200);
    expect(await run.result()).toContain('The email blast was sent');
    expect(lines.filter((line) => line.includes('POST /blasts'))).toHaveLength(1);
    // The worker told the gateway that it requests decisions by local Activities.
    expect(JSON.stringify(await client().runs.history(run.id))).toContain('"markerName":"core_local_activity"');
  });

  it('assistant with a Connection Key of another server → its own key at the local review server', async () => {
    const run = await client().runs.create({ assistant: 'press', input: 'Tell all customers about the downtime.' });
    const [call] = await vi.waitUntil(async () => {
      const { state, detail } = await run.get();
      expect(state).not.toBe('parked');
      return state === 'waiting' ? detail?.calls : undefined;
    }, patience);
    expect(call).toMatchObject({ approval: { reviewUrl: expect.stringContaining(call?.approval?.id ?? 'no id') } });
    expect(call).not.toHaveProperty('unverified');
    expect((await approvals(`/${call?.approval?.id}/decide`, { decision: 'approve' })).status).toBe(200);
    await run.result();
  });

  it("the Cheqpoint guide's asynchronous form → a server on another port gets the decision", async () => {
    const receiver = await startCallbackReceiver();
    try {
      const { url: baseUrl, connectionKey } = stack.facts.reviewServer;
      const cheqpoint = new CheqpointClient({ connectionKey: connectionKey!, baseUrl });
      const { approvalId } = await cheqpoint.requestAsync({
        action: 'send_email_blast',
        summary: 'Send to 500.',
        details: { recipient_count: 500 },
        callbackUrl: `${receiver.url}/cheqpoint`,
      });
      const edit = { decision: 'approve', modifiedDetails: { recipient_count: 5 } };
      expect((await approvals(`/${approvalId}/decide`, edit)).status).toBe(200);
      const { path, text } = await vi.waitUntil(() => receiver.received[0], patience);
      expect([path, JSON.parse(text)]).toEqual([
        '/cheqpoint',
        expect.objectContaining({ approvalId, status: 'APPROVED', modifiedDetails: { recipient_count: 5 } }),
      ]);
      expect((await cheqpoint.getRequest(approvalId!)).status).toBe('APPROVED');
    } finally {
      await receiver.stop();
    }
  });

  it('generated keys → readable by this user only', () => {
    expect(statSync(join(folder, '.holdpoint/keys.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, '.holdpoint/running.json')).mode & 0o777).toBe(0o600);
    expect(readRunningStack(join(folder, '.holdpoint'))).toEqual(stack.facts);
  });

  it('NODE_COMPILE_CACHE is set → its processes keep compiled code there, and none in the data folder', () => {
    const names = readdirSync(compiled, { recursive: true }).map(String);
    expect(names.filter((name) => name.includes(`${basename(folder)}-holdpoint.config`))).toHaveLength(1);
    expect(existsSync(join(folder, '.holdpoint', 'compile-cache'))).toBe(false);
  });

  it('sign-in link → works once', async () => {
    const token = new URL(stack.signInUrl ?? '').searchParams.get('token') ?? '';
    const signIn = () =>
      fetch(new URL('/reviewer-api/session/link', stack.facts.reviewServer.url), {
        method: 'POST',
        headers: { origin: stack.facts.reviewServer.url, 'content-type': 'application/json' },
        body: JSON.stringify({ token, browser: true }),
      });
    expect((await signIn()).headers.get('set-cookie')).toContain('HttpOnly');
    expect((await signIn()).headers.get('set-cookie')).toBeNull();
  });

  it('second stack in the same folder → refused', async () => {
    await expect(startDevStack(options(folder))).rejects.toThrow(
      `Another Holdpoint stack uses ${join(folder, '.holdpoint')}. Stop it first`,
    );
  });

  it('changed tool → new worker; change that does not load → old worker stays', async () => {
    const mailer = join(folder, 'mailer.ts');
    const source = readFileSync(mailer, 'utf8');
    const first = stack.worker.pid;
    writeFileSync(mailer, `${source}\nthrow new Error('oops');`);
    const place = new RegExp(`oops\\n  at .*mailer\\.ts:${source.split('\n').length + 1}:`);
    await vi.waitUntil(() => lines.some((line) => place.test(line)), patience);
    expect(stack.worker.pid).toBe(first);
    writeFileSync(mailer, `${source}\nconsole.log('loaded anew');`);
    await vi.waitUntil(() => lines.includes('The new worker is up.'), patience);
    expect(stack.worker.pid).not.toBe(first);
    expect(lines).toContain('worker | loaded anew');
  });
});

describe('the dev stack: failed start', () => {
  it('invalid config → error with the cause, no process left', async () => {
    const folder = project();
    writeFileSync(join(folder, 'holdpoint.config.ts'), `import { x } from './nowhere';\nexport default x;`);
    const error = await startDevStack(options(folder)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StartFailed);
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/Cannot find module '\.\/nowhere'\n {2}at .*holdpoint\.config\.ts:1/),
    });
    // Nothing holds the folder any more: a mended config starts.
    cpSync(
      fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url)),
      join(folder, 'holdpoint.config.ts'),
    );
    const mended = await startDevStack(options(folder));
    await mended.stop();
    expect(readRunningStack(join(folder, '.holdpoint'))).toBeUndefined();
  }, 120_000);

  it('Temporal’s program does not start → its error at once, no part says that it waits', async () => {
    const folder = project();
    const program = join(folder, 'temporal');
    writeFileSync(program, '#!/bin/sh\necho "no server here" >&2\nexit 3\n', { mode: 0o755 });
    const lines: string[] = [];
    const error = await startDevStack({
      ...options(folder, (line) => lines.push(line)),
      temporalCli: program,
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('no server here') });
    expect(lines.filter((line) => line.includes('Waiting for'))).toEqual([]);
  }, 120_000);
});
