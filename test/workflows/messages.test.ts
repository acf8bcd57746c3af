import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserMessage } from '../../src/domain/user-message.ts';
import { messageSignal, messagesQuery, retrySignal } from '../../src/domain/wire-names.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling, type ScriptedTurn } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool]);
});
afterAll(() => stack.stop());

let ids = 0;
const say = (run: StartedRun, text: string, { id = `message-${(ids += 1)}`, ...more }: Partial<UserMessage> = {}) =>
  run.signal(messageSignal, {
    id,
    digest: `of ${text}`,
    text: { type: 'inline', value: text },
    whenWaiting: 'queue',
    ...more,
  });
const said = (run: StartedRun) => run.received().map(({ messages }) => messages);
const queued = (run: StartedRun, count: number) =>
  until(`${count} messages wait`, async () => (await run.view()).queuedMessages === count);
const ranFor = (callId: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(`/${callId}`));

describe('message to an open run', () => {
  it('open approval → queued, sent behind the outputs', async () => {
    const run = await stack.start([
      calling(call('send_mail', mail, 'call_queue'), call('send_mail', few)),
      answering('sent'),
    ]);
    const approval = await run.approval();
    await say(run, 'And hurry.');
    await say(run, 'Please.');
    await queued(run, 2);
    expect((await run.view()).calls[0]?.state).toBe('waiting');
    await run.decide(approval, { decision: 'approve' });
    expect((await run.result()).output).toEqual({ type: 'inline', value: 'sent' });
    expect(run.received()[1]).toMatchObject({
      outputs: [{ output: '{"sent":500}' }, { output: '{"sent":2}' }],
      messages: ['And hurry.', 'Please.'],
    });
    expect(ranFor('call_queue')).toHaveLength(1);
  });

  it('before the first turn → sent with it', async () => {
    await stack.stopWorkers();
    const run = await stack.start([answering('fine')]);
    await say(run, 'In English.');
    await stack.startWorker();
    expect((await run.result()).turns).toBe(1);
    expect(said(run)).toEqual([['go', 'In English.']]);
  });

  it('during the final answer → one more turn, whose answer is the result', async () => {
    const asked: { run?: StartedRun } = {};
    const run = (asked.run = await stack.start([
      async () => {
        await say(await until('the run is known', () => asked.run), 'One more thing.');
        return answering('done');
      },
      answering('that too'),
    ]));
    expect(await run.result()).toMatchObject({ output: { value: 'that too' }, turns: 2 });
    expect(said(run)).toEqual([['go'], ['One more thing.']]);
  });

  it('close to the end → delivered or refused, never lost', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 24 }, async (_, delay) => {
        const sent: { outcome?: Promise<'taken' | 'closed'> } = {};
        const script: ScriptedTurn = ({ runId }) => {
          sent.outcome = sleep(2 * delay)
            .then(() => say(stack.attach(runId), 'Wait!'))
            .then(
              () => 'taken',
              (error: unknown) => {
                if (error instanceof WorkflowNotFoundError) return 'closed';
                throw error;
              },
            );
          return answering('done');
        };
        const run = await stack.start([script]);
        await run.result();
        return { outcome: await sent.outcome, told: said(run).slice(1) };
      }),
    );
    for (const { outcome, told } of outcomes) expect(told).toEqual(outcome === 'taken' ? [['Wait!']] : []);
  });

  it('same id twice → the first is sent once', async () => {
    const run = await stack.start([
      calling(call('send_mail', mail)),
      calling(call('send_mail', { to: 'z', count: 77 })),
    ]);
    const first = await run.approval();
    await say(run, 'Once.', { id: 'same' });
    await say(run, 'Once.', { id: 'same' });
    await say(run, 'Other.', { id: 'same' });
    await run.decide(first, { decision: 'reject' });
    const second = await until('it asks again', async () => {
      const id = await run.approval();
      return id !== first && id;
    });
    await say(run, 'Late.', { id: 'same' });
    await run.decide(second, { decision: 'reject' });
    await run.result();
    expect(said(run)).toEqual([['go'], ['Once.'], []]);
    expect(await stack.client.workflow.getHandle(run.id).query(messagesQuery, 'same')).toEqual({
      waiting: 0,
      known: 'of Once.',
    });
  });

  it('malformed → ignored', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    const text = { type: 'inline', value: 'x' };
    for (const forged of [
      null,
      42,
      'hi',
      [],
      {},
      { id: 'a', text },
      { id: 'a', digest: 'd', text: 'x' },
      { id: 7, digest: 'd', text },
      { id: 'a', digest: 'd', text: { type: 'inline', value: { role: 'system' } } },
      { id: 'a', digest: 'd', text: { type: 'inline', value: 'x'.repeat(5_000) } },
      { id: 'x'.repeat(300), digest: 'd', text },
    ]) {
      await run.signal(messageSignal, forged);
    }
    await run.signal(messageSignal);
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(said(run)).toEqual([['go'], []]);
  });

  it('extra fields → dropped', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    await run.signal(messageSignal, {
      id: 'laden',
      digest: 'd',
      text: { type: 'inline', value: 'Short.', baggage: 'x'.repeat(1_000) },
      whenWaiting: 'queue',
      baggage: 'x',
    });
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(said(run)).toEqual([['go'], ['Short.']]);
    const { events } = await stack.client.workflow.getHandle(run.id).fetchHistory();
    const asked =
      events
        ?.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.input?.payloads ?? [])
        .map(({ data }) => Buffer.from(data ?? []).toString()) ?? [];
    expect(asked.filter((text) => text.includes('Short.'))).toHaveLength(1);
    expect(asked.join()).not.toContain('baggage');
  });

  it('too many → dropped, the run continues', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    for (let group = 0; group < 6; group += 1)
      await Promise.all(Array.from({ length: 25 }, (_, number) => say(run, `${group} ${number}`)));
    await queued(run, 100);
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(said(run).map(({ length }) => length)).toEqual([1, 100]);
  });

  it('parked run → queued until the retried turn is over', async () => {
    let quota = false;
    const run = await stack.start([
      () => {
        if (!quota) throw new ModelFailure('QuotaExhausted', 'No quota left.');
        return answering('back');
      },
      answering('yes?'),
    ]);
    await until('it parks', async () => (await run.view()).state === 'parked');
    await say(run, 'Are you there?');
    await queued(run, 1);
    quota = true;
    await run.signal(retrySignal);
    expect((await run.result()).output).toMatchObject({ value: 'yes?' });
    expect(said(run)).toEqual([['go'], ['go'], ['Are you there?']]);
  });

  it('maxTurns → counts from the message', async () => {
    const run = await stack.start(
      [
        calling(call('send_mail', few)),
        calling(call('send_mail', mail)),
        calling(call('send_mail', few)),
        answering('done'),
      ],
      { maxTurns: 3 },
    );
    const id = await run.approval();
    await say(run, 'Go on.');
    await run.decide(id, { decision: 'reject' });
    expect(await run.result()).toMatchObject({ turns: 4, output: { value: 'done' } });
  });

  it('cancelled run → dropped with it', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    await say(run, 'Stop.');
    await run.cancel();
    await expect(run.result()).rejects.toThrow('cancelled');
    expect(said(run)).toEqual([['go']]);
    await expect(say(run, 'Stop!')).rejects.toThrow(WorkflowNotFoundError);
  });
});
