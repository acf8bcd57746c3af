import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChildRunOptions } from '../../src/workflow-entry.ts';
import type * as parents from '../support/parent-workflows.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling, type ScriptedTurn } from '../support/scripted-model.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

/** A user's Workflows on a Task Queue of their own, beside Holdpoint's worker. */
describe('run as a child Workflow', { timeout: 60_000 }, () => {
  const { tool, ran } = mailTool();
  const parentQueue = `parents-${randomUUID()}`;
  let stack: RunStack;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    stack = await startRunStack([tool]);
    const { address, namespace } = await startTestTemporal();
    const connection = await NativeConnection.connect({ address });
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: parentQueue,
      workflowsPath: fileURLToPath(new URL('../support/parent-workflows.ts', import.meta.url)),
    });
    const running = worker.run();
    stop = async () => {
      worker.shutdown();
      await running;
      await connection.close();
    };
  }, 60_000);
  afterAll(async () => {
    await stop();
    await stack.stop();
  });

  const startParent = async (
    workflow: keyof typeof parents,
    { turns, ...options }: Partial<ChildRunOptions> & { turns?: readonly ScriptedTurn[] } = {},
  ) => {
    const id = options.id ?? `child-${randomUUID()}`;
    stack.script(id, turns ?? [calling(call('send_mail', { to: 'all', count: 500 })), answering('Sent.')]);
    const run: ChildRunOptions = { assistant: 'tester', input: 'Mail\neverybody.', taskQueue: stack.taskQueue, id };
    const parent = await stack.client.workflow.start(workflow, {
      args: [{ ...run, ...options }],
      taskQueue: parentQueue,
      workflowId: `parent-of-${id}`,
    });
    await until('the run is started', () => stack.holdpoint.runs.get(id).then(Boolean, () => false));
    return { parent, run: stack.attach(id) };
  };
  const failureOf = async (result: Promise<unknown>) => {
    const error: unknown = await result.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(WorkflowFailedError);
    return (error as WorkflowFailedError).cause;
  };

  it('waits, is listed with its input, and is decided → the parent has the answer', async () => {
    const { parent, run } = await startParent('executesRun', { context: { order: 7 }, caller: 'shop' });
    const approval = await run.approval();
    const shown = { id: run.id, assistant: 'tester', caller: 'shop', summary: 'Mail everybody.' };
    const listed = await until('it is listed', async () =>
      (await stack.holdpoint.runs.list({ caller: 'shop', state: 'waiting' })).runs.find(({ id }) => id === run.id),
    );
    expect(listed).toMatchObject(shown);
    expect(await stack.holdpoint.runs.get(run.id)).toMatchObject({ ...shown, state: 'waiting' });
    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    expect(raw.executionConfig?.userMetadata?.summary).toBeTruthy();
    expect(Number(raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds)).toBe(5);
    await run.decide(approval, { decision: 'approve' });
    expect(await parent.result()).toEqual({
      id: run.id,
      output: 'Sent.',
      tooLarge: false,
      refused: false,
      turns: 2,
      toolCalls: 1,
    });
    expect(ran).toHaveLength(1);
  });

  it('output above 64 KB → tooLarge for the parent, and the text at the gateway', async () => {
    const id = `child-${randomUUID()}`;
    const text = 'x'.repeat(65 * 1024);
    const { parent } = await startParent('executesRun', { id, turns: [answering(text)] });
    expect(await parent.result()).toMatchObject({ id, output: null, tooLarge: true });
    expect(await stack.holdpoint.runs.get(id)).toMatchObject({ output: text });
  });

  it.each<[string, keyof typeof parents, (parent: WorkflowHandle) => Promise<unknown>, string]>([
    ['parent that executes the run is cancelled', 'executesRun', (parent) => parent.cancel(), 'CANCELLED'],
    ['parent cancels the run', 'cancelsRun', (parent) => parent.signal('give up'), 'COMPLETED'],
    ['parent ends while the run is open', 'leavesRun', (parent) => parent.signal('end'), 'COMPLETED'],
  ])('%s → the run is cancelled, its request withdrawn, the tool not run', async (_what, workflow, act, ends) => {
    const { parent, run } = await startParent(workflow);
    const approval = await run.approval();
    const before = ran.length;
    await act(parent);
    await parent.result().catch(() => undefined);
    expect((await parent.describe()).status.name).toBe(ends);
    await expect(run.result()).rejects.toThrow('cancelled');
    await expect(run.decide(approval, { decision: 'approve' })).rejects.toThrow('(withdrawn)');
    expect(ran).toHaveLength(before);
  });

  it('run that fails → ChildWorkflowFailure with the type of docs/errors.md', async () => {
    const failure = await failureOf((await startParent('executesRun', { maxTurns: 1 })).parent.result());
    expect(failure).toBeInstanceOf(ChildWorkflowFailure);
    expect((failure as ChildWorkflowFailure).cause).toMatchObject({ type: 'MaxTurnsExceeded' });
  });

  it('id of another run → the parent fails, the first run goes on', async () => {
    const { run } = await startParent('executesRun');
    const again = await stack.client.workflow.start('executesRun' satisfies keyof typeof parents, {
      args: [{ assistant: 'tester', input: 'Mail.', taskQueue: stack.taskQueue, id: run.id }],
      taskQueue: parentQueue,
      workflowId: `second-${run.id}`,
    });
    await expect(failureOf(again.result())).resolves.toMatchObject({
      message: expect.stringMatching(/already started/i) as string,
    });
    await run.approval();
    await run.cancel();
  });

  it('no id → one of the assistant and the day', async () => {
    const parent = await stack.client.workflow.start('leavesRun' satisfies keyof typeof parents, {
      args: [{ assistant: 'tester', input: 'Mail.', taskQueue: stack.taskQueue }],
      taskQueue: parentQueue,
      workflowId: `parent-${randomUUID()}`,
    });
    await parent.signal('end');
    expect(await parent.result()).toMatch(/^tester-\d{8}-[2-9a-z]{12}$/);
  });

  it.each<[Partial<ChildRunOptions>, RegExp]>([
    [{ id: 'a/b' }, /the id "a\/b" is not 1 to 128/],
    [{ assistant: '' }, /assistant must be the name/],
    [{ input: '' }, /input must be a text/],
    [{ input: '€'.repeat(22_000) }, /more than 64 KB/],
    [{ maxTurns: 0 }, /maxTurns must be/],
  ])('options that are no run %# → the parent fails with InvalidRunInput', async (options, says) => {
    const parent = await stack.client.workflow.start('executesRun' satisfies keyof typeof parents, {
      args: [{ assistant: 'tester', input: 'Mail.', ...options }],
      taskQueue: parentQueue,
      workflowId: `parent-${randomUUID()}`,
    });
    const failure = await failureOf(parent.result());
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'InvalidRunInput', message: expect.stringMatching(says) as string });
  });
});
