import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { SettleInput, SettleResult } from '../domain/activities.ts';
import { outputs } from '../domain/outputs.ts';
import type { Decided } from './clearance.ts';
import { ownExecution, type ActivityDependencies, type Requester } from './context.ts';
import type { EffectEnd, EffectRow } from './ports.ts';
import { readDecision } from './read-decision.ts';

/** True if the row settles the call. After `not-happened` the tool may be started again. */
export function hasEnded({ state }: EffectRow): boolean {
  return state !== 'open' && state !== 'not-happened';
}

/**
 * Settles a start whose outcome is unknown: a person says what happened. Returns the closed row, or what the run has to do
 * first (ask, wait).
 */
export async function settleUnknown(
  { effects, requests, review, envelopes, now }: ActivityDependencies,
  input: SettleInput,
  requester: Requester,
  row: EffectRow,
): Promise<
  { type: 'closed'; row: EffectRow; read: Decided } | Extract<SettleResult, { type: 'open' | 'unknown' | 'ask-again' }>
> {
  await effects.doubt(row.callKey, row.start);
  const rows = (await requests.list(row.callKey)).filter(
    ({ kind, number }) => kind === 'outcome' && number > row.requestsBefore,
  );
  const ask = {
    type: 'unknown',
    message: `Worker ${row.worker} began "${row.tool}" at ${new Date(row.at).toISOString()}; its outcome is unknown.`,
  } as const;
  if (rows.length === 0) return ask;
  const read = await readDecision({
    assistant: requester.name,
    service: review(requester),
    envelopes,
    rows,
    lost: input.lost,
    close: null,
    signal: Context.current().cancellationSignal,
    now: now(),
  });
  switch (read.type) {
    case 'review':
      return ask;
    case 'wait':
      return read.request ? { type: 'open', request: read.request } : { type: 'ask-again' };
    default:
      return { type: 'closed', row: await effects.close(row.callKey, row.start, { ...endBy(read), at: now() }), read };
  }
}

/** Only a person's approval of one of the two offered outcomes counts. Every other decision gives up. */
function endBy(read: Decided): Omit<EffectEnd, 'at'> {
  const byPerson = read.type === 'approved' && read.decision.by === 'person';
  switch (byPerson && (read.modified ?? read.args)['outcome']) {
    case 'happened':
      return { state: 'confirmed', output: { text: outputs.confirmed } };
    case 'not_happened':
      return { state: 'not-happened', output: null };
    default:
      return { state: 'given-up', output: { text: outputs.unknown } };
  }
}

/**
 * Makes it final that a superseded call never acts, by an ended row that every later attempt reads first. Hosted Cheqpoint
 * can't close a request, so a reviewer may still approve it. Undefined when an attempt of the tool was first.
 */
export async function closeSuperseded(
  { effects, worker, now }: ActivityDependencies,
  { call: { key, tool } }: SettleInput,
  row: EffectRow | undefined,
): Promise<EffectRow | undefined> {
  const refusal = {
    callKey: key,
    start: (row?.start ?? 0) + 1,
    runId: ownExecution().workflowId,
    tool,
    attemptId: randomUUID(),
    worker,
    at: now(),
  };
  if ((await effects.refuse(refusal, { text: outputs.superseded })) === 'exists') return undefined;
  return await effects.newest(key);
}
