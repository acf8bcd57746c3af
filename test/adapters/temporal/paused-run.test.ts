import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTemporalRuns } from '../../../src/adapters/temporal/temporal-runs.ts';
import { createWaitingRuns } from '../../../src/adapters/temporal/waiting-runs.ts';
import { runWorkflowType } from '../../../src/domain/wire-names.ts';
import type { TemporalServer } from '../../../src/embedded/temporal-server.ts';
import { startOwnTemporal } from '../../support/temporal.ts';

/* A run that was paused in Temporal is still open. */

const taskQueue = 'unserved';
let server: TemporalServer;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  // Without the unified converter a visibility query counts every status but `Running` as closed.
  server = await startOwnTemporal({
    flags: ['frontend.WorkflowPauseEnabled=true', 'system.visibilityEnableUnifiedQueryConverter=false'].flatMap(
      (value) => ['--dynamic-config-value', value],
    ),
  });
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

it('paused run: listed as waiting, takes messages and hints, its approval is not withdrawn', async () => {
  const workflowId = 'paused-run';
  const typedSearchAttributes = new TypedSearchAttributes([
    { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: 'comms' },
    { key: defineSearchAttributeKey('HoldpointState', 'KEYWORD'), value: 'waiting' },
    { key: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'), value: ['req_1'] },
    { key: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'), value: new Date(Date.now() - 60_000) },
  ]);
  const ended = await client.workflow.start(runWorkflowType, {
    workflowId: 'ended-run',
    taskQueue,
    typedSearchAttributes,
  });
  await ended.terminate();
  await client.workflow.start(runWorkflowType, { workflowId, taskQueue, typedSearchAttributes });
  await client.workflowService.pauseWorkflowExecution({
    namespace: server.namespace,
    workflowId,
    reason: 'inspection',
    identity: 'operator',
  });

  const runs = createTemporalRuns({ client, taskQueue, queryDeadlineMs: 200 });
  const waitingRuns = createWaitingRuns(client, taskQueue);
  const closed = async () => (await waitingRuns.closedWaiting(0)).map((run) => run.workflowId);
  await expect.poll(closed).toContain('ended-run');
  await expect
    .poll(async () => (await runs.list({ state: 'waiting', limit: 10 })).runs)
    .toMatchObject([{ id: workflowId, state: 'waiting', closedAt: null }]);
  expect(await closed()).toEqual(['ended-run']);
  expect(await waitingRuns.waiting({ after: null, until: Date.now() })).toMatchObject([
    { workflowId, approvalIds: ['req_1'] },
  ]);
  expect(await runs.get(workflowId)).toMatchObject({ state: 'waiting', closedAt: null, detail: null });
  expect(
    await runs.send(workflowId, { id: 'message-1', digest: 'one', text: 'Are you there?', whenWaiting: 'queue' }),
  ).not.toBe('closed');
  expect(await runs.signalDecided(workflowId, { approvalId: 'req_1' })).toBe('delivered');
});
