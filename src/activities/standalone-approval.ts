import { z } from 'zod';
import type { Tool } from '../assistant/tool.ts';
import type { StandaloneApproval } from '../domain/standalone-approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import { jsonSchemaParameters, TookTooLong } from '@holdpoint/json/schema';
import { checkArguments } from './arguments.ts';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { failure } from './failure.ts';

/**
 * A standalone approval, as the tool that it would be: always reviewed, nothing to execute. So it goes
 * the way of every other call: sealed, recorded, and held against what an edit may be.
 * @throws InvalidRunInput when its schema is none.
 */
export function approvalTool(asked: StandaloneApproval): Tool {
  const { action, summary, justification, riskLevel, expiresInMs, argumentsSchema } = asked;
  return {
    name: action,
    description: summary,
    parameters: argumentsSchema ? parametersOf(argumentsSchema) : z.record(z.string(), z.unknown()),
    parametersSchema: argumentsSchema ?? {},
    definition: digestOf(asked),
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
export async function checkStandalone(tool: Tool, details: Json): Promise<void> {
  const checked = await checkArguments(tool, details);
  const problem = checked.ok
    ? RESERVED_DETAILS_KEY in checked.args
      ? `the key "${RESERVED_DETAILS_KEY}" is reserved`
      : undefined
    : `${checked.path}: ${checked.message}`;
  if (problem !== undefined)
    throw failure('InvalidRunInput', `The details of the approval "${tool.name}" can't be asked for: ${problem}.`);
}

function parametersOf(schema: JsonObject): z.ZodType {
  try {
    return jsonSchemaParameters(schema);
  } catch (error) {
    // It was read in time when it was asked for: this machine is busy, and a later attempt may do better.
    if (error instanceof TookTooLong) throw error;
    throw failure(
      'InvalidRunInput',
      `The argumentsSchema of the approval is not a JSON schema: ${(error as Error).message}.`,
    );
  }
}
