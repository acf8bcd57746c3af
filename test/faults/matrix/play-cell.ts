import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@holdpoint/json';
import { errorText } from '@holdpoint/process';
import type { StandInControl } from '@holdpoint/openai-stand-in';
import { runQuery } from '../../../src/domain/wire-names.ts';
import type { RunView } from '../../../src/domain/run.ts';
import { conversation } from '../../support/conversation.ts';
import { prepareStrike } from './armed-strike.ts';
import type { Cell } from './cell.ts';
import { judge, type Effect, type Verdict } from './judge.ts';
import type { Lane, SharedServers } from './lane.ts';
import { stepsAfterApproval } from './moments.ts';
import { startReviewer } from './reviewer.ts';

/** The result of a cell. */
export type CellRow = Cell & {
  verdict: Verdict;
  /** From the end of the fault, or from its instant, to the end of the run. */
  recoveryMs: number | undefined;
  /** Times that an operator had to retry a parked run. */
  retries: number;
  /** Why the cell shows nothing: its step did not come, or the harness failed. */
  invalid?: string;
  /** The state of a run that did not end. */
  state?: unknown;
};

/**
 * Bound on the time from the end of the fault to the end of the run. A frozen worker takes attempts with its open polls until
 * Temporal closes them, each for 10 s and a growing pause.
 */
const boundMs = 240_000;

type Play = { lane: Lane; cell: Cell; control: StandInControl; shared: SharedServers };

/** Plays one run, strikes it at the cell's step, and judges what came of it. */
export async function playCell({ lane, cell, control, shared }: Play): Promise<CellRow> {
  const id = `cell-${randomUUID()}`;
  const [item, rejectedItem] = [`${id}-yes`, `${id}-no`];
  const tool = `send_${cell.effect.replaceAll('-', '_')}${cell.expires ? '_in_time' : ''}`;
  const calls = [item, rejectedItem].map((each, index) => ({
    name: tool,
    arguments: { item: each, amount: 100 },
    callId: `call_${index}_${id}`,
  }));
  const areApart = cell.calls === 'apart';
  // The rejected call first: a late step strikes the approved one.
  const turns = areApart ? calls.toReversed().map((call) => ({ calls: [call] })) : [{ calls }];
  const talk = conversation(id, [...turns, { text: 'All told.' }]);
  control.script(talk.script);
  const effectsOf = async (): Promise<Effect[]> =>
    (await shared.effects.log())
      .filter(({ type }) => type === 'effect')
      .map(({ at, body }) => {
        const { key, ...args } = body as JsonObject & { key: string; item: string };
        return { at: Date.parse(at), key, item: args.item, args };
      })
      .filter((effect) => effect.item === item || effect.item === rejectedItem);

  const handle = lane.temporal.workflow.getHandle(id);
  const armed = prepareStrike(lane, cell);
  const isLate = stepsAfterApproval.has(cell.step);
  const deadline = { at: Date.now() + boundMs };
  const rejectionIsSettled = async () => {
    if (areApart) return true;
    const view = await handle.query<RunView>(runQuery);
    return view.calls.some(({ state }) => state === 'done');
  };
  const reviewer = startReviewer({
    client: lane.reviewer,
    approved: { item, edit: cell.edited ? { item, amount: 70 } : undefined },
    rejectedItem,
    effects: effectsOf,
    // A late step is struck with one call in its way.
    async beforeApproval() {
      if (!isLate || armed.struckAt() !== undefined) return true;
      if (!(await rejectionIsSettled())) return false;
      armed.arm();
      return true;
    },
  });
  if (!isLate) armed.arm();
  let retries = 0;
  try {
    const problem = await startProblem(lane, id, deadline.at);
    if (problem !== undefined) {
      const verdict = { stuck: `no start was acknowledged within the bound: ${problem}` };
      return { ...cell, verdict, recoveryMs: undefined, retries };
    }
    let end: { status: string; at: number } | undefined;
    while (end === undefined && Date.now() < deadline.at) {
      const seen = await lane.temporal.withDeadline(Date.now() + 2000, () => handle.describe()).catch(() => undefined);
      const healedAt = armed.healedAt();
      if (healedAt !== undefined) deadline.at = healedAt + boundMs;
      if (seen && seen.status.name !== 'RUNNING') end = { status: seen.status.name, at: Date.now() };
      else if (healedAt !== undefined && String(seen?.searchAttributes['HoldpointState']).includes('parked')) {
        if (
          await lane.client.runs.retry(id).then(
            () => true,
            () => false,
          )
        )
          retries += 1;
        await sleep(1000);
      }
      await sleep(100);
    }
    // A process that wakes up later may repeat an earlier turn.
    const given = talk.given();
    const toldOf = (index: number) =>
      given.filter(({ callId }) => callId === calls[index]?.callId).map(({ output }) => output);
    const healedAt = armed.healedAt() ?? end?.at;
    const state = end ? undefined : await stateOf(lane, id);
    if (!end) await handle.terminate('It did not end within the bound.').catch(() => undefined);
    const summary = await reviewer.stop();
    await armed.finish();
    const verdict = judge({
      effect: cell.effect,
      status: end?.status,
      approved: { item, args: { item, amount: cell.edited ? 70 : 100 } },
      approvalSentAt: summary.approvalSentAt,
      // After `finish`: a process that woke up late has had its time.
      effects: await effectsOf(),
      asked: summary.asked,
      confirmed: summary.confirmed,
      told: { approved: toldOf(0), rejected: toldOf(1) },
    });
    return {
      ...cell,
      verdict,
      recoveryMs: end && Math.max(0, end.at - (healedAt ?? end.at)),
      retries,
      ...(armed.struckAt() === undefined && { invalid: 'its step did not come, so nothing was struck' }),
      ...(state !== undefined && { state }),
    };
  } finally {
    await reviewer.stop();
  }
}

/**
 * Starts the run as a program does that repeats a start with the same id until it is acknowledged. Returns the last error
 * after the deadline.
 */
async function startProblem(lane: Lane, id: string, deadline: number): Promise<string | undefined> {
  for (;;) {
    try {
      await lane.client.runs.create({ id, assistant: 'matrix', input: id });
      return undefined;
    } catch (error) {
      if (Date.now() > deadline) return errorText(error);
      await sleep(300);
    }
  }
}

async function stateOf(lane: Lane, id: string): Promise<unknown> {
  const handle = lane.temporal.workflow.getHandle(id);
  return await lane.temporal
    .withDeadline(Date.now() + 5000, async () => {
      const [{ raw }, view] = await Promise.all([
        handle.describe(),
        handle.query<RunView>(runQuery).catch((error: unknown) => String(error)),
      ]);
      return {
        view,
        activities: raw.pendingActivities?.map(({ activityType, attempt, lastFailure }) => ({
          type: activityType?.name,
          attempt,
          failure: lastFailure?.message,
        })),
      };
    })
    .catch((error: unknown) => String(error));
}
