import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { jsonSchemaParameters } from '@holdpoint/json/schema';
import type { ExecutingTool, ToolReview } from './tool-definition.ts';
import { checkOneOf, checkOptions, refuse, shown } from './invalid-definition.ts';
import { makeTool } from './make-tool.ts';
import { strictSchema } from './strict-parameters.ts';
import type { RunFacts, Tool, ToolCallFacts } from './tool.ts';
import { NotExecuted, ToolFailed } from './tool-errors.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/** A function tool of `@openai/agents`. Holdpoint does not import that package. */
export type AgentsTool = {
  type: 'function';
  name: string;
  description: string;
  /** JSON schema. `invoke` checks the zod schema that it was made from. */
  parameters: object;
  strict: boolean;
  invoke(runContext: never, input: string, details?: never): Promise<unknown>;
  needsApproval(runContext: never, input: never, callId?: string): Promise<boolean>;
  isEnabled(runContext: never, agent: never): Promise<boolean>;
  timeoutMs?: number | undefined;
  timeoutBehavior?: string | undefined;
  inputGuardrails?: readonly unknown[] | undefined;
  outputGuardrails?: readonly unknown[] | undefined;
};

type Basics = Pick<ExecutingTool<ObjectSchema>, 'effect' | 'edits' | 'noteToModel' | 'timeout' | 'version'>;

/** The options that a tool of `@openai/agents` does not have. */
export type AgentsToolOptions<Args = unknown> = Basics & {
  /**
   * Adds to the tool's `needsApproval`: a call is reviewed if either asks for it. `'always'`: every call is reviewed.
   */
  review?: 'always' | ToolReview<Args>;
};

const options = ['effect', 'review', 'edits', 'noteToModel', 'timeout', 'version'];

/**
 * Makes a tool for `defineAssistant` from a function tool of `@openai/agents`. It keeps the name, description,
 * parameters and function. `needsApproval` becomes the review policy: if it throws, the call is reviewed. The function
 * gets the run's `context` as `runContext.context`, the call key as `details.toolCall.callId` (the same for every
 * attempt), and `details.signal`. Make the tool with `errorFunction: null`, since by default it returns a failure like
 * a result.
 * @example
 * const tools = [fromAgentsTool(refund, { effect: 'at-most-once', review: 'always' })];
 * @throws InvalidDefinition for a tool that can't be converted. The message says what to change.
 */
export function fromAgentsTool<const T extends AgentsTool>(
  tool: T,
  more: AgentsToolOptions<Parameters<T['needsApproval']>[1]>,
): Tool<Parameters<T['needsApproval']>[1]> {
  const owner = `Tool ${shown((tool as { name?: unknown } | undefined)?.name)}`;
  checkOptions(owner, 'the second argument of fromAgentsTool', more, options);
  checkTool(owner, tool);
  const calls = tool as unknown as CallableTool;
  const { review } = more;
  if (typeof review !== 'object') checkOneOf(owner, 'review', review, ['always']);
  const parameters = plainSchema(owner, tool.parameters);
  return makeTool<Parameters<T['needsApproval']>[1], unknown>(
    owner,
    {
      ...more,
      name: tool.name,
      description: tool.description,
      timeout: more.timeout ?? tool.timeoutMs ?? '10 minutes',
      review:
        review === 'always'
          ? 'always'
          : {
              ...(review as ToolReview<unknown> | undefined),
              when: eitherAsks(calls, review?.when as ToolReview<unknown>['when']),
            },
      execute: invoker(calls),
    },
    () => {
      try {
        return { parser: jsonSchemaParameters(parameters), strict: strictSchema(parameters) };
      } catch (error) {
        return refuse(owner, `its parameters are not a JSON schema: ${(error as Error).message}.`);
      }
    },
  );
}

type RunContext = { context: unknown };
type Details = {
  signal: AbortSignal;
  toolCall: { type: 'function_call'; name: string; callId: string; arguments: string };
};
/** The same functions, with the arguments that Holdpoint passes. */
type CallableTool = {
  name: string;
  invoke(runContext: RunContext, input: string, details?: Details): Promise<unknown>;
  needsApproval(runContext: RunContext, input: unknown): Promise<unknown>;
  isEnabled(runContext: RunContext, agent: undefined): Promise<unknown>;
};

function checkTool(owner: string, tool: AgentsTool): void {
  const parts = tool as { [name: string]: unknown } | null | undefined;
  if (
    parts?.['type'] !== 'function' ||
    ['invoke', 'needsApproval', 'isEnabled'].some((name) => typeof parts[name] !== 'function')
  ) {
    refuse(
      owner,
      'this is not a function tool of @openai/agents. Pass a result of its tool({ … }): hosted tools and computers have no function to run.',
    );
  }
  if (!tool.strict)
    refuse(
      owner,
      'it has strict: false, and Holdpoint needs strict arguments. Make the tool with zod parameters, or strict: true.',
    );
  if ((tool.inputGuardrails?.length ?? 0) + (tool.outputGuardrails?.length ?? 0) > 0)
    refuse(
      owner,
      'its guardrails belong to the runner of @openai/agents and would not run here. Check in review.when or in the function, and leave them out.',
    );
  if (tool.timeoutMs !== undefined && tool.timeoutBehavior !== 'raise_exception')
    refuse(
      owner,
      "a timeout of it looks like a result. Give it timeoutBehavior: 'raise_exception', or leave timeoutMs out and set timeout in the second argument.",
    );
}

/** The parameters as plain JSON: the SDK's object may share parts, or hold values that are not JSON. */
function plainSchema(owner: string, parameters: unknown): JsonObject {
  const plain = JSON.parse(JSON.stringify(parameters ?? null)) as Json;
  if (!isJsonObject(plain) || plain['type'] !== 'object')
    refuse(owner, 'its parameters are not the JSON schema of an object.');
  return plain;
}

function eitherAsks(tool: CallableTool, when: ToolReview<unknown>['when']): NonNullable<ToolReview<unknown>['when']> {
  return async (args, run) =>
    Boolean(await tool.needsApproval({ context: run.context as unknown }, structuredClone(args))) ||
    (when !== undefined && Boolean(await when(args, run as RunFacts<never>)));
}

/** Runs the tool's own function. */
function invoker(tool: CallableTool): (args: unknown, facts: ToolCallFacts) => Promise<unknown> {
  let answersFailures: Promise<boolean> | undefined;
  return async (args, { idempotencyKey, signal, context }) => {
    const runContext: RunContext = { context };
    // The tool does not show its errorFunction, so a call with invalid JSON tests for one.
    if (await (answersFailures ??= answersLikeAResult(tool, runContext))) {
      throw new NotExecuted(
        `"${tool.name}" was not run, because it answers its own failures like results. Make it with errorFunction: null.`,
      );
    }
    if (!(await enabled(tool, runContext))) throw new ToolFailed('it is not enabled for this run');
    const input = JSON.stringify(args);
    try {
      return await tool.invoke(runContext, input, {
        signal,
        toolCall: { type: 'function_call', name: tool.name, callId: idempotencyKey, arguments: input },
      });
    } catch (error) {
      // Its zod schema may be stricter than its JSON schema. The function has not begun, and a retry would fail alike.
      if (error instanceof Error && error.name === 'InvalidToolInputError')
        throw new ToolFailed('its own schema refused the arguments', { cause: error });
      throw error;
    }
  };
}

async function enabled(tool: CallableTool, runContext: RunContext): Promise<boolean> {
  try {
    return Boolean(await tool.isEnabled(runContext, undefined));
  } catch (cause) {
    throw new NotExecuted(`its isEnabled failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** True if the tool answers invalid JSON with a result. Such arguments never reach its function. */
async function answersLikeAResult(tool: CallableTool, runContext: RunContext): Promise<boolean> {
  return await tool.invoke(runContext, '{').then(
    () => true,
    () => false,
  );
}
