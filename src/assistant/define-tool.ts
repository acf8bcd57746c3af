import type { z } from 'zod';
import { checkOptions, refuse, shown } from './invalid-definition.ts';
import { makeTool } from './make-tool.ts';
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
  'execute',
];

/**
 * Defines a tool: what the model sees, when a person decides, and the function that acts.
 * @throws InvalidDefinition at once for anything wrong, OpenAI's strict mode included: which tool, where, what to do.
 */
export function defineTool<const Schema extends ObjectSchema>(input: ExecutingTool<Schema> | AskingTool<Schema>): Tool {
  const owner = `Tool ${shown((input as { name?: unknown } | undefined)?.name)}`;
  checkOptions(owner, 'the definition', input, toolOptions);
  return makeTool(owner, input, () => {
    checkParameters(owner, input.parameters);
    return { parser: input.parameters as unknown as z.ZodType, strict: strictParameters(input.parameters) };
  });
}

function checkParameters(owner: string, parameters: unknown): void {
  const type = (parameters as Partial<ObjectSchema> | null | undefined)?._zod?.def.type as string | undefined;
  if (type === undefined)
    refuse(
      owner,
      "parameters must be a z.object of zod 4 (this is none: is it zod 3, or plain JSON schema?). Write z.object({ … }) with z from 'zod' 4.",
    );
  if (type !== 'object')
    refuse(
      owner,
      `parameters must be a z.object, not a zod ${type}. Strict mode takes an object at the root; put what varies inside, as a property.`,
    );
}
