import type { Json, JsonObject } from '@holdpoint/json';
import { checkArguments } from '../activities/arguments.ts';
import { clearApproved } from '../activities/clear-call.ts';
import { Policy } from '../activities/review-policy.ts';
import { hasBrand } from '../assistant/brand.ts';
import type { Duration, RunFacts, Tool } from '../assistant/tool.ts';
import { isRiskier, type RiskLevel } from '../domain/approval.ts';
import { outputs, resultOutput } from '../domain/outputs.ts';
import { wellFormed } from '../domain/well-formed.ts';

/** The run that a tested call belongs to. */
export type TestedRun = {
  /** The `context` that the run was started with. @default null */
  context?: unknown;
  /** @default 'test' */
  assistant?: string;
  /** @default 'run_test' */
  runId?: string;
};

/** Options of `call`. */
export type TestedCall = TestedRun & {
  /** @default a new key for each call */
  idempotencyKey?: string;
  /** The number of the attempt. @default 1 */
  attempt?: number;
  /** @default a signal that never aborts */
  signal?: AbortSignal;
};

/** The result of `call`: the value of `execute`, and the text that the model gets for it. */
export type CallResult<Result> = { result: Result; output: string };

/** The result of `review`: what the policy of the tool says about a call. */
export type ReviewResult = {
  /** True if a person decides. False: the call runs at once. */
  reviewed: boolean;
  /** Why a person decides, as shown to the reviewer. Empty for a call that runs at once. */
  reason: string;
  summary: string;
  risk: RiskLevel;
  /** Null: the model's own words are shown. */
  justification: string | null;
  /** The facts of `review.context`. */
  context: Json;
  /** @default no limit */
  expiresIn: Duration | null;
  /** Functions of the policy that threw. Holdpoint then takes the stricter way, and tells the reviewer. */
  problems: readonly string[];
};

/** Options of `edit`. */
export type TestedEdit<Args> = TestedRun & {
  /** Optional arguments that the reviewer removes. */
  removed?: ReadonlyArray<keyof Args & string>;
};

/**
 * The result of `edit`. `runs`: the tool gets these arguments. `asked-again`: a person decides once more, on these
 * arguments. `refused`: the model gets this text, and nothing runs.
 */
export type EditResult<Args> =
  | { outcome: 'runs'; args: Args }
  | { outcome: 'asked-again'; args: Args; because: string }
  | { outcome: 'refused'; output: string };

/** A tool under test. */
export type TestedTool<Args, Result> = {
  /**
   * Checks the arguments as for a model, then calls `execute` once. Errors of `execute` are passed on.
   * @throws InvalidArguments for arguments that the tool's schema refuses.
   */
  call(args: Args, options?: TestedCall): Promise<CallResult<Result>>;
  /**
   * Evaluates the review policy.
   * @throws InvalidArguments for arguments that the tool's schema refuses.
   */
  review(args: Args, run?: TestedRun): Promise<ReviewResult>;
  /**
   * Says what becomes of a reviewer's edit. A tool with `edits: 'merge'` takes the changed arguments alone.
   * @throws InvalidArguments for `args` that the tool's schema refuses.
   */
  edit(args: Args, edit: Partial<Args>, options?: TestedEdit<Args>): Promise<EditResult<Args>>;
};

/** The arguments do not fit the tool. `output` is the text that the model gets. */
export class InvalidArguments extends Error {
  override readonly name = 'InvalidArguments';
  readonly output: string;
  constructor(output: string) {
    super(output);
    this.output = output;
  }
}

/**
 * Tests a tool alone, by the code that a worker uses: no server, no model, no network. The arguments are typed by the
 * tool's schema.
 * @example
 * const tested = testTool(refund);
 * expect((await tested.review({ payment: 'p1', amount: 80 })).reviewed).toBe(true);
 * expect((await tested.call({ payment: 'p1', amount: 20 })).result).toEqual({ refunded: 20 });
 * expect(await tested.edit({ payment: 'p1', amount: 80 }, { payment: 'p1', amount: 60 })).toMatchObject({ outcome: 'runs' });
 * @throws TypeError for anything but a tool of `defineTool` or `fromAgentsTool`.
 */
export function testTool<Args, Result>(tool: Tool<Args, Result>): TestedTool<Args, Result> {
  if (!hasBrand('tool', tool))
    throw new TypeError('testTool needs a tool made by defineTool or fromAgentsTool. Wrap it: defineTool({ … }).');
  let calls = 0;
  return {
    async call(args, { idempotencyKey, attempt = 1, signal = new AbortController().signal, ...run } = {}) {
      const taken = await takenArguments(tool, args);
      if (tool.execute === null)
        throw new TypeError(
          `Tool "${tool.name}" has no execute, so there is nothing to call. Its approval is the output: test it with review and edit.`,
        );
      calls += 1;
      const result = (await tool.execute(taken, {
        idempotencyKey: idempotencyKey ?? `call_test_${calls}`,
        signal,
        attempt,
        run: factsOf(run),
        context: run.context ?? null,
      })) as Result;
      return { result, output: resultOutput(wellFormed(JSON.parse(JSON.stringify(result ?? null)) as Json)) };
    },

    async review(args, run = {}) {
      const taken = await takenArguments(tool, args);
      const policy = new Policy(tool, factsOf(run));
      const reviewed = await policy.needsReview(taken);
      return {
        reviewed,
        reason: reviewed ? policy.reason() : '',
        summary: policy.summary(taken),
        risk: policy.risk(taken),
        justification: policy.justification(taken, null).text,
        context: policy.context(taken),
        expiresIn: (typeof tool.review === 'object' && tool.review.expiresIn) || null,
        problems: policy.problems.map(({ says }) => says),
      };
    },

    async edit(args, edit, { removed = [], ...run } = {}) {
      const original = await takenArguments(tool, args);
      const policy = new Policy(tool, factsOf(run));
      const before = policy.risk(original);
      const cleared = await clearApproved(
        tool,
        { args: original, modified: edit as JsonObject, removed, note: null },
        (edited) => {
          const after = policy.risk(edited);
          return isRiskier(after, before) ? `The edit raises the risk from ${before} to ${after}.` : undefined;
        },
      );
      if (cleared.type === 'settle') return { outcome: 'refused', output: cleared.output };
      const taken = cleared.args as Args;
      return cleared.type === 'run'
        ? { outcome: 'runs', args: taken }
        : { outcome: 'asked-again', args: taken, because: cleared.because ?? '' };
    },
  };
}

/** The arguments as the tool's schema takes them. An error in the schema's own code is passed on. */
async function takenArguments(tool: Tool, args: unknown): Promise<JsonObject> {
  // First alone: it throws the user's error as it is.
  await tool.parameters.safeParseAsync(args);
  const checked = await checkArguments(tool, args as Json);
  if (!checked.ok) throw new InvalidArguments(outputs.badArguments(tool.name, checked.path, checked.message));
  return checked.args;
}

function factsOf({ runId = 'run_test', assistant = 'test', context = null }: TestedRun): RunFacts {
  return { runId, assistant, context };
}
