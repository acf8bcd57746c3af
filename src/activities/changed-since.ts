import type { Json, JsonObject } from '@holdpoint/json';
import type { Tool } from '../assistant/tool.ts';
import { isRiskier } from '../domain/approval.ts';
import type { Envelope, Envelopes } from '../signing/envelope.ts';
import type { Policy } from './review-policy.ts';

/** The approved request, and the call as it would run now. */
export type ApprovedCall = {
  envelope: Envelope;
  /** The arguments that were shown, and those that would run. */
  shown: JsonObject;
  args: JsonObject;
  tool: Tool;
  policy: Policy;
  /** The `context` of the run now. */
  context: Json;
};

/**
 * Why an approved call is reviewed again: what a person saw no longer holds. Undefined if it holds. A lower risk and
 * other words of the policy change nothing.
 */
export function changedSince(envelopes: Envelopes, call: ApprovedCall): string | undefined {
  return changedTool(call) ?? changedContext(envelopes, call) ?? changedRisk(call);
}

function changedTool({ envelope, tool }: ApprovedCall): string | undefined {
  if (envelope.definition === tool.definition) return undefined;
  const before = envelope.toolVersion ?? null;
  const now = tool.version ?? null;
  if (before === now) return 'The tool was changed after this was approved.';
  const nameOf = (version: string | null) => (version === null ? 'no version' : `version "${version}"`);
  return `The tool was changed after this was approved: it had ${nameOf(before)} and now has ${nameOf(now)}.`;
}

function changedContext(envelopes: Envelopes, { envelope, tool, context }: ApprovedCall): string | undefined {
  if (envelopes.hasContext(envelope, context)) return undefined;
  if (envelope.runContext !== undefined)
    return 'The context of the run is not the one that this was approved with. The tool would get other data than the reviewer was asked about.';
  // Nothing runs here, so no code gets the context.
  if (tool.execute === null) return undefined;
  return 'This was asked by an older version of Holdpoint, which did not bind the approval to the context of the run.';
}

function changedRisk({ envelope, policy, shown, args }: ApprovedCall): string | undefined {
  const risk = policy.risk(args);
  if (!isRiskier(risk, envelope.risk)) return undefined;
  return isRiskier(policy.risk(shown), envelope.risk)
    ? `The policy of the tool became stricter: the risk is now ${risk}, and this was approved as ${envelope.risk}.`
    : `The edit raises the risk from ${envelope.risk} to ${risk}.`;
}
