import { unnamedKeysLeftOut, type JsonObject } from '@holdpoint/json';
import { ReviewFailure } from '@holdpoint/cheqpoint';
import { sameJson } from '@holdpoint/json/canonical';
import { Context } from '@temporalio/activity';
import type { Tool } from '../assistant/tool.ts';
import type { SettleInput } from '../domain/activities.ts';
import { outputs } from '../domain/outputs.ts';
import { argumentChanges } from './argument-changes.ts';
import { checkArguments } from './arguments.ts';
import { changedSince } from './changed-since.ts';
import type { Approved, Clearance, Refused } from './clearance.ts';
import { factsOf, type ActivityDependencies, type Requester } from './context.ts';
import { fromPayload } from './payloads.ts';
import type { RequestRow } from './ports.ts';
import type { Ahead } from './read-ahead.ts';
import { readDecision, type Reading } from './read-decision.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { Policy } from './review-policy.ts';
import { refuseStandalone } from './standalone-approval.ts';

type Clearing = {
  input: SettleInput;
  requester: Requester;
  tool: Tool;
  /** A newer message replaces the call unless it is decided. */
  superseded: boolean;
  ahead: Pick<Ahead, 'rows' | 'read'>;
};

/** Says what a call may do now. Once it was sent to review, only the decision counts; until then, only the policy. */
export async function clearCall(
  { review, values, envelopes, now }: ActivityDependencies,
  { input, requester, tool, superseded, ahead }: Clearing,
): Promise<Clearance> {
  const policy = new Policy(tool, factsOf(requester, input.context));
  const all = await ahead.rows;
  const requestsBefore = all.at(-1)?.number ?? 0;
  const rows = all.filter(({ kind }) => kind === 'call');
  if (rows.length === 0) {
    const checked = await checkArguments(tool, await fromPayload(input.call.arguments, values));
    if (!checked.ok) return badArguments(tool, checked);
    return (await policy.needsReview(checked.args))
      ? { type: 'review', args: checked.args }
      : { type: 'run', args: checked.args, approval: null, requestsBefore };
  }
  const read = await readOrAskAgain(input, {
    assistant: requester.name,
    service: review(requester),
    envelopes,
    rows,
    lost: input.lost,
    close: input.close ? 'expired' : superseded ? 'superseded' : null,
    signal: Context.current().cancellationSignal,
    now: now(),
    ahead: ahead.read,
  });
  switch (read.type) {
    case 'approved': {
      const changed = (args: JsonObject) =>
        changedSince(envelopes, {
          envelope: read.envelope,
          shown: read.args,
          args,
          tool,
          policy,
          context: input.context ?? null,
        });
      const cleared = await clearApproved(tool, read, changed);
      if (cleared.type === 'run') return { ...cleared, approval: read, requestsBefore };
      return cleared.type === 'settle' ? { ...cleared, decision: read.decision, read } : { ...cleared, read };
    }
    case 'refused':
      return {
        ...(input.call.approval ? refuseStandalone(envelopes, input.call.key, read) : refuse(tool, read)),
        read,
      };
    default:
      return read;
  }
}

/**
 * Reads the decision. An approval of arguments that can't be read parks the call, and `runs retry` has a person decide
 * again.
 * @throws ReviewFailure; ReviewUnreadable (parks).
 */
async function readOrAskAgain({ retries }: SettleInput, reading: Reading): ReturnType<typeof readDecision> {
  try {
    return await readDecision(reading);
  } catch (error) {
    if (!(error instanceof ReviewFailure && error.kind === 'unreadable' && retries > 0)) throw error;
    const { request } = reading.rows.at(-1) as RequestRow;
    return { type: 'review', args: withoutReserved(request.details), because: error.message };
  }
}

/**
 * Checks an approval against the tool as it is now. The approved arguments run: the request's own, or the reviewer's
 * edit as a whole. Every mismatch goes back to a person, with the edit as the tool takes it. An edit that the tool
 * refuses is the draft of the next request. `changed`: what else no longer holds.
 */
export async function clearApproved(
  tool: Tool,
  { args: original, modified, removed, note }: Pick<Approved, 'args' | 'modified' | 'removed' | 'note'>,
  changed: (args: JsonObject) => string | undefined,
): Promise<{ type: 'run'; args: JsonObject } | Extract<Clearance, { type: 'review' | 'settle' }>> {
  const edited = modified !== null && !sameJson(modified, original);
  const wanted = edited ? (tool.edits === 'merge' ? merged(original, modified, removed) : modified) : original;
  const again = (
    args: JsonObject,
    because: string,
    edit: JsonObject | null = null,
  ): Clearance & { type: 'review' } => ({
    type: 'review',
    args,
    because,
    ...((edit || note) && { draft: { edit, note } }),
  });
  const checked = await checkArguments(tool, wanted);
  if (!checked.ok && edited)
    return again(original, `The edit does not fit the tool: ${checked.path}: ${checked.message}.`, wanted);
  if (!checked.ok) return badArguments(tool, checked);
  const { args } = checked;
  if (!sameJson(args, wanted)) return again(args, `The tool takes other arguments: ${argumentChanges(wanted, args)}.`);
  const missing = unnamedKeysLeftOut(original, args, tool.parametersSchema).filter((key) => !removed.includes(key));
  if (missing.length > 0)
    return again(args, `The edit left out ${missing.join(', ')}. An edit replaces all arguments.`);
  const because = changed(args);
  return because === undefined ? { type: 'run', args } : again(args, because);
}

function merged(original: JsonObject, modified: JsonObject, removed: readonly string[]): JsonObject {
  const kept = Object.entries(original).filter(([key]) => !removed.includes(key));
  return { ...Object.fromEntries(kept), ...modified };
}

function badArguments(
  tool: Tool,
  { path, message }: { path: string; message: string },
): Clearance & { type: 'settle' } {
  return { type: 'settle', as: 'bad-arguments', output: outputs.badArguments(tool.name, path, message) };
}

/** Tells the model of a refusal. */
function refuse(tool: Tool, { decision, note }: Refused): Clearance & { type: 'settle' } {
  switch (decision.outcome) {
    case 'expired': {
      const failRun = typeof tool.review === 'object' && tool.review.onExpiry === 'fail-run';
      return { type: 'settle', as: 'expired', output: outputs.expired, decision, ...(failRun && { failRun }) };
    }
    case 'withdrawn': {
      const as = decision.superseded ? 'superseded' : 'withdrawn';
      return { type: 'settle', as, output: outputs[as], decision };
    }
    case 'rejected': {
      const told = decision.by === 'person' && tool.noteToModel ? note?.trim() : undefined;
      return { type: 'settle', as: 'rejected', output: told ? outputs.deniedWithNote(told) : outputs.denied, decision };
    }
  }
}
