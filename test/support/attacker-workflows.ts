import {
  condition,
  defineQuery,
  defineSignal,
  makeContinueAsNewFunc,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

/* Workflow code of an attacker with access to the Task Queue. It does what the test orders, under any type. */

export type Attempt = { activity: string; taskQueue: string; input: unknown };
export type AttemptOutcome = { result: unknown } | { failed: string };

const attempt = defineSignal<[Attempt]>('attempt');
const outcomes = defineQuery<AttemptOutcome[]>('outcomes');

/**
 * Schedules the ordered Activities, one after the other, and records their results. The order `return` ends it with
 * that result.
 */
async function attack(): Promise<unknown> {
  const told: Attempt[] = [];
  const seen: AttemptOutcome[] = [];
  setHandler(attempt, (next) => void told.push(next));
  setHandler(outcomes, () => seen);
  for (;;) {
    await condition(() => told.length > 0);
    const { activity, taskQueue, input } = told.shift() as Attempt;
    if (activity === 'return') return input;
    const activities = proxyActivities<{ [name: string]: (input: unknown) => Promise<unknown> }>({
      taskQueue,
      startToCloseTimeout: '30 s',
      heartbeatTimeout: '10 s',
      retry: { maximumAttempts: 2, initialInterval: '100 ms' },
    });
    try {
      seen.push({ result: await activities[activity]?.(input) });
    } catch (error) {
      const cause = (error as { cause?: { type?: string; message?: string } }).cause;
      seen.push({ failed: cause?.type ?? String(cause?.message ?? error) });
    }
  }
}

export { attack as somebodyElses };
/** Under the very name of the product's Workflow. */
export { attack as holdpointRun };

/** Becomes a real Run with a made-up state. `OWN` in the state stands for the first run id. */
export async function becomesARun(input: object, taskQueue: string): Promise<void> {
  const carried = JSON.parse(JSON.stringify(input).replaceAll('OWN', workflowInfo().firstExecutionRunId)) as object;
  await makeContinueAsNewFunc<(input: object) => Promise<void>>({ workflowType: 'holdpointRun', taskQueue })(carried);
}
