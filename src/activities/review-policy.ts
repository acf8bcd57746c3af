import type { RiskLevel } from '../domain/approval.ts';
import { riskLevels } from '../domain/approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { ReviewPolicy, RunFacts, Tool } from '../assistant/tool.ts';

/** Milliseconds until a slow `when` counts as asking for review. */
const patienceMs = 10_000;

/** Evaluates a tool's review policy. Its functions get copies of the arguments. An error in one makes the review stricter. */
export class Policy {
  readonly #tool: Tool;
  readonly #run: RunFacts<never>;

  constructor(tool: Tool, run: RunFacts) {
    this.#tool = tool;
    this.#run = run as RunFacts<never>;
  }

  /** True if a person decides on these arguments, or if the policy throws. */
  async needsReview(args: JsonObject): Promise<boolean> {
    const { review, execute } = this.#tool;
    if (!execute || review === 'always') return true;
    if (review === 'never') return false;
    try {
      return review.when === undefined || Boolean(await orReview(review.when(structuredClone(args), this.#run)));
    } catch {
      return true;
    }
  }

  /** Why a person decides, shown to the reviewer. */
  reason(): string {
    const { review, execute } = this.#tool;
    const isByRule = typeof review === 'object' && review.when !== undefined && execute;
    return isByRule
      ? 'The rule of this tool (`review.when`) has a person decide on these arguments.'
      : 'A person decides on every call of this tool.';
  }

  /** The risk that the reviewer sees; `high` if the policy throws or returns no level. */
  risk(args: JsonObject): RiskLevel {
    const { risk } = this.#rules();
    const level =
      typeof risk === 'function' ? this.#try(() => risk(structuredClone(args), this.#run)) : (risk ?? 'medium');
    return riskLevels.includes(level as RiskLevel) ? (level as RiskLevel) : 'high';
  }

  /** One plain sentence for the reviewer. */
  summary(args: JsonObject): string {
    const { summary } = this.#rules();
    const text = typeof summary === 'function' ? this.#try(() => summary(structuredClone(args), this.#run)) : summary;
    return typeof text === 'string' && text.trim() !== ''
      ? text
      : `${this.#run.assistant} wants to run ${this.#tool.name}`;
  }

  /** The justification from the config, else the model's words, marked as such. */
  justification(args: JsonObject, modelWords: string | null): { text: string | null; from: 'config' | 'model' | null } {
    const { justification } = this.#rules();
    const text =
      typeof justification === 'function'
        ? this.#try(() => justification(structuredClone(args), this.#run))
        : justification;
    if (typeof text === 'string' && text.trim() !== '') return { text, from: 'config' };
    return modelWords?.trim()
      ? { text: `The model says: ${modelWords.trim()}`, from: 'model' }
      : { text: null, from: null };
  }

  /** The context that the policy adds for the reviewer; null if it throws or has none. */
  context(args: JsonObject): Json {
    const { context } = this.#rules();
    if (!context) return null;
    return (
      this.#try(() => JSON.parse(JSON.stringify(context(structuredClone(args), this.#run) ?? null)) as Json) ?? null
    );
  }

  #rules(): ReviewPolicy<unknown> {
    return typeof this.#tool.review === 'object' ? this.#tool.review : {};
  }

  #try<T>(evaluate: () => T): T | undefined {
    try {
      const value: unknown = evaluate();
      if (!(value instanceof Promise)) return value as T;
      // Only `when` may be asynchronous. A rejection here must not end the worker.
      value.catch(() => undefined);
      return undefined;
    } catch {
      return undefined;
    }
  }
}

/** The answer of `when`; true (review) when it takes too long. */
async function orReview(answer: boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      answer,
      new Promise<true>((resolve) => (timer = setTimeout(resolve, patienceMs, true))),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
