import { Context } from '@temporalio/activity';
import type { RunActivities, SettleInput, SettleResult } from '../domain/activities.ts';
import type { ApprovalDecision } from '../domain/standalone-approval.ts';
import type { Decision } from '../domain/decision.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { digestOf, sameJson } from '@holdpoint/json/canonical';
import { outputs } from '../domain/outputs.ts';
import { largestInlineOutputBytes } from '../domain/payload.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import type { Tool } from '../assistant/tool.ts';
import { checkArguments, isObject } from './arguments.ts';
import { requesterNamed, factsOf, ownCall, toolOf, type ActivityDependencies, type Requester } from './context.ts';
import { withoutEnvelope } from '../signing/envelope.ts';
import { approvedFor, refusedFor } from './approval-decision.ts';
import { toTemporalFailure } from './failure.ts';
import { withHeartbeats, type AttemptLease } from './attempt-lease.ts';
import { judgeApproval } from './judge-approval.ts';
import { approvedToolOutput, toolOutput } from './tool-output.ts';
import { fromPayload, toPayload } from './payloads.ts';
import type { EffectOutput, EffectRow } from './ports.ts';
import { openRequest, readDecision, type Verdict } from './read-decision.ts';
import { isReplaceable, refuseSuperseded } from './refuse-superseded.ts';
import { Policy } from './review-policy.ts';
import { runTool } from './run-tool.ts';
import { settleOutcome } from './settle-outcome.ts';

/** What a call may do: act on these arguments, or be settled (or sent back) without acting. */
type Leave =
  | { type: 'act'; args: JsonObject; requestsBefore: number; approval: Extract<Verdict, { type: 'approved' }> | null }
  | { type: 'stop'; result: SettleResult };

/**
 * Settles one tool call: the only place where a tool runs. It trusts none of its input. The effect ledger says whether
 * the call has acted already; policy and decision are read afresh, the decision at its source; a reviewed call runs
 * the arguments that were approved, never its input's; and it refuses every call but its own run's.
 * @throws ForeignCall; Review… and Tool… failures; UnknownAssistant (parks).
 */
export function createSettleToolCall(dependencies: ActivityDependencies): RunActivities['settleToolCall'] {
  const { config, effects, requests, review, runs, values, envelopes, now } = dependencies;

  return async (input: SettleInput): Promise<SettleResult> => {
    await ownCall(runs, input.call?.key);
    const requester = requesterNamed(config, input.assistant);
    try {
      return await withHeartbeats(async (lease) => {
        for (;;) {
          const result = await look(input, requester, lease);
          if (result !== 'taken') return result;
        }
      });
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };

  /** One look at ledger, decision and tool; `taken` when another attempt was quicker, so that it has to look again. */
  async function look(input: SettleInput, requester: Requester, lease: AttemptLease): Promise<SettleResult | 'taken'> {
    const { key, tool: name } = input.call;
    const tool = toolOf(requester, input.call);
    let row = await effects.newest(key);
    // Begun, and its end not seen: repeated only where it was idempotent then and is so now.
    if (row?.state === 'open' && (row.effect !== 'idempotent' || tool?.effect !== 'idempotent')) {
      const ended = await settleOutcome(dependencies, input, requester, row);
      if (ended.type !== 'closed') return ended;
      row = ended.row;
    }
    if (row && hasEnded(row)) return await settledByLedger(input, row, null);

    if (!tool)
      return await settled(
        input,
        'unknown-tool',
        outputs.unknownTool(
          name,
          requester.tools.map((each) => each.name),
        ),
      );
    // What has begun is not replaced.
    const replaced = input.supersede === true && row?.state !== 'open';
    const leave = await leaveToAct(input, requester, tool, replaced);
    if (row?.state === 'open' && !goesOn(leave, row)) {
      const ended = await settleOutcome(dependencies, input, requester, row);
      if (ended.type !== 'closed') return ended;
      row = ended.row;
      if (hasEnded(row)) return await settledByLedger(input, row, null);
    }
    if (leave.type === 'stop') {
      if (!replaced || !isReplaceable(leave.result)) return leave.result;
      const refused = await refuseSuperseded(dependencies, input, row);
      return refused ? await settledByLedger(input, refused, null) : 'taken';
    }

    const { args, approval, requestsBefore } = leave;
    const asked = await fromPayload(input.call.arguments, values);
    const context = {
      args,
      asked: isObject(asked) ? asked : {},
      note: approval?.note ?? null,
      reviewed: approval !== null,
    };
    const decision = approval && editedDecision(approval.decision, context);
    const { execute, effect } = tool;
    if (input.call.approval && approval)
      return await settled(input, 'approved', sealed(input, approvedFor(approval, context)), decision);
    if (!execute || effect === 'none') return await settled(input, 'ran', approvedToolOutput(context), decision);
    const ran = await runTool(dependencies, {
      tool: { ...tool, execute },
      effect: effect === 'idempotent' ? effect : 'at-most-once',
      // A copy: what the model is told must not change with what the tool does to its arguments.
      args: structuredClone(args),
      facts: { run: factsOf(requester, input.context), context: input.context },
      callKey: key,
      request: approval && { number: approval.request.number, id: approval.id },
      requestsBefore,
      row,
      retries: input.retries,
      lease,
      output: (result: Json) => toolOutput(result, context),
    });
    if (ran.type === 'settled') return await settledByLedger(input, ran.row, decision);
    return ran.type === 'taken' ? 'taken' : { type: 'unknown', message: ran.message };
  }

  /** Whether this call may act, and on what. Once a request was made for it, its decision rules. */
  async function leaveToAct(input: SettleInput, requester: Requester, tool: Tool, replaced: boolean): Promise<Leave> {
    const policy = new Policy(tool, factsOf(requester, input.context));
    const all = await requests.list(input.call.key);
    const rows = all.filter(({ kind }) => kind === 'call');
    const requestsBefore = all.at(-1)?.number ?? 0;
    if (rows.length === 0) {
      const checked = await checkArguments(tool, await fromPayload(input.call.arguments, values));
      if (!checked.ok)
        return {
          type: 'stop',
          result: await settled(input, 'bad-arguments', outputs.badArguments(tool.name, checked.path, checked.message)),
        };
      if (!(await policy.needsReview(checked.args)))
        return { type: 'act', args: checked.args, requestsBefore, approval: null };
      return { type: 'stop', result: { type: 'review', arguments: await toPayload(checked.args, values) } };
    }
    const { cancellationSignal: signal } = Context.current();
    const close = input.close ? 'expired' : replaced ? 'superseded' : null;
    const verdict = await readDecision({
      assistant: requester.name,
      service: review(requester),
      envelopes,
      rows,
      lost: input.lost,
      close,
      signal,
      now: now(),
    });
    switch (verdict.type) {
      case 'open':
        return { type: 'stop', result: { type: 'open', request: openRequest(verdict.row) } };
      case 'unanswered':
        return {
          type: 'stop',
          result: { type: 'review', arguments: await toPayload(withoutEnvelope(verdict.row.request.details), values) },
        };
      case 'ask-again':
        return { type: 'stop', result: { type: 'ask-again' } };
      case 'rejected':
        return { type: 'stop', result: await refused(input, tool, verdict) };
      case 'approved': {
        const judgement = await judgeApproval(tool, policy, verdict);
        if (judgement.type === 'act') return { type: 'act', args: judgement.args, requestsBefore, approval: verdict };
        if (judgement.type === 'review') {
          return {
            type: 'stop',
            result: { type: 'review', arguments: await toPayload(judgement.args, values), because: judgement.because },
          };
        }
        return {
          type: 'stop',
          result: await settled(
            input,
            'bad-arguments',
            outputs.badArguments(tool.name, judgement.path, judgement.message),
            verdict.decision,
          ),
        };
      }
    }
  }

  async function refused(
    input: SettleInput,
    tool: Tool,
    { decision, note }: Extract<Verdict, { type: 'rejected' }>,
  ): Promise<SettleResult> {
    if (input.call.approval && decision.outcome !== 'approved')
      return await settled(input, decision.outcome, sealed(input, refusedFor(decision, note)), decision);
    switch (decision.outcome) {
      case 'expired': {
        const failRun = typeof tool.review === 'object' && tool.review.onExpiry === 'fail-run';
        return { ...(await settled(input, 'expired', outputs.expired, decision)), ...(failRun && { failRun }) };
      }
      case 'withdrawn':
        return decision.superseded
          ? await settled(input, 'superseded', outputs.superseded, decision)
          : await settled(input, 'withdrawn', outputs.withdrawn, decision);
      default: {
        const told =
          decision.by === 'person' && tool.noteToModel && note?.trim()
            ? outputs.deniedWithNote(note.trim())
            : outputs.denied;
        return await settled(input, 'rejected', told, decision);
      }
    }
  }

  /** What a program that asked by itself gets. It leaves Temporal, so it is sealed: nobody there can make one. */
  function sealed(input: SettleInput, decision: ApprovalDecision): string {
    return envelopes.sealDecision({ callKey: input.call.key, decision });
  }

  async function settledByLedger(input: SettleInput, row: EffectRow, decision: Decision | null): Promise<Settled> {
    const as = (
      {
        done: 'ran',
        failed: 'failed',
        confirmed: 'confirmed',
        'given-up': 'given-up',
        superseded: 'superseded',
      } as const
    )[row.state as 'done'];
    const known = row.state === 'superseded' ? superseded(row) : decision;
    return await settled(input, as, row.output ?? { text: outputs.unknown }, known, row.closedAt ?? undefined);
  }

  async function settled(
    input: SettleInput,
    as: SettledAs,
    output: string | EffectOutput,
    decision: Decision | null = null,
    at: number = now(),
  ): Promise<Settled> {
    const { text, result } = typeof output === 'string' ? { text: output, result: undefined } : output;
    const { callId, key } = input.call;
    return {
      type: 'settled',
      as,
      output: {
        callId,
        key,
        output: await toPayload(text, values, largestInlineOutputBytes),
        obtainedAt: at,
        ...(result && { result }),
      },
      ...(decision && { decision }),
    };
  }
}

function hasEnded({ state }: EffectRow): boolean {
  return state !== 'open' && state !== 'not-happened';
}

/** Whether what was begun is repeated as it was, or has to wait. Refused by now, or to act on other arguments, it may have happened all the same. */
function goesOn(leave: Leave, { argumentsDigest }: EffectRow): boolean {
  return leave.type === 'act' ? digestOf(leave.args) === argumentsDigest : leave.result.type !== 'settled';
}

function superseded({ at }: EffectRow): Decision {
  return { outcome: 'withdrawn', by: 'system', decidedAt: new Date(at).toISOString(), superseded: true };
}

type Settled = Extract<SettleResult, { type: 'settled' }>;

function editedDecision(decision: Decision, { args, asked }: { args: JsonObject; asked: JsonObject }): Decision {
  return decision.outcome === 'approved' ? { ...decision, edited: !sameJson(args, asked) } : decision;
}
