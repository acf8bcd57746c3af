import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { jsonSchemaParameters } from '@holdpoint/json/schema';
import type { ExecutingTool, ToolReview } from './tool-definition.ts';
import { checkOneOf, checkOptions, refuse, shown } from './invalid-definition.ts';
import { makeTool } from './make-tool.ts';
import { strictSchema } from './strict-parameters.ts';
import type { RunFacts, Tool, ToolCallFacts } from './tool.ts';
import { NotExecuted, ToolFailed } from './tool-errors.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/** A function tool of `@openai/agents`, as far as it matters here. That package is not needed to take one. */
export type AgentsTool = {
  type: 'function';
  name: string;
  description: string;
  /** JSON schema; the zod schema that it was made from is inside `invoke`. */
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

type Basics = Pick<ExecutingTool<ObjectSchema>, 'effect' | 'edits' | 'noteToModel' | 'timeout'>;

/** What a tool of `@openai/agents` does not say of itself. */
export type AgentsToolOptions<Args = unknown> = Basics & {
  /** Adds to the tool's own `needsApproval`: a call is reviewed if either asks for it. `'always'`: every call is. */
  review?: 'always' | ToolReview<Args>;
};

const options = ['effect', 'review', 'edits', 'noteToModel', 'timeout'];

/**
 * Takes a function tool of `@openai/agents` into `defineAssistant`: its name, description and parameters, `needsApproval`
 * as the review policy (one that throws asks for review), and its function. The function gets the run's `context` as
 * `runContext.context`, the call key as `details.toolCall.callId` (the same for every attempt), and `details.signal`.
 * Make the tool with `errorFunction: null`: by default it answers a failure like a result, and nobody could tell.
 * @throws InvalidDefinition at once for what can't be taken over: which tool, and what to do.
 */
export function fromAgentsTool<const T extends AgentsTool>(
  tool: T,
  more: AgentsToolOptions<Parameters<T['needsApproval']>[1]>,
): Tool {
  const owner = `Tool ${shown((tool as { name?: unknown } | undefined)?.name)}`;
  checkOptions(owner, 'the second argument of fromAgentsTool', more, options);
  checkTool(owner, tool);
  const calls = tool as unknown as CallableTool;
  const { review } = more;
  if (typeof review !== 'object') checkOneOf(owner, 'review', review, ['always']);
  const parameters = plainSchema(owner, tool.parameters);
  return makeTool(
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
/** The same functions, with what they are really called with. */
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
      'this is no function tool of @openai/agents. Give what its tool({ … }) made; hosted tools and computers have no function that could run here.',
    );
  }
  if (!tool.strict)
    refuse(
      owner,
      'it has strict: false, and Holdpoint asks for strict arguments. Make the tool with zod parameters, or strict: true.',
    );
  if ((tool.inputGuardrails?.length ?? 0) + (tool.outputGuardrails?.length ?? 0) > 0)
    refuse(
      owner,
      'its guardrails belong to the runner of @openai/agents and would not run here. Check in review.when or in the function, and leave them out.',
    );
  if (tool.timeoutMs !== undefined && tool.timeoutBehavior !== 'raise_exception')
    refuse(
      owner,
      "its timeoutMs answers like a result when time is up, and nobody could tell. Give it timeoutBehavior: 'raise_exception', or leave timeoutMs out and set timeout in the second argument.",
    );
}

/** As JSON has it: what the SDK made may share objects, or hold what is not JSON. */
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
    // Only asking can tell: the tool keeps its errorFunction to itself.
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
      // Its zod schema may want more than JSON schema can say; the function has not begun then, and would not next time.
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

/** Whether the tool makes an answer of arguments that are no JSON, which never reach its function. */
async function answersLikeAResult(tool: CallableTool, runContext: RunContext): Promise<boolean> {
  return await tool.invoke(runContext, '{').then(
    () => true,
    () => false,
  );
}
