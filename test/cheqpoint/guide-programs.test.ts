import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import { startDevStack, type DevStack } from '../../src/embedded/dev-stack.ts';
import { createReviewerClient, type ReviewerDecision, type ReviewerApproval } from '@holdpoint/review-server/contract';
import { until } from '../support/until.ts';

/* Runs the programs of examples/cheqpoint-guide and examples/own-loop.ts as processes, against one dev stack. */

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const examples = folderOf('../../examples/cheqpoint-guide/');
const [guides, ours, durable] = ['1-the-guides-loop.ts', '2-with-our-client.ts', '3-the-durable-run.ts'] as const;
const programs = [guides, ours, durable];
const ownLoop = '../own-loop.ts';

type Program = { process: ChildProcess; ended: Promise<{ code: number | null; stdout: string; stderr: string }> };

const dataDir = mkdtempSync(join(tmpdir(), 'holdpoint-guide-'));
const started: ChildProcess[] = [];
const seen = new Set<string>();
let stack: DevStack;

beforeAll(async () => {
  stack = await startDevStack({
    configFile: join(examples, 'holdpoint.config.ts'),
    dataDir,
    environment: environmentWithoutOurs(processEnvironment()),
    portBase: 0,
    watch: false,
    log: () => undefined,
  });
});
afterAll(async () => {
  for (const each of started) each.kill('SIGKILL');
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20 });
});

/** Starts a program with a user's environment. `id` is the run id of programs that can be restarted. */
function start(program: string, id = `run-${started.length}`): Program {
  const { openai, reviewServer, gateway } = stack.facts;
  const alias = program === guides ? ['--import', folderOf('the-guides-package.ts')] : [];
  const child = spawn(
    process.execPath,
    [
      '--conditions=holdpoint-source',
      ...alias,
      join(examples, program),
      ...(program === durable || program === ownLoop ? [id] : []),
    ],
    {
      env: {
        ...environmentWithoutOurs(processEnvironment()),
        OPENAI_API_KEY: gateway.apiKey,
        OPENAI_BASE_URL: openai.baseURL,
        CHEQPOINT_CONNECTION_KEY: reviewServer.connectionKey as string,
        CHEQPOINT_BASE_URL: reviewServer.url,
        HOLDPOINT_GATEWAY_URL: gateway.url,
        HOLDPOINT_API_KEY: gateway.apiKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  started.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  return {
    process: child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
  };
}

const reviewer = () => {
  const { url, reviewerToken } = stack.facts.reviewServer;
  return createReviewerClient({ url, token: reviewerToken as string });
};

const open = async () =>
  (await reviewer().call('GET /approvals', { query: { status: 'pending', limit: 200 } })).approvals.filter(
    ({ id }) => !seen.has(id),
  );
const decide = (id: string, body: ReviewerDecision) =>
  reviewer().call('POST /approvals/{id}/decide', { path: { id }, body });

/** The first request that no test has seen yet. */
async function asked(): Promise<ReviewerApproval> {
  const [first] = await until('a request is in the inbox', async () =>
    (await open()).length > 0 ? await open() : undefined,
  );
  seen.add(first!.id);
  return reviewer().call('GET /approvals/{id}', { path: { id: first!.id } });
}

async function finished(program: Program): Promise<string> {
  const { code, stdout, stderr } = await program.ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

async function kill(program: Program): Promise<void> {
  program.process.kill('SIGKILL');
  await program.ended;
}

async function elevenMinutesLater(): Promise<void> {
  const response = await fetch(new URL('/__stand-in/clock', stack.facts.openai.baseURL), {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.facts.gateway.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ advanceMilliseconds: 11 * 60_000 }),
  });
  expect(response.status).toBe(204);
}

it('the guide’s program and the one with our client: differ in the import only', () => {
  const [first, second] = [guides, ours].map((file) => readFileSync(join(examples, file), 'utf8').split('\n'));
  expect(first!.flatMap((line, index) => (line === second![index] ? [] : [[line, second![index]]]))).toEqual([
    ["import { CheqpointClient } from '@cheqpoint/sdk';", "import { CheqpointClient } from 'holdpoint/cheqpoint';"],
  ]);
  expect(first).toHaveLength(second!.length);
});

describe.each(programs)('%s', (file) => {
  it('approved → the blast is sent', async () => {
    const program = start(file);
    const approval = await asked();
    expect(approval).toMatchObject({
      action: 'send_email_blast',
      summary: 'Assistant wants to send an email to 500 recipients',
      justification: 'Requested by user to notify customers of downtime.',
      details: { template: 'weekly_update', recipient_count: 500, subject: 'System Maintenance' },
    });
    await decide(approval.id, { decision: 'approve', note: 'Verified maintenance window scheduled.' });
    expect(await finished(program)).toMatch(/^The email blast was sent\./);
  });

  it('edited → the model is told the change', async () => {
    const program = start(file);
    const { id, details } = await asked();
    await decide(id, { decision: 'approve', modifiedDetails: { ...details, recipient_count: 20 } });
    expect(await finished(program)).toContain('recipient_count 500 → 20');
  });

  it('rejected → the model is told that it was denied', async () => {
    const program = start(file);
    await decide((await asked()).id, { decision: 'reject' });
    expect(await finished(program)).toContain('The email blast was not sent');
  });
});

describe('process killed while it waits for a decision', () => {
  it('the guide’s loop: asks again, the first approval is lost', async () => {
    const program = start(ours);
    const first = await asked();
    await kill(program);
    await decide(first.id, { decision: 'approve' });
    const again = start(ours);
    const second = await asked();
    expect(second).toMatchObject({ status: 'PENDING', details: first.details });
    await decide(second.id, { decision: 'reject' });
    expect(await finished(again)).toContain('The email blast was not sent');
  });

  it('durable run: asks once', async () => {
    const program = start(durable, 'killed');
    const { id } = await asked();
    await kill(program);
    await decide(id, { decision: 'approve' });
    expect(await finished(start(durable, 'killed'))).toMatch(/^The email blast was sent\./);
    expect(await open()).toEqual([]);
  });
});

describe('own loop', () => {
  it('standalone approvals, killed twice while it waits → acts as decided', async () => {
    const first = start(ownLoop, 'batch');
    const refund = await asked();
    expect(refund).toMatchObject({
      action: 'refund',
      summary: 'Refund 800 for order A-18',
      details: { order: 'A-18', amount: 800 },
    });
    await kill(first);
    await expect(
      decide(refund.id, { decision: 'approve', modifiedDetails: { order: 'A-18', amount: 8000 } }),
    ).rejects.toThrow('amount');
    await decide(refund.id, { decision: 'approve', modifiedDetails: { order: 'A-18', amount: 100 } });
    const second = start(ownLoop, 'batch');
    const next = await asked();
    expect(next.details).toMatchObject({ order: 'A-19', amount: 90 });
    await kill(second);
    await decide(next.id, { decision: 'reject' });
    expect(await finished(start(ownLoop, 'batch'))).toBe('A-17: paid 20\nA-18: paid 100\nA-19: rejected\n');
    expect(await open()).toEqual([]);
  });
});

describe('decision after eleven minutes', () => {
  it('the guide’s loop: too late, the run at OpenAI has expired', async () => {
    const program = start(ours);
    const { id } = await asked();
    await elevenMinutesLater();
    await decide(id, { decision: 'approve' });
    const { code, stderr } = await program.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('expired');
  });

  it('durable run: in time', async () => {
    const program = start(durable);
    const { id } = await asked();
    await elevenMinutesLater();
    await decide(id, { decision: 'approve' });
    expect(await finished(program)).toMatch(/^The email blast was sent\./);
  });
});

it('decision after thirty seconds → too late for the guide’s loop, the model was told no', async () => {
  const program = start(ours);
  const { id } = await asked();
  expect(await finished(program)).toContain('The email blast was not sent');
  await decide(id, { decision: 'approve' });
});
