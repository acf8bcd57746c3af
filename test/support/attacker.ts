import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TypedSearchAttributes } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { RunStack } from './run-stack.ts';
import { startTestTemporal, temporalProgram } from './temporal.ts';
import { until } from './until.ts';
import type { Attempt, AttemptOutcome } from './attacker-workflows.ts';

/** A Workflow of the attacker's that schedules Activities on the product's Task Queue. */
export type AttackingWorkflow = {
  id: string;
  firstRunId: string;
  /** Schedules one Activity and returns its result. */
  attempt(activity: string, input: unknown): Promise<AttemptOutcome>;
};

export type Attacker = {
  /** Starts the attacker's Workflow code, by default under the product's own type. */
  start(type?: 'holdpointRun' | 'somebodyElses'): Promise<AttackingWorkflow>;
  /** Starts a Workflow that continues as a real Run with made-up progress; gives the workflow id. */
  startAsRun(input: object, attributes?: TypedSearchAttributes): Promise<string>;
  /** Resets a run to its beginning with no worker but the attacker's; the stack's Workflow worker must be stopped. */
  takeOver(workflowId: string, eventId: number): Promise<AttackingWorkflow>;
  stop(): Promise<void>;
};

/** An attacker with write access to Temporal: a Worker whose Workflows use the stack's Activities. */
export async function startAttacker(stack: RunStack, options: { taskQueue?: string } = {}): Promise<Attacker> {
  const { address, namespace, client } = await startTestTemporal();
  const connection = await NativeConnection.connect({ address });
  const taskQueue = options.taskQueue ?? `attacker-${randomUUID()}`;
  const workflowsPath = fileURLToPath(new URL('./attacker-workflows.ts', import.meta.url));
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    identity: 'attacker',
    shutdownGraceTime: 100,
  });
  const running = worker.run();

  function attacking(id: string, firstRunId: string): AttackingWorkflow {
    const handle = client.workflow.getHandle(id);
    return {
      id,
      firstRunId,
      async attempt(activity, input) {
        const before = (await handle.query<AttemptOutcome[]>('outcomes')).length;
        await handle.signal<[Attempt]>('attempt', { activity, taskQueue: stack.taskQueue, input });
        return await until(
          `${activity} of ${id} ends`,
          async () => (await handle.query<AttemptOutcome[]>('outcomes'))[before],
        );
      },
    };
  }

  return {
    async start(type = 'holdpointRun') {
      const handle = await client.workflow.start(type, { taskQueue, workflowId: `attack-${randomUUID()}` });
      return attacking(handle.workflowId, handle.firstExecutionRunId);
    },
    async startAsRun(input, attributes) {
      return (
        await client.workflow.start('becomesARun', {
          args: [input, stack.taskQueue],
          taskQueue,
          workflowId: `attack-${randomUUID()}`,
          ...(attributes && { typedSearchAttributes: attributes }),
        })
      ).workflowId;
    },
    async takeOver(workflowId, eventId) {
      const { runId } = await client.workflow.getHandle(workflowId).describe();
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      await client.workflowService.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId, runId },
        requestId: randomUUID(),
        reason: 'test',
        workflowTaskFinishEventId: eventId as never,
      });
      return attacking(workflowId, raw.workflowExecutionInfo?.firstRunId ?? runId);
    },
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Runs the real `temporal` program against the tests' server. Returns its output for any exit code. */
export async function temporalCommand(...args: string[]): Promise<string> {
  const { address, namespace } = await startTestTemporal();
  const program = await temporalProgram();
  const outcome = await promisify(execFile)(program, [...args, '--address', address, '--namespace', namespace], {
    timeout: 30_000,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
  return outcome.stdout + outcome.stderr;
}
