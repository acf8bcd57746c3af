import type { RiskLevel } from '../domain/approval.ts';
import { riskLevels } from '../domain/approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { within } from '@holdpoint/process';
import { type ReviewStage, stagesOf } from '../assistant/review-by.ts';
import type { ReviewByRule, ReviewPolicy, RunFacts, Tool } from '../assistant/tool.ts';
import type { Preview } from '@holdpoint/cheqpoint/wire';
import { toPreview, toSubject } from '../assistant/check-shows.ts';
import { thrownError, thrownMessage } from './thrown-error.ts';

/** Milliseconds until a slow `when` counts as asking for review. */
const patienceMs = 10_000;

/** The name of no group: a review server addresses it to the administrators. */
const noGroup = '(review.by failed)';

/** Characters of an error's message that the reviewer sees. */
const longestMessage = 300;

/** A function of the policy that threw, or returned a value that can't be used. */
export type PolicyProblem = {
  option: keyof ReviewPolicy<unknown>;
  /** For the reviewer, one sentence. */
  says: string;
  error: Error;
};

const stricter = {
  when: 'a person is asked to be safe',
  risk: 'the risk is shown as high',
  summary: 'a plain summary is shown',
  justification: 'it is left out',
  context: 'it is left out',
  by: 'the administrators decide',
  preview: 'there is no preview',
  subject: 'there is no subject',
} as const;

/**
 * Evaluates a tool's review policy. Its functions get copies of the arguments and of the run's context, so that
 * they change neither what is sealed nor what the tool gets. An error in one makes the review stricter, and
 * is kept in `problems`.
 */
export class Policy {
  readonly problems: PolicyProblem[] = [];
  readonly #tool: Tool;
  readonly #run: RunFacts;

  constructor(tool: Tool, run: RunFacts) {
    this.#tool = tool;
    this.#run = run;
  }

  /** True if a person decides on these arguments, or if the policy throws. */
  async needsReview(args: JsonObject): Promise<boolean> {
    const { review, execute } = this.#tool;
    if (!execute || review === 'always') return true;
    if (review === 'never') return false;
    try {
      if (review.when === undefined) return true;
      const answer = Promise.resolve(review.when(structuredClone(args), this.#facts()));
      return Boolean(await within(patienceMs, 'the answer', answer));
    } catch (error) {
      this.#note('when', error);
      return true;
    }
  }

  /** Why a person decides, shown to the reviewer. Empty when `when` threw: its problem is the reason. */
  reason(): string {
    const { review, execute } = this.#tool;
    // The problem says why.
    if (this.problems.some(({ option }) => option === 'when')) return '';
    const isByRule = typeof review === 'object' && review.when !== undefined && execute;
    return isByRule
      ? 'The rule of this tool (review.when) has a person decide on these arguments.'
      : 'A person decides on every call of this tool.';
  }

  /** The risk that the reviewer sees; `high` if the policy throws or returns no level. */
  risk(args: JsonObject): RiskLevel {
    const { risk } = this.#rules();
    const level =
      typeof risk === 'function'
        ? this.#try('risk', () => risk(structuredClone(args), this.#facts()))
        : (risk ?? 'medium');
    if (riskLevels.includes(level as RiskLevel)) return level as RiskLevel;
    this.#note('risk', new TypeError(`it must return ${riskLevels.join(', ')}, not ${String(level)}`));
    return 'high';
  }

  /** One plain sentence for the reviewer. */
  summary(args: JsonObject): string {
    const { summary } = this.#rules();
    const text =
      typeof summary === 'function'
        ? this.#try('summary', () => summary(structuredClone(args), this.#facts()))
        : summary;
    return typeof text === 'string' && text.trim() !== ''
      ? text
      : `${this.#run.assistant} wants to run ${this.#tool.name}`;
  }

  /** The justification from the config, else the model's words, marked as such. */
  justification(args: JsonObject, modelWords: string | null): { text: string | null; from: 'config' | 'model' | null } {
    const { justification } = this.#rules();
    const text =
      typeof justification === 'function'
        ? this.#try('justification', () => justification(structuredClone(args), this.#facts()))
        : justification;
    if (typeof text === 'string' && text.trim() !== '') return { text, from: 'config' };
    return modelWords?.trim()
      ? { text: `The model says: ${modelWords.trim()}`, from: 'model' }
      : { text: null, from: null };
  }

  /** The context that the policy adds for the reviewer. Null if it throws or has none. */
  context(args: JsonObject): Json {
    const { context } = this.#rules();
    if (!context) return null;
    return (
      this.#try(
        'context',
        () => JSON.parse(JSON.stringify(context(structuredClone(args), this.#facts()) ?? null)) as Json,
      ) ?? null
    );
  }

  /** The groups that decide: those of the tool, else `byDefault`. The administrators if the policy throws. */
  by(args: JsonObject, byDefault: ReviewByRule<unknown> | undefined): ReviewStage[] | undefined {
    const by = this.#rules().by ?? byDefault;
    if (by === undefined) return undefined;
    return (
      this.#try('by', () => stagesOf(typeof by === 'function' ? by(structuredClone(args), this.#facts()) : by)) ?? [
        { group: noGroup, approvals: 1 },
      ]
    );
  }

  /** True if the person that the run acts for may approve. */
  get allowSelf(): boolean {
    return this.#rules().allowSelf === true;
  }

  /** Shows what the arguments mean. Null if it throws, has none, or is longer than `most` bytes. */
  preview(args: JsonObject, most: number): Preview | null {
    const { preview } = this.#rules();
    if (!preview) return null;
    return (
      this.#try('preview', () => {
        const given: unknown = preview(structuredClone(args), this.#facts());
        if (given == null || given instanceof Promise) return given as null;
        const made = toPreview(given);
        const bytes = Buffer.byteLength(JSON.stringify(made));
        if (bytes > most) throw new RangeError(`it has ${bytes} bytes, and ${most} are left beside the arguments`);
        return made;
      }) ?? null
    );
  }

  /** Whom or what the call is about. Null if it throws or has none. */
  subject(args: JsonObject): string | null {
    const { subject } = this.#rules();
    if (subject === undefined) return null;
    return (
      this.#try('subject', () => {
        const given: unknown =
          typeof subject === 'function' ? subject(structuredClone(args), this.#facts()) : args[subject];
        return given instanceof Promise ? (given as never) : toSubject(given);
      }) ?? null
    );
  }

  #facts(): RunFacts<never> {
    return structuredClone(this.#run) as RunFacts<never>;
  }

  #rules(): ReviewPolicy<unknown> {
    return typeof this.#tool.review === 'object' ? this.#tool.review : {};
  }

  #try<T>(option: keyof typeof stricter, evaluate: () => T): T | undefined {
    try {
      const value: unknown = evaluate();
      if (!(value instanceof Promise)) return value as T;
      // A rejection here must not end the worker.
      value.catch(() => undefined);
      throw new TypeError('it returned a promise, and only review.when may be asynchronous');
    } catch (error) {
      this.#note(option, error);
      return undefined;
    }
  }

  /** Keeps the first problem of each option. */
  #note(option: keyof typeof stricter, error: unknown): void {
    if (this.problems.some((problem) => problem.option === option)) return;
    const message = thrownMessage(error).replaceAll(/\s+/g, ' ').slice(0, longestMessage);
    const says = `review.${option} failed: ${message}; ${stricter[option]}.`;
    this.problems.push({ option, says, error: thrownError(error) });
  }
}
