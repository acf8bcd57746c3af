import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { WaitingRun } from '../../../src/activities/ports.ts';
import { createWaitingRuns } from '../../../src/adapters/temporal/waiting-runs.ts';
import type { WalkPosition } from '../../../src/domain/reconcile.ts';
import { runWorkflowType } from '../../../src/domain/wire-names.ts';
import { startTestTemporal } from '../../support/temporal.ts';

const begin = Date.UTC(2026, 0, 1);
/** Seconds after `begin`. Four runs began to wait in the same millisecond. */
const waits = [0, 1, 5, 5, 5, 5, 3_600, 86_400, 86_401, 90_000];

it('waiting runs → pages, oldest first, each run once; found by their approvals', async () => {
  const { client } = await startTestTemporal();
  const taskQueue = `oldest-${randomUUID()}`;
  const start = (index: number, assistant: string) =>
    client.workflow.start(runWorkflowType, {
      workflowId: `${taskQueue}-${assistant}-${index}`,
      taskQueue,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: assistant },
        {
          key: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'),
          value: [`req_${index}`, `it's ${index}`],
        },
        {
          key: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'),
          value: new Date(begin + waits[index]! * 1000),
        },
      ]),
    });
  const handles = await Promise.all(waits.flatMap((_, index) => [start(index, "o'neil"), start(index, 'other')]));
  const waitingRuns = createWaitingRuns(client, taskQueue);
  try {
    await expect.poll(async () => (await waitingRuns.waiting({ after: null, until: Date.now() })).length).toBe(20);
    const query = { assistants: ["o'neil"], until: begin + 86_402_000, limit: 2 };
    const pages: WaitingRun[][] = [];
    for (let [after, isLast] = [null as WalkPosition | null, false]; !isLast;) {
      const { runs, last } = await waitingRuns.oldest({ ...query, after });
      pages.push(runs);
      const end = runs.at(-1);
      if (end) after = { waitingSince: end.waitingSince, workflowId: end.workflowId };
      isLast = last;
    }
    expect(pages.flat().map(({ waitingSince }) => (waitingSince - begin) / 1000)).toEqual(waits.slice(0, 9));
    expect(new Set(pages.flat().map(({ workflowId }) => workflowId)).size).toBe(9);
    // More than two in a page only where they began to wait in the same millisecond.
    expect(Math.max(...pages.map(({ length }) => length))).toBe(4);
    const middle = pages.flat()[3]!;
    const { runs } = await waitingRuns.oldest({ ...query, after: middle });
    expect(runs[0]).toEqual(pages.flat()[4]);
    expect((await waitingRuns.waitingFor(['req_1', "it's 7"])).map(({ workflowId }) => workflowId).toSorted()).toEqual(
      ["o'neil-1", "o'neil-7", 'other-1', 'other-7'].map((name) => `${taskQueue}-${name}`),
    );
    expect(await waitingRuns.waitingFor([])).toEqual([]);
  } finally {
    await Promise.all(handles.map((handle) => handle.terminate()));
  }
});
