import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAssistant, defineConfig, defineTool, type HoldpointConfig } from '../../src/index.ts';
import type { StackPlaces } from '../support/outside-worker.ts';

/**
 * Where a worker is struck, in the order in which a call gets there: before its row in the effect ledger is
 * committed, right after, in the tool before and after it acts, before the row is closed, and before the end is
 * reported to Temporal.
 */
export type Point = 'before-row' | 'after-row' | 'before-act' | 'after-act' | 'before-close' | 'after-close';

/** How the tool of a run is defined. Each has an assistant of that name. */
export type Kind = `${'at-most-once' | 'idempotent'}_${'always' | 'never'}`;
export const kinds: readonly Kind[] = [
  'at-most-once_always',
  'at-most-once_never',
  'idempotent_always',
  'idempotent_never',
];

/** The test's instructions for a worker process. */
export type Plan = StackPlaces & {
  /** Activities that the worker takes at once. */
  slots: number;
  /** The folder of the file that records the tool's effects. */
  directory: string;
  /** Where it is to be struck, by workflow id. */
  strikes: { [runId: string]: Point };
};

/** One act of the tool, as the outside world saw it. */
export type Act = { key: string; pid: number };

/** The config of both workers: one tool, in all its kinds, whose acts are counted outside of every process. */
export function countingConfig(
  { directory, taskQueue }: Pick<Plan, 'directory' | 'taskQueue'>,
  around: (point: 'before-act' | 'after-act') => Promise<void> = async () => undefined,
): HoldpointConfig {
  const assistants = kinds.map((name) => {
    const [effect, review] = name.split('_') as ['at-most-once' | 'idempotent', 'always' | 'never'];
    const act = defineTool({
      name: 'act',
      description: 'Acts on the world.',
      parameters: z.object({ what: z.string() }),
      effect,
      review,
      execute: async (_args, { idempotencyKey }) => {
        await around('before-act');
        // Opened with O_APPEND: lines of several processes do not mix, and written lines survive kill -9.
        appendFileSync(
          join(directory, 'acts'),
          `${JSON.stringify({ key: idempotencyKey, pid: process.pid } satisfies Act)}\n`,
        );
        await around('after-act');
        return 'acted';
      },
    });
    return defineAssistant({ name, model: 'none', tools: [act] });
  });
  return defineConfig({ assistants, taskQueue });
}

/** The file that says that a run has come to where it is struck. */
export const struckFile = (directory: string, runId: string): string => join(directory, `struck-${runId}`);

export function actsIn(directory: string): Act[] {
  const file = join(directory, 'acts');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Act)
    : [];
}
