import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackPlaces } from '../support/outside-worker.ts';
import { mailTool } from '../support/tools.ts';
import type { Tool } from '../../src/index.ts';
import type { Surface } from '../support/surfaces.ts';

/**
 * Where a run is when its worker is killed, in the order in which a run gets there: `during` is when the world has
 * acted and the worker does not know it yet.
 */
export const steps = [
  'before takeTurn',
  'during takeTurn',
  'after takeTurn',
  'before requestApproval',
  'during requestApproval',
  'after requestApproval',
  'waiting',
  'before the tool',
  'during the tool',
  'after the tool',
  'before submit',
  'during submit',
  'after submit',
] as const;
/** The same for a call that waits and that a message replaces. */
export const replacedSteps = ['before the message', 'before it is replaced', 'after it is replaced'] as const;
/** The same for a question of a reviewer that the model answers while its call waits. */
export const questionSteps = [
  'before the side turn',
  'during the side turn',
  'before the answer is posted',
  'after the answer is posted',
] as const;
export type Step = (typeof steps)[number] | (typeof replacedSteps)[number] | (typeof questionSteps)[number];

/** The test's instructions for the worker process that it kills. */
export type DoomedPlan = StackPlaces & { api: Surface['api']; openai: string; directory: string };

/** The id of the run that is to be struck at a step, and back. */
export const runIdOf = (step: Step, suffix: string): string => `${step.replaceAll(' ', '-')}:${suffix}`;
export const stepOf = (runId: string): Step | undefined =>
  [...steps, ...replacedSteps, ...questionSteps].find((step) => runId.startsWith(runIdOf(step, '')));

/** One act of the tool, as the outside world saw it. */
export type Act = { to: string; key: string };

/** A tool whose acts are counted outside of every process. */
export function countedMailTool(
  directory: string,
  acted: (runId: string) => Promise<void> = async () => undefined,
): Tool {
  return mailTool({
    execute: async ({ to, count }, { idempotencyKey, run }) => {
      // Opened with O_APPEND: lines of several processes do not mix, and written lines survive kill -9.
      appendFileSync(join(directory, 'acts'), `${JSON.stringify({ to, key: idempotencyKey } satisfies Act)}\n`);
      await acted(run.runId);
      return { sent: count };
    },
  }).tool;
}

export function actsIn(directory: string): Act[] {
  const file = join(directory, 'acts');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Act)
    : [];
}
