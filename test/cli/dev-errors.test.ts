import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../src/client.ts';
import type { StackFacts } from '../../src/embedded/running-stack.ts';
import { holdpoint, startHoldpoint, type Command } from '../support/holdpoint-command.ts';

const config = `import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

const parameters = z.object({ amount: z.number() });

function customerOf(order: { customer?: { id: string } }): string {
  return order.customer!.id; // line 7
}

const refund = defineTool({
  name: 'refund', description: 'Refund.', parameters, effect: 'idempotent', review: 'never',
  execute: ({ amount }) => customerOf({}) + amount,
});
const pay = defineTool({
  name: 'pay', description: 'Pay.', parameters, effect: 'at-most-once', review: 'never',
  execute: () => {
    throw new Error('refused: ' + process.env.MAIL_API_KEY);
  },
});

export default defineConfig({ assistants: [defineAssistant({ name: 'shop', model: 'gpt-5', tools: [refund, pay] })] });
`;
const canary = 'canary-of-the-mail-service';
const patience = { timeout: 90_000, interval: 100 };

describe('holdpoint dev, tool that throws', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-dev-errors-'));
  const dataDir = join(folder, 'data');
  let dev: Command;
  let facts: StackFacts;
  beforeAll(async () => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(new URL('../../node_modules/zod', import.meta.url)), join(folder, 'node_modules/zod'));
    writeFileSync(join(folder, 'holdpoint.config.ts'), config);
    dev = startHoldpoint(['dev', '--json', '--data-dir', dataDir], {
      cwd: folder,
      environment: { MAIL_API_KEY: canary },
    });
    await vi.waitUntil(() => dev.stdout().includes('\n') || dev.process.exitCode !== null, patience);
    facts = JSON.parse(dev.stdout()) as StackFacts;
  }, 120_000);
  afterAll(async () => {
    dev.process.kill('SIGTERM');
    await dev.ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const shown = (text: RegExp) => vi.waitUntil(() => text.exec(dev.stderr()), patience);

  it('idempotent → dev prints error, file and line, run, call, attempt and next try; runs show has the last error', async () => {
    await createClient(facts.gateway).runs.create({ assistant: 'shop', input: 'call refund {"amount": 20}', id: 'r1' });
    await shown(
      /worker \| warning: Activity failed: Attempt 1 of "refund": Cannot read properties of undefined \(reading 'id'\)\nworker \| {3}tool refund · run r1 · call \S+ · attempt 1 · next try in 0\.2 s\nworker \| {3}TypeError: Cannot read .*\nworker \| {5}at customerOf \(.*holdpoint\.config\.ts:7:\d+\)/,
    );
    const { stdout } = await holdpoint(['runs', 'show', 'r1'], { environment: { HOLDPOINT_DATA_DIR: dataDir } });
    expect(stdout).toMatch(/refund failed: Attempt \d+ of "refund": Cannot read/);
    expect(stdout).toMatch(/at customerOf \(.*holdpoint\.config\.ts:7:\d+\)/);
    expect(stdout).toMatch(/attempt \d+ (follows at|runs now)/);
  });

  it('at-most-once → dev prints the error without the secrets of the environment', async () => {
    await createClient(facts.gateway).runs.create({ assistant: 'shop', input: 'call pay {"amount": 20}', id: 'r2' });
    await shown(/"pay" threw, and its effect may have happened: a person is asked: refused: \[secret\]/);
    const log = readFileSync(join(dataDir, 'logs/worker.log'), 'utf8');
    expect(log).toContain('"callKey":"');
    expect(log).not.toContain(canary);
    for (const key of [facts.gateway.apiKey, facts.reviewServer.connectionKey]) expect(log).not.toContain(key);
  });

  it('dev --link → a link that signs in once, and only as it was made', async () => {
    const { stdout } = await holdpoint(['dev', '--link', '--data-dir', dataDir]);
    const link = new URL(stdout.trim());
    // A name, since browsers give passkeys to names only.
    expect(link.origin).toBe(facts.reviewServer.url.replace('127.0.0.1', 'localhost'));
    const token = link.searchParams.get('token') as string;
    const signIn = async (given: string) =>
      (
        await fetch(new URL('/reviewer-api/session/link', facts.reviewServer.url), {
          method: 'POST',
          headers: { origin: facts.reviewServer.url, 'content-type': 'application/json' },
          body: JSON.stringify({ token: given, browser: true }),
        })
      ).status;
    expect(await signIn(`${token}.x`)).toBe(401);
    expect(await signIn(token.replace(/^\d+/, (time) => String(Number(time) + 1)))).toBe(401);
    expect(await signIn(token)).toBeLessThan(300);
    expect(await signIn(token)).toBe(401);
  });

  it("dev --variables → the variables of the stack's worker, as an env file", async () => {
    const { stdout } = await holdpoint(['dev', '--variables', '--data-dir', dataDir]);
    expect(parseEnv(stdout)).toEqual({
      TEMPORAL_ADDRESS: facts.temporal.address,
      TEMPORAL_NAMESPACE: 'default',
      HOLDPOINT_DATABASE_URL: `sqlite://${join(dataDir, 'holdpoint.db')}`,
      HOLDPOINT_SECRET: expect.stringMatching(/.{32}/) as string,
      HOLDPOINT_PUBLIC_URL: facts.gateway.url,
      CHEQPOINT_BASE_URL: facts.reviewServer.url,
      CHEQPOINT_CONNECTION_KEY: facts.reviewServer.connectionKey,
      OPENAI_API_KEY: facts.gateway.apiKey,
      OPENAI_BASE_URL: facts.openai.baseURL,
    });
  });

  it('dev --port-base with a port in use → exit code 2, names the port', async () => {
    const { port } = new URL(facts.gateway.url);
    const { code, stderr } = await holdpoint(['dev', '--ephemeral', '--port-base', port], { cwd: folder });
    expect(stderr).toMatch(new RegExp(`--port-base ${port} takes the ports .* in use: ${port} \\(gateway\\)`));
    expect(code).toBe(2);
  });

  it.each(['--link', '--variables'])('dev %s without a stack → says how to start one', async (flag) => {
    const { code, stderr } = await holdpoint(['dev', flag, '--data-dir', join(folder, 'none')]);
    expect(stderr).toContain('No stack runs with the data folder');
    expect(code).toBe(1);
  });
});
