import type { z } from 'zod';
import { checkOptions, refuse, shown } from './invalid-definition.ts';
import { makeTool, reviewOptions, type ToolParts } from './make-tool.ts';
import { strictParameters } from './strict-parameters.ts';
import type { AskingTool, ExecutingTool } from './tool-definition.ts';
import type { Tool } from './tool.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

const toolOptions = [
  'name',
  'description',
  'parameters',
  'effect',
  'review',
  'edits',
  'noteToModel',
  'timeout',
  'version',
  'execute',
];

/**
 * Defines a tool: its description for the model, its review policy, and the function that acts.
 * @example
 * const refund = defineTool({
 *   name: 'refund',
 *   description: 'Refund a payment.',
 *   parameters: z.object({ payment: z.string(), amount: z.number().positive() }),
 *   effect: 'idempotent',
 *   review: { when: ({ amount }) => amount > 50, expiresIn: '3 days' },
 *   execute: ({ payment, amount }, { idempotencyKey }) => payments.refund(payment, amount, idempotencyKey),
 * });
 * @throws InvalidDefinition for an invalid option, or parameters outside OpenAI's strict mode. The message names the
 * tool and the option, and says what to write instead.
 */
export function defineTool<const Schema extends ObjectSchema, Result = unknown>(
  input: ExecutingTool<Schema, Result> | AskingTool<Schema>,
): Tool<Schema['_zod']['input'], Awaited<Result>> {
  const owner = `Tool ${shown((input as { name?: unknown } | undefined)?.name)}`;
  const misplaced = reviewOptions.find((option) => typeof input === 'object' && input !== null && option in input);
  if (misplaced !== undefined) refuse(owner, `${misplaced} is an option of review. Write review: { ${misplaced}: … }.`);
  checkOptions(owner, 'the definition', input, toolOptions);
  return makeTool<Schema['_zod']['input'], Awaited<Result>>(owner, input as ToolParts, () => {
    checkParameters(owner, input.parameters);
    return { parser: input.parameters as unknown as z.ZodType, strict: strictParameters(input.parameters) };
  });
}

function checkParameters(owner: string, parameters: unknown): void {
  const type = (parameters as Partial<ObjectSchema> | null | undefined)?._zod?.def.type as string | undefined;
  if (type === undefined)
    refuse(
      owner,
      "parameters must be a z.object of zod 4, not zod 3 or plain JSON schema. Write z.object({ … }) with z from 'zod' 4.",
    );
  if (type !== 'object')
    refuse(
      owner,
      `parameters must be a z.object, not a zod ${type}. Strict mode needs an object at the root: make it a property of a z.object.`,
    );
}
