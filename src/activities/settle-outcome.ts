import { Context } from '@temporalio/activity';
import type { SettleInput, SettleResult } from '../domain/activities.ts';
import { outputs } from '../domain/outputs.ts';
import type { ActivityDependencies, Requester } from './context.ts';
import type { EffectEnd, EffectRow } from './ports.ts';
import { openRequest, readDecision, type Verdict } from './read-decision.ts';

/**
 * A `at-most-once` action that was started and whose end nobody saw: only a person can say what came of it. `closed` with the
 * row as it then is; else what the run has to do first.
 */
export async function settleOutcome(
  { effects, requests, review, envelopes, now }: ActivityDependencies,
  input: SettleInput,
  requester: Requester,
  row: EffectRow,
): Promise<{ type: 'closed'; row: EffectRow } | Extract<SettleResult, { type: 'open' | 'unknown' | 'ask-again' }>> {
  await effects.doubt(row.callKey, row.start);
  const asked = (await requests.list(row.callKey)).filter(
    ({ kind, number }) => kind === 'outcome' && number > row.requestsBefore,
  );
  const ask = {
    type: 'unknown',
    message: `Worker ${row.worker} began "${row.tool}" at ${new Date(row.at).toISOString()}; nobody saw how it ended.`,
  } as const;
  if (asked.length === 0) return ask;
  const { cancellationSignal: signal } = Context.current();
  const verdict = await readDecision({
    assistant: requester.name,
    service: review(requester),
    envelopes,
    rows: asked,
    lost: input.lost,
    close: null,
    signal,
    now: now(),
  });
  if (verdict.type === 'unanswered') return ask;
  if (verdict.type === 'open') return { type: 'open', request: openRequest(verdict.row) };
  if (verdict.type === 'ask-again') return { type: 'ask-again' };
  return { type: 'closed', row: await effects.close(row.callKey, row.start, { ...endBy(verdict), at: now() }) };
}

/** Only a person's own words count, and only the two that were asked for; anything else gives up. */
function endBy(verdict: Extract<Verdict, { type: 'approved' | 'rejected' }>): Omit<EffectEnd, 'at'> {
  const givenUp = { state: 'given-up', output: { text: outputs.unknown } } as const;
  if (verdict.type === 'rejected' || verdict.decision.by !== 'person') return givenUp;
  switch ((verdict.modified ?? verdict.args)['outcome']) {
    case 'happened':
      return { state: 'confirmed', output: { text: outputs.confirmed } };
    case 'not_happened':
      return { state: 'not-happened', output: null };
    default:
      return givenUp;
  }
}
