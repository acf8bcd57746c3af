import { AssertionError } from 'node:assert';
import type { JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { Policy } from '../activities/review-policy.ts';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { branded } from '../assistant/brand.ts';
import type { Tool } from '../assistant/tool.ts';

/** One effect of a tool: all attempts with one idempotency key. */
export type RecordedEffect = {
  tool: string;
  args: JsonObject;
  runId: string;
  idempotencyKey: string;
  /** How often `execute` was called with this key. */
  attempts: number;
  /** `open`: it has not returned yet. */
  ended: 'open' | 'returned' | 'threw';
};

/** Expectations of the effects so far. Each method throws an AssertionError that lists them. */
export type EffectExpectation = {
  /** Exactly one. */
  once(): void;
  times(count: number): void;
  never(): void;
};

export type EffectRecord = {
  /** The config with tools that record their effects. */
  config: HoldpointConfig;
  all(): readonly RecordedEffect[];
  /** Of any tool, of this tool, or of this tool with exactly these arguments. */
  expect(tool?: string, args?: unknown): EffectExpectation;
};

/** `isApproved`: true if a person or a rule approved the call. `problem` is called for an effect without approval. */
export type EffectWatch = {
  isApproved: (callKey: string) => Promise<boolean>;
  problem: (sentence: string) => void;
};

/** Records the effects of a config's tools, and watches that none of a reviewed call comes without an approval. */
export function recordEffects(config: HoldpointConfig, watch: EffectWatch): EffectRecord {
  const effects = new Map<string, RecordedEffect>();
  const recorded = (tool: Tool): Tool => {
    const { execute } = tool;
    if (execute === null) return tool;
    return branded('tool', {
      ...tool,
      async execute(args, facts) {
        const { idempotencyKey, run } = facts;
        const effect: RecordedEffect = {
          tool: tool.name,
          args: structuredClone(args) as JsonObject,
          runId: run.runId,
          idempotencyKey,
          attempts: (effects.get(idempotencyKey)?.attempts ?? 0) + 1,
          ended: 'open',
        };
        effects.set(idempotencyKey, effect);
        const needsReview = await new Policy(tool, run).needsReview(args as JsonObject);
        if (needsReview && !(await watch.isApproved(idempotencyKey)))
          watch.problem(`${line(effect)} acted without an approval.`);
        try {
          const result: unknown = await execute(args, facts);
          effect.ended = 'returned';
          return result;
        } catch (error) {
          effect.ended = 'threw';
          throw error;
        }
      },
    } satisfies Tool);
  };
  const all = () => [...effects.values()];
  return {
    config: branded('config', {
      ...config,
      assistants: config.assistants.map((each) => branded('assistant', { ...each, tools: each.tools.map(recorded) })),
    }),
    all,
    expect(tool, args) {
      const times = (expected: number): void => {
        const found = all().filter(
          (effect) =>
            (tool === undefined || effect.tool === tool) &&
            (args === undefined || sameJson(effect.args, args as JsonObject)),
        );
        if (found.length === expected) return;
        const wanted = args === undefined ? (tool ?? 'any tool') : `${tool} ${JSON.stringify(args)}`;
        throw new AssertionError({
          message: `${wanted}: ${found.length} effects instead of ${expected}. All effects: ${all().map(line).join('; ') || 'none'}.`,
          actual: found.length,
          expected,
          operator: 'times',
          stackStartFn: times,
        });
      };
      return { once: () => times(1), times, never: () => times(0) };
    },
  };
}

function line({ tool, args, runId, attempts, ended }: RecordedEffect): string {
  return `${tool} ${JSON.stringify(args)} (run ${runId}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}, ${ended})`;
}
