import { isJsonObject, type Json } from '@holdpoint/json';
import { digestOf, sameJson } from '@holdpoint/json/canonical';
import type { RunActivities, SettleInput, SettleResult } from '../domain/activities.ts';
import { outputs } from '../domain/outputs.ts';
import type { Tool } from '../assistant/tool.ts';
import { withHeartbeats, type AttemptLease } from './attempt-lease.ts';
import { closeSuperseded, hasEnded, settleUnknown } from './call-ledger.ts';
import { clearCall } from './clear-call.ts';
import type { Clearance } from './clearance.ts';
import { factsOf, ownCall, requesterNamed, toolOf, type ActivityDependencies, type Requester } from './context.ts';
import { toTemporalFailure } from './failure.ts';
import { heldByPause } from './kill-switch.ts';
import { fromPayload, toPayload } from './payloads.ts';
import type { EffectRow } from './ports.ts';
import { readAhead, type Ahead } from './read-ahead.ts';
import { approvedToolOutput, settled, settledByRow, toolOutput } from './record-result.ts';
import { noteClearance, recordCall, type CallFacts } from './record-run.ts';
import { runTool } from './run-tool.ts';
import { sealReason } from './sealed-reason.ts';
import { approveStandalone } from './standalone-approval.ts';
import { waitForAssistant } from './wait-for-assistant.ts';

/**
 * Settles one tool call, in four steps: ledger, clearance, run, record. A tool runs nowhere else. The Activity trusts
 * none of its input: the effect ledger says whether the call acted before, policy and decision are read again, the
 * decision at its source, the approved arguments run, and a call of another run is refused.
 * @throws ForeignCall; Review… and Tool… failures; UnknownAssistant (parks); AssistantNotHere (retried).
 */
export function createSettleToolCall(dependencies: ActivityDependencies): RunActivities['settleToolCall'] {
  const { config, effects, runs, values, envelopes } = dependencies;

  return async (input: SettleInput): Promise<SettleResult> => {
    await ownCall(runs, input.call?.key);
    await waitForAssistant(dependencies, input.assistant, { begun: true });
    const requester = requesterNamed(config, input.assistant);
    try {
      return await withHeartbeats(async (lease) => {
        for (;;) {
          const facts: CallFacts = {};
          const ahead = readAhead(dependencies, input, requester);
          const result = await settle(input, requester, { lease, facts, ahead }).finally(() => ahead.stop());
          if (result === 'taken') continue;
          await recordCall(dependencies, input, { result, facts });
          return sealReason(envelopes, input.call.key, withDecider(result, facts));
        }
      });
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };

  /** `taken`: another attempt wrote to the ledger first, so this one starts over. */
  async function settle(
    input: SettleInput,
    requester: Requester,
    { lease, facts, ahead }: { lease: AttemptLease; facts: CallFacts; ahead: Ahead },
  ): Promise<SettleResult | 'taken'> {
    const tool = toolOf(requester, input.call);

    // Ledger: a call that has acted is settled by its row.
    let row = await effects.newest(input.call.key);
    // A start without an end is retried only if the tool was idempotent then and is now.
    if (row?.state === 'open' && (row.effect !== 'idempotent' || tool?.effect !== 'idempotent')) {
      const known = await settleUnknown(dependencies, input, requester, row);
      if (known.type !== 'closed') return known;
      facts.decided = known.read;
      row = known.row;
    }
    if (row && hasEnded(row)) return await settledByRow(dependencies, input, row);
    if (!tool) {
      const names = requester.tools.map(({ name }) => name);
      return await settled(dependencies, input, {
        as: 'unknown-tool',
        output: outputs.unknownTool(input.call.tool, names),
      });
    }

    // Clearance: what policy and decision let the call do now. A started call is not superseded.
    const superseded = input.supersede === true && row?.state !== 'open';
    const clearance = await clearCall(dependencies, { input, requester, tool, superseded, ahead });
    noteClearance(facts, clearance);
    if (row?.state === 'open' && !canRetry(clearance, row)) {
      const known = await settleUnknown(dependencies, input, requester, row);
      if (known.type !== 'closed') return known;
      facts.decided = known.read;
      row = known.row;
      if (hasEnded(row)) return await settledByRow(dependencies, input, row);
    }
    if (clearance.type !== 'run') {
      if (!superseded || (clearance.type === 'settle' && clearance.as !== 'superseded'))
        return await withoutRunning(input, clearance);
      const refused = await closeSuperseded(dependencies, input, row);
      return refused ? await settledByRow(dependencies, input, refused) : 'taken';
    }

    // A standalone approval starts no tool.
    const held = input.call.approval
      ? undefined
      : await heldByPause(dependencies, requester, input.showsPause === true);
    if (held) return held;

    // Run and record.
    return await run(input, { requester, tool, row, lease, clearance });
  }

  async function run(
    input: SettleInput,
    { requester, tool, row, lease, clearance }: Running,
  ): Promise<SettleResult | 'taken'> {
    const { args, approval, requestsBefore } = clearance;
    const given = await fromPayload(input.call.arguments, values);
    const asked = isJsonObject(given) ? given : {};
    const acted = { args, asked, note: approval?.note ?? null, reviewed: approval !== null };
    const decision = approval && { ...approval.decision, edited: !sameJson(args, asked) };
    if (input.call.approval && approval) {
      const output = approveStandalone(envelopes, input.call.key, approval, acted);
      return await settled(dependencies, input, { as: 'approved', output, ...(decision && { decision }) });
    }
    const { execute, effect } = tool;
    if (!execute || effect === 'none')
      return await settled(dependencies, input, {
        as: 'ran',
        output: approvedToolOutput(acted),
        ...(decision && { decision }),
      });
    const ran = await runTool(dependencies, {
      tool: { ...tool, execute },
      // A tool of an older copy of the package may have another word for `at-most-once`.
      effect: effect === 'idempotent' ? effect : 'at-most-once',
      // Copies, so that a tool which changes them changes neither the model's output nor the next attempt.
      args: structuredClone(args),
      facts: {
        run: factsOf(requester, structuredClone(input.context)),
        context: structuredClone(input.context),
      },
      callKey: input.call.key,
      request: approval && approval.request,
      decidedAt: approval && approval.decision.decidedAt,
      ...(input.decisionTrace !== undefined && { decisionTrace: input.decisionTrace }),
      requestsBefore,
      row,
      retries: input.retries,
      lease,
      output: (result: Json) => toolOutput(result, acted),
    });
    switch (ran.type) {
      case 'ended':
        return await settledByRow(dependencies, input, ran.row, decision ?? undefined);
      case 'unknown':
        return ran;
      case 'taken':
        return 'taken';
    }
  }

  async function withoutRunning(
    input: SettleInput,
    clearance: Exclude<Clearance, { type: 'run' }>,
  ): Promise<SettleResult> {
    switch (clearance.type) {
      case 'wait':
        return clearance.request ? { type: 'open', request: clearance.request } : { type: 'ask-again' };
      case 'review': {
        const { args, because, draft } = clearance;
        return {
          type: 'review',
          arguments: await toPayload(args, values),
          ...(because !== undefined && { because }),
          ...(draft && { draft: await toPayload(draft, values) }),
        };
      }
      case 'settle': {
        const { failRun } = clearance;
        return { ...(await settled(dependencies, input, clearance)), ...(failRun && { failRun }) };
      }
    }
  }
}

/** Adds the names of those who decided, for Temporal's UI. */
function withDecider(result: SettleResult, { decided }: CallFacts): SettleResult {
  if (result.type !== 'settled' || !result.decision || !decided) return result;
  const { reviewer = null, rule = null } = decided.decider ?? {};
  const decider = reviewer ?? (rule === null ? null : `the rule "${rule}"`);
  return decider === null ? result : { ...result, decider };
}

type Running = {
  requester: Requester;
  tool: Tool;
  row: EffectRow | undefined;
  lease: AttemptLease;
  clearance: Extract<Clearance, { type: 'run' }>;
};

/**
 * True if the open attempt can be retried unchanged. If the call is now refused or its arguments differ, the effect may
 * still have happened: a person is asked.
 */
function canRetry(clearance: Clearance, { argumentsDigest }: EffectRow): boolean {
  return clearance.type === 'run' ? digestOf(clearance.args) === argumentsDigest : clearance.type !== 'settle';
}
