import { randomUUID } from 'node:crypto';
import type { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../src/adapters/openai/responses/response-object.ts';
import { messageSignal, runWorkflowType } from '../../src/domain/wire-names.ts';
import type { ConversationRef } from '../../src/domain/conversation.ts';
import type { RunInput } from '../../src/domain/run.ts';
import { startAttacker, type Attacker } from '../support/attacker.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startStandInStack, type StandInStack, type StandInStackOptions } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = { to: 'all', count: 500 };

const ways: Array<['chained' | 'replayed' | 'in a conversation' | 'in a thread', StandInStackOptions]> = [
  ['chained', { api: 'responses' }],
  ['replayed', { api: 'responses', assistant: { store: false } }],
  ['in a conversation', { api: 'responses', assistant: { conversation: 'run' } }],
  ['in a thread', { api: 'assistants' }],
];

describe.each(ways)('continueFrom (%s)', (way, options) => {
  let stack: StandInStack;
  beforeAll(async () => {
    stack = await startStandInStack([tool], options);
  });
  afterAll(() => stack.stop());
  const goOn = (from: string, input: string) => stack.holdpoint.runs.create({ continueFrom: from, input });
  /** The content of the transcript up to the end of this run: messages of the user, and tools. */
  const transcript = async (id: string): Promise<string[]> => {
    const { conversation } = await stack.attach(id).result();
    const entries = (await stack.database.transcripts.read(conversation?.entry ?? '')) ?? [];
    return entries.flatMap(({ sent }) =>
      (sent as Item[])
        .filter(({ type }) => type !== 'carried_outcomes')
        .map((item) => JSON.stringify(item['output'] ?? item['text'] ?? item['content'])),
    );
  };

  it('completed run → continues its conversation with the same assistant', async () => {
    const first = await stack.start([
      { calls: [{ name: 'send_mail', arguments: { to: 'bob', count: 1 } }] },
      { text: 'Sent.' },
      { text: 'You are welcome.' },
    ]);
    await first.result();
    const second = await goOn(first.id, 'Thank you.');
    expect(second.run.assistant).toBe('tester');
    await second.result();
    const third = await goOn(second.id, 'Bye.');
    await third.result();
    expect(await transcript(third.id)).toEqual([
      expect.stringContaining(first.text),
      expect.stringContaining('sent'),
      expect.stringContaining('Thank you.'),
      expect.stringContaining('Bye.'),
    ]);
    const asked = JSON.stringify(
      stack.control.requests().findLast(({ method, path }) => method === 'POST' && /responses$|runs$/.test(path)) ??
        null,
    );
    expect(asked).toContain(
      {
        chained: 'previous_response_id',
        replayed: first.text,
        'in a conversation': 'conv_',
        'in a thread': '/v1/threads/thread_',
      }[way],
    );
    expect(new Set(stack.control.assistantRuns().map(({ thread_id }) => thread_id)).size).toBe(
      options.api === 'assistants' ? 1 : 0,
    );
  });

  it('two runs continue one run → both share its conversation', async () => {
    const first = await stack.start([{ text: 'Hello.' }, { text: 'One.' }, { text: 'Two.' }]);
    await first.result();
    const asked = () =>
      stack.control.requests().filter(({ method, path }) => method === 'POST' && /responses$|runs$/.test(path)).length;
    const before = asked();
    await (await goOn(first.id, 'Yes.')).result();
    const other = await goOn(first.id, 'Yes.');
    await other.result();
    // The very same words are not taken for an answer that was lost: the model is asked for each.
    expect(asked() - before).toBe(2);
    expect(await transcript(other.id)).toEqual([expect.stringContaining(first.text), expect.stringContaining('Yes.')]);
  });
});

describe('continueFrom with a given thread', () => {
  let stack: StandInStack;
  beforeAll(async () => {
    stack = await startStandInStack([tool], { api: 'assistants' });
  });
  afterAll(() => stack.stop());

  it('several continuing runs → one thread', async () => {
    const first = await stack.start([{ text: 'Hello.' }, { text: 'One.' }, { text: 'Two.' }]);
    await first.result();
    const goOn = async () => await stack.holdpoint.runs.create({ continueFrom: first.id, input: 'Yes.' });
    await (await goOn()).result();
    const other = await goOn();
    await other.result();
    const { conversation } = await stack.attach(other.id).result();
    const { data } = await stack.openai.beta.threads.messages.list(conversation?.surface['threadId'] as string);
    expect(data.filter(({ role }) => role === 'user')).toHaveLength(3);
  });
});

describe("continueFrom: runs that can't be continued", () => {
  let stack: RunStack;
  let attacker: Attacker;
  beforeAll(async () => {
    stack = await startRunStack([tool]);
    attacker = await startAttacker(stack);
  });
  afterAll(async () => {
    await attacker.stop();
    await stack.stop();
  });

  it('gateway → refuses with advice', async () => {
    const open = await stack.start([calling(call('send_mail', mail))]);
    await open.approval();
    const cancelled = await stack.start([calling(call('send_mail', mail))]);
    await cancelled.approval();
    await cancelled.cancel();
    await cancelled.result().catch(() => undefined);
    const done = await stack.start([answering('done')]);
    await done.result();
    const create = (continueFrom: string, assistant?: string) =>
      stack.holdpoint.runs.create({ continueFrom, input: 'And?', ...(assistant !== undefined && { assistant }) });
    await expect(create(open.id)).rejects.toMatchObject({
      code: 'run-not-continuable',
      message: expect.stringContaining(`POST /v1/runs/${open.id}/messages`),
    });
    await expect(create(cancelled.id)).rejects.toMatchObject({
      code: 'run-not-continuable',
      message: expect.stringContaining('ended as cancelled'),
    });
    await expect(create('nobody')).rejects.toMatchObject({ code: 'run-not-found', path: 'body.continueFrom' });
    await expect(create(done.id, 'another')).rejects.toMatchObject({
      code: 'run-not-continuable',
      path: 'body.assistant',
      message: expect.stringContaining('belongs to the assistant "tester"'),
    });
    await open.cancel();
  });

  /** The failure of a run that was started at Temporal without the gateway. */
  const failureOf = async (input: Partial<RunInput>): Promise<unknown> => {
    const run = await stack.start([answering('read')], input);
    return await run.result().then(
      () => 'completed',
      (error: unknown) => (error as WorkflowFailedError).cause,
    );
  };

  it('worker → CannotContinue, also for runs started at Temporal', async () => {
    const open = await stack.start([calling(call('send_mail', mail))]);
    await open.approval();
    const approval = await stack.start([], {
      approval: { action: 'deploy', summary: 'Deploy' },
      input: { type: 'inline', value: {} },
    });
    await approval.decide(await approval.approval(), { decision: 'approve' });
    await approval.result();
    const other = await attacker.start('somebodyElses');
    for (const [continueFrom, message] of [
      ['nobody', 'no run with that id'],
      [open.id, 'still open'],
      [approval.id, 'has no conversation'],
      [other.id, 'no run with that id'],
      ['', 'no run with that id'],
      ['x'.repeat(2000), 'no run with that id'],
    ]) {
      expect(await failureOf({ continueFrom: continueFrom as string })).toMatchObject({
        type: 'CannotContinue',
        message: expect.stringContaining(message as string),
      });
    }
    for (const continueFrom of [42, { run: open.id }, null])
      expect(await failureOf({ continueFrom: continueFrom as unknown as string })).toMatchObject({
        type: 'InvalidRunInput',
      });
    await open.cancel();
  });

  it("made-up result with another run's transcript → refused", async () => {
    const victim = await stack.start([answering('A secret.')]);
    const { conversation } = await victim.result();
    const goOnFrom = async (made: unknown) => {
      const forged = await attacker.start();
      await stack.client.workflow.getHandle(forged.id).signal('attempt', {
        activity: 'return',
        taskQueue: '',
        input: { output: { type: 'inline', value: '' }, conversation: made },
      });
      await stack.client.workflow.getHandle(forged.id).result();
      return await stack.start([answering('read')], { continueFrom: forged.id });
    };
    for (const made of [conversation, { ...conversation, surface: { threadId: 'thread_of_another' } }, 'nonsense']) {
      await expect((await goOnFrom(made)).result()).rejects.toMatchObject({ cause: { type: 'CannotContinue' } });
    }
    const lost = await goOnFrom({ entry: 'no such entry', digest: '', bytes: 0, surface: {} });
    expect(await until('it parks', async () => (await lost.view()).parked[0])).toMatchObject({
      type: 'ConversationLost',
    });
  });

  it('made-up surface state → ignored, the state is read from the database', async () => {
    const forged = await attacker.start();
    stack.script(forged.id, [answering('Hello.')]);
    const turn = {
      assistant: 'tester',
      context: null,
      turn: 1,
      conversation: null,
      input: { outputs: [], messages: [{ type: 'inline', value: 'Hi.' }] },
    };
    const { result } = (await forged.attempt('takeTurn', turn)) as { result: { conversation: ConversationRef } };
    const conversation = { ...result.conversation, surface: { threadId: 'thread_of_another' } };
    await stack.client.workflow.getHandle(forged.id).signal('attempt', {
      activity: 'return',
      taskQueue: '',
      input: { output: { type: 'inline', value: '' }, conversation },
    });
    const seen: unknown[] = [];
    const id = `from-${randomUUID()}`;
    stack.script(id, [
      ({ conversation: before }) => {
        seen.push(before?.surface);
        return answering('Again.');
      },
    ]);
    await stack.client.workflow.getHandle(forged.id).result();
    await stack.client.workflow.execute(runWorkflowType, {
      args: [{ assistant: 'tester', input: { type: 'inline', value: 'And?' }, continueFrom: forged.id }],
      taskQueue: stack.taskQueue,
      workflowId: id,
    });
    expect(seen).toEqual([result.conversation.surface]);
  });
});

describe('gateway: message to an open run', () => {
  let stack: RunStack;
  beforeAll(async () => {
    stack = await startRunStack([tool]);
  });
  afterAll(() => stack.stop());
  const failure = async (sending: Promise<void>) =>
    await sending.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('same key twice, any size → queued once, shown as waiting', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_rest')), answering('fine')]);
    const id = await run.approval();
    const long = 'x'.repeat(20_000);
    await stack.holdpoint.runs.send(run.id, long, { idempotencyKey: 'a' });
    await stack.holdpoint.runs.send(run.id, long, { idempotencyKey: 'a' });
    expect(await failure(stack.holdpoint.runs.send(run.id, 'Other.', { idempotencyKey: 'a' }))).toMatchObject({
      code: 'message-key-taken',
      status: 409,
    });
    expect((await stack.holdpoint.runs.get(run.id)).detail).toMatchObject({ queuedMessages: 1, state: 'waiting' });
    const { events } = await stack.client.workflow.getHandle(run.id).fetchHistory();
    const signals = events
      ?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal?.signalName === messageSignal ? (signal.input?.payloads ?? []) : [],
      )
      .map(({ data }) => Buffer.from(data ?? []).toString());
    expect(signals).toEqual([expect.stringMatching(/^(?!.*xxxxxxxxxx).*"type":"stored"/)]);
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(run.received()[1]?.messages).toEqual([long]);
    expect(await failure(stack.holdpoint.runs.send(run.id, 'And?'))).toMatchObject({
      code: 'run-closed',
      status: 409,
      message: expect.stringContaining(`continueFrom: "${run.id}"`),
    });
    expect(await failure(stack.holdpoint.runs.send('nobody', 'And?'))).toMatchObject({ code: 'run-not-found' });
  });

  it('whenWaiting: supersede → supersedes', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_rest_over'))]);
    await run.approval();
    await stack.holdpoint.runs.send(run.id, 'No.', { whenWaiting: 'supersede' });
    await run.result();
    expect(run.told()).toEqual(['A newer message replaced this action. It was not carried out.']);
    expect(ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith('call_rest_over'))).toEqual([]);
  });

  it('too many queued → refused, with and without a worker', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    const sent = async () =>
      (await Promise.all(Array.from({ length: 70 }, () => failure(stack.holdpoint.runs.send(run.id, 'More.'))))).filter(
        (error) => error === undefined,
      ).length;
    const kept = await sent();
    expect(kept).toBeGreaterThanOrEqual(50);
    expect((await run.view()).queuedMessages).toBe(kept);
    expect(await failure(stack.holdpoint.runs.send(run.id, 'More.'))).toMatchObject({
      code: 'too-many-messages',
      status: 429,
    });
    await stack.holdpoint.runs.send(run.id, 'Enough.', { whenWaiting: 'supersede' });
    await run.result();
    expect(run.told()).toEqual(['A newer message replaced this action. It was not carried out.']);
    expect(run.received()[1]?.messages.at(-1)).toBe('Enough.');

    await stack.stopWorkers();
    const alone = await stack.start([answering('done')]);
    for (let number = 0; number < 50; number += 1)
      await alone.signal(messageSignal, {
        id: `m${number}`,
        digest: 'd',
        text: { type: 'inline', value: 'x' },
        whenWaiting: 'queue',
      });
    expect(await failure(stack.holdpoint.runs.send(alone.id, 'More.'))).toMatchObject({ code: 'too-many-messages' });
    await stack.startWorker();
    await alone.result();
    expect(alone.received()[0]?.messages).toHaveLength(51);
  });

  it('standalone approval → refused, it has no conversation', async () => {
    const run = await stack.start([], {
      approval: { action: 'deploy', summary: 'Deploy' },
      input: { type: 'inline', value: {} },
    });
    await run.approval();
    expect(await failure(stack.holdpoint.runs.send(run.id, 'Hurry.'))).toMatchObject({ code: 'run-not-found' });
    await run.cancel();
  });
});
