import type { Item } from '../item.ts';
import { isJsonObject } from '../json-value.ts';
import type { FunctionTool, ScriptInput } from '../scripts/script.ts';
import type { RunObject } from './run.ts';

/** Converts a run to the input of scripts, which is the same for all APIs. */
export function runScriptInput(run: RunObject, items: readonly Item[]): ScriptInput {
  return {
    model: run.model,
    items,
    tools: toolsOf(run),
    toolChoice: toolChoiceOf(run),
    parallelToolCalls: run.parallel_tool_calls,
    maxOutputTokens: run.max_completion_tokens,
    outputSchema: outputSchemaOf(run),
    metadata: isJsonObject(run.metadata) ? (run.metadata as Record<string, string>) : {},
  };
}

function toolsOf({ tools }: RunObject): readonly FunctionTool[] {
  return tools.flatMap((tool) => {
    if (tool.type !== 'function') return [];
    const { name, parameters } = tool.function as { name: string; parameters?: unknown };
    return [{ name, parameters: isJsonObject(parameters) ? parameters : null }];
  });
}

function toolChoiceOf({ tool_choice: choice }: RunObject): ScriptInput['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice;
  const named = isJsonObject(choice) && isJsonObject(choice['function']) ? choice['function']['name'] : undefined;
  return typeof named === 'string' ? { name: named } : 'auto';
}

function outputSchemaOf({ response_format: format }: RunObject): ScriptInput['outputSchema'] {
  const described = isJsonObject(format) ? format['json_schema'] : undefined;
  const schema = isJsonObject(described) ? described['schema'] : undefined;
  return isJsonObject(schema) ? schema : null;
}
