import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { isOpen } from './open-runs.ts';
import { toRunsFailure } from './temporal-failure.ts';
import { addressOf } from './unreachable.ts';

export type RunChangesOptions = { client: Client; id: string; signal: AbortSignal };

/** Time limit of a long poll, in milliseconds. The server ends one after 20 s, and the client retries. */
const pollDeadlineMs = 60_000;

/**
 * Yields when the run's history grew, across continue-as-new and reset. Ends when the run is closed or unknown, or the
 * signal aborts. @throws RunsFailure when Temporal does not answer.
 */
export async function* followRun({ client, id, signal }: RunChangesOptions): AsyncGenerator<void> {
  const { namespace } = client.options;
  let runId = '';
  try {
    while (!signal.aborted) {
      const { status, runId: newest } = await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + pollDeadlineMs, () => client.workflow.getHandle(id).describe()),
      );
      // The newest run was followed to its end, so the chain is closed.
      if (newest === runId) return;
      runId = newest;
      yield* followOne({ client, id, signal, runId });
      if (!isOpen(status) && status.name !== 'CONTINUED_AS_NEW') return;
    }
  } catch (error) {
    if (signal.aborted || error instanceof WorkflowNotFoundError) return;
    throw toRunsFailure(error, namespace, addressOf(client));
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
