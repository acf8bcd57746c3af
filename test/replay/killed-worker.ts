import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { startRunStack } from '../support/run-stack.ts';
import { answering } from '../support/scripted-model.ts';
import { startOwnTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { recordedTools } from './scenarios.ts';

/**
 * A run whose only worker is killed while it waits, with its database and its review server. Another worker, whose
 * database has the transcript but no request, makes the request again and ends it. `ended` is called before Temporal
 * stops.
 */
export async function playKilledWorker(ended: (client: Client, workflowId: string) => Promise<void>): Promise<void> {
  const server = await startOwnTemporal();
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const workflowId = 'killed-worker';
  const child = fork(fileURLToPath(new URL('./worker-to-kill.ts', import.meta.url)), [server.address, workflowId], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const stack = await startRunStack(recordedTools(), {
    temporal: { address: server.address, namespace: 'default', connection, client, server },
    taskQueue: workflowId,
  });
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const firstRunId = raw.workflowExecutionInfo?.firstRunId as string;
  await stack.database.transcripts.append({
    // The entry that the scripted model kept in the first turn.
    id: `${firstRunId}-1-1`,
    parent: null,
    runId: workflowId,
    firstRunId,
    turn: 1,
    assistant: 'tester',
    surface: 'responses',
    state: {},
    sent: [],
    received: [],
    words: null,
  });
  stack.script(workflowId, [answering('never asked'), answering('sent')]);
  const run = stack.attach(workflowId);
  const before = (await run.view()).calls[0]?.approval?.request;
  await run.signal('decided', { callKey: (await run.view()).calls[0]?.key });
  const approval = await until('it is asked anew', async () => {
    const { calls } = await run.view();
    return calls[0]?.state === 'waiting' && calls[0].approval?.request !== before && calls[0].approval?.id;
  });
  await run.decide(approval, { decision: 'approve' });
  await run.signal(retrySignal);
  await run.result();
  await ended(client, workflowId);
  await stack.stop();
  await connection.close();
  await server.stop();
}
