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

/** A run that waits for a decision; of the floor it waits for a Signal. */
export type PausedRun = { item: string; approvalId: string };

/** How many starts are under way at once. */
const width = 8;

/** Starts runs without waiting for anything. `calls`: how many times in a row the tool is called. */
export async function startRun(
  stage: Stage,
  worker: BenchWorker,
  tool: ToolName,
  { calls = 1, item = randomUUID() }: { calls?: number; item?: string } = {},
): Promise<string> {
  const runs = createTemporalRuns({ client: stage.client, taskQueue: worker.taskQueue });
  await runs.create({ id: item, assistant: assistantName, input: modelScript(tool, item, calls), inputDigest: item });
  return item;
}

/** The request is made and the run has yet to hear of it; or the last Activity before the wait has begun. In milliseconds. */
const settlingMs = 500;

type Pausing = {
  /** Default 500 ms after the last request, so that every run really waits; 0 where time is taken. */
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
  // Asking the review server costs it time, so not before it can have the approvals.
  await Promise.all([...items].map((item) => stage.firstLines.of(pausedItem(item))));
  const paused = await openApprovals(stage, items);
  await sleep(settleMs);
  return paused;
}

/** Others may pause runs at the same time: so many newer approvals are looked through. */
const othersAtMost = 800;

/** The approvals of these runs, among the newest there are, once there is one for each. @throws Error when one is missing after a minute. */
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

/** Approves without the run hearing of it: its callback is held by the relay. */
export async function approveSilently(stage: Stage, runs: readonly PausedRun[]): Promise<void> {
  await inFlight(runs, width, async (run) => {
    await approve(stage, run);
    await stage.relay.of(run.item);
  });
}

/** As the reviewer. @throws Error when the review server refuses. */
export async function approve({ reviewer }: Stage, { approvalId }: PausedRun): Promise<void> {
  const status = await reviewer.decide(approvalId, { decision: 'approve' });
  if (status !== 200) throw new Error(`Approving ${approvalId}: HTTP ${status}.`);
}

/** Sends the Signal that the gateway would send for the held callback. */
export async function signalDecided({ client, relay }: Stage, { item, approvalId }: PausedRun): Promise<void> {
  const { callKey, request } = await relay.of(item);
  await client.workflow.getHandle(item).signal(decidedSignal, { callKey, request, approvalId });
}

/** Passes the held callback on to the gateway. @throws Error unless it is taken. */
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
  if (before > 0) await Promise.all(items.map((item) => stage.firstLines.of(pausedItem(item))));
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
