import type { DecisionHint } from '../domain/decision.ts';
import type { CallProgress, RunProgress } from '../domain/run.ts';

/** Requests whose reply was lost can be named by news; more than this many names for one call are not remembered. */
const rememberedNames = 5;

/**
 * Hears that a decision may be there. Anything may arrive here, from anybody, in any order and number: it only makes
 * the call that it names look again. News for an unknown or settled call changes nothing.
 */
export function noteHint(progress: RunProgress, hint: unknown): void {
  if (typeof hint !== 'object' || hint === null) return;
  const { callKey, request, approvalId } = hint as { [field in keyof DecisionHint]: unknown };
  const call = progress.calls.find(
    (each) =>
      each.step.type !== 'done' &&
      (each.key === callKey ||
        (callKey === undefined && each.requests.some(({ id }) => id === approvalId && id !== undefined))),
  );
  if (!call) return;
  if (typeof approvalId === 'string' && typeof request === 'number') remember(call, request, approvalId);
  call.news = true;
  // What comes of it may be late once more, however often older news was looked at.
  call.looks = 0;
}

/** Keeps the id of a request that we know nothing of: its reply was lost, and this may be the only trace of it. */
function remember(call: CallProgress, number: number, id: string): void {
  const known = call.requests.some((request) => request.id === id) || call.lost.some((lost) => lost.id === id);
  if (!known && id.length <= 200 && call.lost.length < rememberedNames) call.lost.push({ number, id });
}
