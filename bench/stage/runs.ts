import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { pausedItem } from './paused-item.ts';
import { inFlight } from '../measure/in-flight.ts';
import { modelScript } from './model-server.ts';
import { assistantName, type ToolName } from './names.ts';
import type { Stage } from './stage.ts';
import type { BenchWorker } from './start-worker.ts';

/** A run that waits for a decision, or a run of the floor that waits for a Signal. */
export type PausedRun = { item: string; approvalId: string };

/** Parallel starts. */
const width = 8;

/** Starts runs and does not wait for them. `calls`: number of tool calls in a row. */
export async function startRun(
  stage: Stage,
  worker: BenchWorker,
  tool: ToolName,
  { calls = 1, item = randomUUID() }: { calls?: number; item?: string } = {},
): Promise<string> {
  const runs = createTemporalRuns({
    client: stage.client,
    taskQueue: worker.taskQueue,
    localRequests: () => Promise.resolve(true),
  });
  await runs.create({
    id: item,
    assistant: assistantName,
    caller: 'operator',
    input: modelScript(tool, item, calls),
    inputDigest: item,
  });
  return item;
}

/** Limit for the last of many runs that start at once, in milliseconds. */
const pausingMs = 5 * 60_000;

/** Milliseconds between a request, or the start of the last Activity before the wait, and the wait itself. */
const settlingMs = 500;

type Pausing = {
  /** @default 500 ms after the last request, so that every run waits. 0 for timed rounds. */
  settleMs?: number;
  onStarted?: (started: number) => void;
};

/** Starts `count` runs and waits until every one of them has its approval at the review server. */
export async function pauseRuns(
  stage: Stage,
  worker: BenchWorker,
  count: number,
  tool: ToolName = 'act',
  { settleMs = settlingMs, onStarted }: Pausing = {},
): Promise<PausedRun[]> {
  const items = new Set(Array.from({ length: count }, () => randomUUID() as string));
  let started = 0;
  await inFlight([...items], width, async (item) => {
    await startRun(stage, worker, tool, { item });
    onStarted?.((started += 1));
  });
  // Polling costs the review server time, so wait until it can have the approvals.
  await Promise.all([...items].map((item) => stage.firstLines.of(pausedItem(item), pausingMs)));
  const paused = await openApprovals(stage, items);
  await sleep(settleMs);
  return paused;
}

/** Number of newer approvals to search: other measurements may pause runs at the same time. */
const othersAtMost = 800;

/** Waits until each of these runs has an approval, and returns them. @throws Error if one is missing after a minute. */
export async function openApprovals(stage: Stage, items: ReadonlySet<string>): Promise<PausedRun[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const newest = await stage.reviewer.open(items.size + othersAtMost);
    const found = newest.flatMap(({ id, summary }) => (items.has(summary) ? [{ item: summary, approvalId: id }] : []));
    if (found.length === items.size) return found;
    if (Date.now() > deadline)
      throw new Error(`Only ${found.length} of ${items.size} runs asked for their approval within a minute.`);
    await sleep(50);
  }
}

/** Approves while the relay holds the callback, so the run does not continue. */
export async function approveSilently(stage: Stage, runs: readonly PausedRun[]): Promise<void> {
  await inFlight(runs, width, async (run) => {
    await approve(stage, run);
    await stage.relay.of(run.item);
  });
}

/** Decides as the reviewer. @throws Error if the review server refuses. */
export async function approve({ reviewer }: Stage, { approvalId }: PausedRun): Promise<void> {
  const status = await reviewer.decide(approvalId, { decision: 'approve' });
  if (status !== 200) throw new Error(`Approving ${approvalId}: HTTP ${status}.`);
}

/** Sends the Signal that the gateway would send for the held callback. */
export async function signalDecided({ client, relay }: Stage, { item, approvalId }: PausedRun): Promise<void> {
  const { callKey, request } = await relay.of(item);
  await client.workflow.getHandle(item).signal(decidedSignal, { callKey, request, approvalId });
}

/** Passes the held callback on to the gateway. @throws Error if the gateway refuses it. */
export async function passCallback({ gateway, relay }: Stage, { item }: PausedRun): Promise<void> {
  const { path, body } = await relay.of(item);
  const answer = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!answer.ok) throw new Error(`The gateway answered ${answer.status} to a callback.`);
  await answer.arrayBuffer();
}

/** Runs of the floor that wait for their Signal; `before` and `after`: empty Activities. */
export async function pauseFloor(
  stage: Stage,
  worker: BenchWorker,
  count: number,
  { before = 0, after = 0, settleMs = settlingMs } = {},
): Promise<string[]> {
  const items = Array.from({ length: count }, () => randomUUID() as string);
  await inFlight(items, width, async (item) => {
    await stage.client.workflow.start('floorRun', {
      taskQueue: worker.taskQueue,
      workflowId: item,
      args: [{ item, before, after }],
    });
  });
  if (before > 0) await Promise.all(items.map((item) => stage.firstLines.of(pausedItem(item), pausingMs)));
  await sleep(settleMs);
  return items;
}

export async function signalFloor({ client }: Stage, item: string): Promise<void> {
  await client.workflow.getHandle(item).signal('go');
}

/** Waits until the run, of either kind, has ended. */
export async function ended({ client }: Stage, item: string): Promise<void> {
  await client.workflow.getHandle(item).result();
}
