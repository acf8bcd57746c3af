import { fillApprovals, filledId } from '../../test/support/fill-approvals.ts';
import { runWorkflowType } from '../../src/domain/wire-names.ts';
import { inFlight } from '../measure/in-flight.ts';
import { assistantName } from './names.ts';
import type { Stage } from './stage.ts';
import type { BenchWorker } from './start-worker.ts';

/** Parallel starts. */
const width = 24;
/** The time until their first Workflow Task. They time out ten seconds after it, so the benchmark terminates none. */
const startDelay = '2 hours';
const minuteMs = 60_000;

/** The begin of their ids. */
export const delayedPrefix = (taskQueue: string): string => `${taskQueue}-delayed-`;

export type DelayedRuns = {
  /** Numbers of the runs: from `first` up to, not including, `end`. */
  first: number;
  end: number;
  onStarted: (started: number) => void;
};

/**
 * Writes open approvals, and starts the runs that wait for them, as reconcile finds them: open, on the worker's Task
 * Queue, with the search attributes of a paused run. Their Workflows begin after the benchmark, so their histories have
 * one event. A hundred thousand paused runs would need two processor hours.
 */
export async function startDelayedRuns(
  { client, reviewDatabase }: Stage,
  { taskQueue }: BenchWorker,
  { first, end, onStarted }: DelayedRuns,
): Promise<void> {
  const firstAt = Date.now() - end * minuteMs;
  await fillApprovals(reviewDatabase, end, {
    from: first,
    approval: (number) => ({
      action: 'act',
      summary: `Paused run ${number}`,
      details: JSON.stringify({ item: `paused-${number}` }),
      justification: 'It was asked for.',
      risk_level: 'medium',
      pending: true,
    }),
  });
  let started = first;
  await inFlight(
    Array.from({ length: end - first }, (_, index) => first + index),
    width,
    async (number) => {
      await client.workflow.start(runWorkflowType, {
        workflowId: `${delayedPrefix(taskQueue)}${number}`,
        taskQueue,
        startDelay,
        workflowExecutionTimeout: '10 s',
        args: [],
        searchAttributes: {
          HoldpointState: ['waiting'],
          HoldpointAssistant: [assistantName],
          HoldpointTool: ['act'],
          HoldpointApproval: [filledId(number)],
          HoldpointWaitingSince: [new Date(firstAt + number * minuteMs)],
        },
      });
      onStarted((started += 1));
    },
  );
}
