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

/** What the test tells a worker process. */
export type Plan = StackPlaces & {
  /** Activities that the worker takes at once. */
  slots: number;
  /** What the tool does goes into a file here. */
  directory: string;
  effect: 'once' | 'idempotent';
  review: 'always' | 'never';
  at: Point;
  signal: 'SIGKILL' | 'SIGSTOP';
};

/** One act of the tool, as the outside world saw it. */
export type Act = { key: string; pid: number };

/** The config of both workers: one tool whose acts are counted outside of every process. */
export function countingConfig({ directory, effect, review, taskQueue }: Pick<Plan, 'directory' | 'effect' | 'review' | 'taskQueue'>, around: (point: 'before-act' | 'after-act') => void = () => undefined): HoldpointConfig {
  const act = defineTool({
    name: 'act',
    description: 'Acts on the world.',
    parameters: z.object({ what: z.string() }),
    effect,
    review,
    execute: (_args, { idempotencyKey }) => {
      around('before-act');
      // Opened with O_APPEND: lines of several processes do not mix, and what is written survives kill -9.
      appendFileSync(join(directory, 'acts'), `${JSON.stringify({ key: idempotencyKey, pid: process.pid } satisfies Act)}\n`);
      around('after-act');
      return 'acted';
    },
  });
  return defineConfig({ assistants: [defineAssistant({ name: 'tester', model: 'none', tools: [act] })], taskQueue });
}

export function actsIn(directory: string): Act[] {
  const file = join(directory, 'acts');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Act) : [];
}
