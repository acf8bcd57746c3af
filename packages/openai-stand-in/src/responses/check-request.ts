import { badRequest } from '../openai-error.ts';
import type { FunctionTool, ScriptInput } from '../scripts/script.ts';
import type { CreateResponseRequest } from './request-schema.ts';
import { checkFunctionParameters, checkOutputSchema } from './strict-schema.ts';

type Tool = NonNullable<CreateResponseRequest['tools']>[number];
type CheckedFunctionTool = Extract<Tool, { type: 'function' }>;

function isFunctionTool(tool: Tool): tool is CheckedFunctionTool {
  return tool.type === 'function';
}

/** The request's function tools. */
export function functionToolsOf({ tools }: CreateResponseRequest): readonly FunctionTool[] {
  return (tools ?? []).filter(isFunctionTool).map(({ name, parameters = null }) => ({ name, parameters }));
}

/** `tool_choice` in the form for scripts. */
export function toolChoiceOf({ tool_choice: choice }: CreateResponseRequest): ScriptInput['toolChoice'] {
  if (choice === undefined || choice === null) return 'auto';
  if (typeof choice === 'string') return choice;
  if (choice.type === 'function' && typeof choice['name'] === 'string') return { name: choice['name'] };
  return choice['mode'] === 'required' ? 'required' : 'auto';
}

function checkTools(request: CreateResponseRequest): void {
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (isFunctionTool(tool))
      checkFunctionParameters(tool.name, tool.parameters, tool.strict === true, `tools[${index}].parameters`);
  }
}

function checkToolChoice(request: CreateResponseRequest): void {
  const choice = toolChoiceOf(request);
  const tools = request.tools ?? [];
  if (choice === 'required' && tools.length === 0)
    throw badRequest("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
  if (typeof choice === 'object' && !functionToolsOf(request).some(({ name }) => name === choice.name)) {
    throw badRequest("Tool choice 'function' not found in 'tools' parameter.", 'tool_choice');
  }
}

/** Checks a request without the stored state. @throws OpenAIError 400. */
export function checkRequest(request: CreateResponseRequest): void {
  const { input, previous_response_id: parent, conversation, prompt } = request;
  if (typeof parent === 'string' && conversation !== undefined && conversation !== null) {
    throw badRequest(
      "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
      null,
      'mutually_exclusive_parameters',
    );
  }
  if (input === undefined && typeof parent !== 'string' && (conversation ?? prompt ?? undefined) === undefined) {
    throw badRequest("Missing required parameter: 'input'.", 'input', 'missing_required_parameter');
  }
  checkTools(request);
  checkToolChoice(request);
  const format = request.text?.format;
  if (format?.type === 'json_schema') checkOutputSchema(format.name, format.schema, format.strict === true);
}
