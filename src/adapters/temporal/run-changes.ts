import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { isOpen } from './open-runs.ts';
import { toRunsFailure } from './temporal-failure.ts';

export type RunChangesOptions = { client: Client; id: string; signal: AbortSignal };

/** Above the server's own end of a long poll, 20 s, and the client's retries. */
const pollDeadlineMs = 60_000;

/**
 * Yields whenever the run's history grew, also over continue-as-new and reset; ends when the run is closed, unknown or
 * the signal aborts. @throws RunsFailure while Temporal is away.
 */
export async function* followRun({ client, id, signal }: RunChangesOptions): AsyncGenerator<void> {
  const { namespace } = client.options;
  let runId = '';
  try {
    while (!signal.aborted) {
      const { status, runId: newest } = await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + pollDeadlineMs, () => client.workflow.getHandle(id).describe()),
      );
      // The newest run is read to its end; then there is another one, or the chain is closed.
      if (newest === runId) return;
      runId = newest;
      yield* followOne({ client, id, signal, runId });
      if (!isOpen(status) && status.name !== 'CONTINUED_AS_NEW') return;
    }
  } catch (error) {
    if (signal.aborted || error instanceof WorkflowNotFoundError) return;
    throw toRunsFailure(error, namespace);
  }
}

async function* followOne({ client, id, signal, runId }: RunChangesOptions & { runId: string }): AsyncGenerator<void> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.withAbortSignal(signal, () =>
      client.withDeadline(Date.now() + pollDeadlineMs, () =>
        client.workflowService.getWorkflowExecutionHistory({
          namespace: client.options.namespace,
          execution: { workflowId: id, runId },
          waitNewEvent: true,
          skipArchival: true,
          ...(nextPageToken === undefined ? {} : { nextPageToken }),
        }),
      ),
    );
    nextPageToken = page.nextPageToken;
    if (page.history?.events?.length) yield;
  } while (nextPageToken.length > 0 && !signal.aborted);
}
