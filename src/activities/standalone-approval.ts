import { z } from 'zod';
import type { JsonObject, Json } from '@holdpoint/json';
import { digestOf, sameJson } from '@holdpoint/json/canonical';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { jsonSchemaParameters, TookTooLong } from '@holdpoint/json/schema';
import type { Tool } from '../assistant/tool.ts';
import type { CallKey } from '../domain/call-key.ts';
import type { ApprovalDecision, StandaloneApproval } from '../domain/standalone-approval.ts';
import type { Envelopes } from '../signing/envelope.ts';
import { checkArguments } from './arguments.ts';
import type { Approved, Clearance, Refused } from './clearance.ts';
import { failure } from './failure.ts';

/**
 * A standalone approval as a tool: always reviewed, nothing to execute. So it is sealed, recorded and checked like
 * every other call.
 * @throws InvalidRunInput when its `argumentsSchema` is not a JSON schema.
 */
export function approvalTool(approval: StandaloneApproval): Tool {
  const { action, summary, justification, riskLevel, expiresInMs, argumentsSchema } = approval;
  return {
    name: action,
    description: summary,
    parameters: argumentsSchema ? parametersOf(argumentsSchema) : z.record(z.string(), z.unknown()),
    parametersSchema: argumentsSchema ?? {},
    definition: digestOf(approval),
    effect: 'none',
    review: {
      summary,
      ...(riskLevel && { risk: riskLevel }),
      ...(justification !== undefined && { justification }),
      ...(expiresInMs !== undefined && { expiresIn: expiresInMs }),
      context: (_details, run) => run.context,
    },
    edits: 'replace',
    noteToModel: true,
    timeoutMs: 0,
    execute: null,
  };
}

/** @throws InvalidRunInput when the details can't be reviewed as they are. */
export async function checkDetails(tool: Tool, details: Json): Promise<void> {
  const checked = await checkArguments(tool, details);
  const problem = checked.ok
    ? RESERVED_DETAILS_KEY in checked.args
      ? `the key "${RESERVED_DETAILS_KEY}" is reserved`
      : undefined
    : `${checked.path}: ${checked.message}`;
  if (problem !== undefined)
    throw failure('InvalidRunInput', `The details of the approval "${tool.name}" can't be reviewed: ${problem}.`);
}

/**
 * The sealed output of an approved standalone approval. `args`: what was approved. `asked`: what was to be approved.
 */
export function approveStandalone(
  envelopes: Envelopes,
  callKey: CallKey,
  { decision: { by, decidedAt }, note }: Approved,
  { args, asked }: { args: JsonObject; asked: JsonObject },
): string {
  const modifiedDetails = sameJson(args, asked) ? null : args;
  return seal(envelopes, callKey, { outcome: 'approved', by, decidedAt, details: args, modifiedDetails, note });
}

/** Settles a refused standalone approval. */
export function refuseStandalone(
  envelopes: Envelopes,
  callKey: CallKey,
  { decision, note }: Refused,
): Extract<Clearance, { type: 'settle' }> {
  const { outcome, decidedAt } = decision;
  const told: ApprovalDecision =
    outcome === 'rejected' ? { outcome, by: decision.by, decidedAt, note } : { outcome, decidedAt };
  return { type: 'settle', as: outcome, output: seal(envelopes, callKey, told), decision };
}

/** Seals the decision, since it leaves Temporal as the output of a run. A forged output has no valid seal. */
function seal(envelopes: Envelopes, callKey: CallKey, decision: ApprovalDecision): string {
  return envelopes.sealDecision({ callKey, decision });
}

function parametersOf(schema: JsonObject): z.ZodType {
  try {
    return jsonSchemaParameters(schema);
  } catch (error) {
    // The gateway compiled it in time, so this machine is busy: a later attempt may succeed.
    if (error instanceof TookTooLong) throw error;
    throw failure(
      'InvalidRunInput',
      `The argumentsSchema of the approval is not a JSON schema: ${(error as Error).message}.`,
    );
  }
}
