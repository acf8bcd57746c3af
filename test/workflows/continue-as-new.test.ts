import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import { decidedSignal, messageSignal } from '../../src/domain/wire-names.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const later = mailTool({ name: 'later', review: { expiresIn: 30_000 } });
const mail = { to: 'all', count: 500 };
let temporal: TestTemporal;
let stack: RunStack;
let reviewer: ReviewerClient;
beforeAll(async () => {
  const server = await startOwnTemporal({
    flags: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40'],
  });
  const connection = await Connection.connect({ address: server.address });
  temporal = {
    address: server.address,
    namespace: server.namespace,
    connection,
    client: new Client({ connection }),
    server,
  };
  stack = await startRunStack([tool, later.tool], { temporal });
  reviewer = (await signInReviewer(stack.reviewServer.url, 'rita', 'a good password')).client;
});
afterAll(async () => {
  await stack.stop();
  await temporal.connection.close();
  await temporal.server.stop();
});

const runIdOf = async (run: StartedRun) => (await stack.client.workflow.getHandle(run.id).describe()).runId;
/**
 * Makes the history long: every hint costs one check. Each waits for the check of the one before: Temporal refuses to
 * continue a run as new while signals wait.
 */
const makeLong = async (run: StartedRun) => {
  const before = await runIdOf(run);
  const key = (await run.view()).calls[0]?.key;
  await until(
    'it continues as new',
    async () => {
      const { runId, raw } = await stack.client.workflow.getHandle(run.id).describe();
      if (runId !== before) return true;
      if (!raw.pendingWorkflowTask) await run.signal(decidedSignal, { callKey: key });
      return false;
    },
    90_000,
  );
  return before;
};

describe('continue-as-new', { timeout: 150_000 }, () => {
  it('open approvals → carried over, and their decisions count', async () => {
    const run = await stack.start([
      calling(
        call('send_mail', mail, 'call_x'),
        call('send_mail', { to: 'bob', count: 1 }, 'call_y'),
        call('send_mail', { to: 'c', count: 70 }, 'call_z'),
      ),
      answering('done'),
    ]);
    await until(
      'both wait',
      async () => (await run.view()).calls.filter(({ state }) => state === 'waiting').length === 2,
    );
    const before = await run.view();
    await makeLong(run);
    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    expect(Number(raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds)).toBe(5);
    const after = await run.view();
    expect(after.calls.map(({ key, approval }) => [key, approval?.id])).toEqual(
      before.calls.map(({ key, approval }) => [key, approval?.id]),
    );
    expect((await stack.client.workflow.getHandle(run.id).describe()).searchAttributes).toMatchObject({
      HoldpointState: ['waiting'],
      HoldpointAssistant: ['tester'],
    });
    const [first, , third] = after.calls;
    await run.decide(third?.approval?.id ?? '', { decision: 'reject' });
    await run.decide(first?.approval?.id ?? '', { decision: 'approve' });
    await run.result();
    expect(run.told()).toEqual(['{"sent":500}', '{"sent":1}', 'Security system denied this specific action.']);
    expect(
      ran
        .map(({ idempotencyKey }) => idempotencyKey.split('/').at(-1))
        .toSorted((one = '', other = '') => one.localeCompare(other)),
    ).toEqual(['call_x', 'call_y']);
  });

  it('queued messages → carried over; repeats of earlier messages are ignored', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    const message = { id: 'same', digest: 'd', text: { type: 'inline', value: 'Hurry.' }, whenWaiting: 'queue' };
    await run.signal(messageSignal, message);
    await makeLong(run);
    await run.signal(messageSignal, message);
    await run.signal(messageSignal, { ...message, id: 'another', text: { type: 'inline', value: 'Please.' } });
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(run.received().map(({ messages }) => messages)).toEqual([['go'], ['Hurry.', 'Please.']]);
  });

  it('supersede during continue-as-new → both happen', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    await stack.stopWorkers();
    for (let each = 0; each < 45; each += 1) await run.signal(decidedSignal, { callKey: 'of nobody' });
    await run.signal(messageSignal, {
      id: 'm',
      digest: 'd',
      text: { type: 'inline', value: 'No.' },
      whenWaiting: 'supersede',
    });
    await stack.startWorker();
    await run.result();
    expect(run.received()[1]).toMatchObject({
      outputs: [{ output: 'A newer message replaced this action. It was not carried out.' }],
      messages: ['No.'],
    });
  });

  describe('open question of a reviewer', () => {
    const ask = async (id: string) =>
      await reviewer.call('POST /approvals/{id}/questions', { path: { id }, body: { text: 'For whom?' } });
    const questionsOf = async (id: string) => (await reviewer.call('GET /approvals/{id}', { path: { id } })).questions;
    const answered = (id: string) =>
      until('the answer', async () => {
        const questions = await questionsOf(id);
        return questions.every(({ answeredAt }) => answeredAt !== null) && questions;
      });
    /** Starts a worker whose model counts its side turns. `before`: each waits for it. */
    const startCounting = async (before: () => Promise<void> = async () => undefined) => {
      const asides: string[] = [];
      await stack.stopWorkers();
      await stack.startWorker({
        surface: () => ({
          ...stack.model,
          answerAside: async ({ runId }) => {
            asides.push(runId);
            await before();
            return 'For Ada.';
          },
        }),
      });
      return asides;
    };
    const expectOneAnswer = async (run: StartedRun, id: string, asides: readonly string[]) => {
      const questions = await answered(id);
      expect(questions).toMatchObject([{ text: 'For whom?', answer: 'For Ada.', problem: null }]);
      await run.decide(id, { decision: 'approve' });
      await run.result();
      expect(await questionsOf(id)).toEqual(questions);
      expect(asides).toEqual([run.id]);
    };

    it('asked when the run continues as new → answered by the next run, once', async () => {
      const run = await stack.start([calling(call('send_mail', mail))]);
      const id = await run.approval();
      const first = await runIdOf(run);
      await stack.stopWorkers();
      for (let each = 0; each < 45; each += 1) await run.signal(decidedSignal, { callKey: 'of nobody' });
      const signals = async () => (await run.events()).filter((type) => type.endsWith('WORKFLOW_EXECUTION_SIGNALED'));
      const before = (await signals()).length;
      await ask(id);
      await until('the hint is in the history', async () => (await signals()).length > before);
      const asides = await startCounting();
      await expectOneAnswer(run, id, asides);
      expect(await runIdOf(run)).not.toBe(first);
    });

    it('history grows long during the side turn → the run waits for the answer, then continues as new', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      const asides = await startCounting(() => held);
      const run = await stack.start([calling(call('send_mail', mail))]);
      const id = await run.approval();
      const first = await runIdOf(run);
      await ask(id);
      await until('the side turn', () => asides.length > 0);
      for (let each = 0; each < 45; each += 1) await run.signal(decidedSignal, { callKey: 'of nobody' });
      expect((await run.view()).state).toBe('waiting');
      expect(await runIdOf(run)).toBe(first);
      release();
      await answered(id);
      await until('it continues as new', async () => (await runIdOf(run)) !== first);
      await expectOneAnswer(run, id, asides);
    });
  });

  it('deadline → kept', async () => {
    const run = await stack.start([calling(call('later', mail))]);
    await run.approval();
    const { deadlineAt } = (await run.view()).calls[0]?.approval ?? {};
    await makeLong(run);
    expect((await run.view()).calls[0]?.approval?.deadlineAt).toBe(deadlineAt);
    await run.result();
    expect(run.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);
  });

  it('cancelled during continue-as-new → the run ends', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const approval = await run.approval();
    await stack.stopWorkers();
    for (let each = 0; each < 45; each += 1) await run.signal(decidedSignal, { callKey: 'of nobody' });
    await run.cancel();
    await stack.startWorker();
    await expect(run.result()).rejects.toThrow('cancelled');
    const answer = await fetch(`${stack.reviewServer.url}/api/approvals/${approval}`, {
      headers: { 'x-api-key': 'cq_test_connection_key' },
    });
    expect(await answer.json()).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'withdrawn' });
  });

  it('between turns → the model gets every message once', async () => {
    const few = (turn: number) => calling(call('send_mail', { to: `turn ${turn}`, count: 1 }));
    const run = await stack.start([1, 2, 3, 4, 5, 6].map(few));
    const first = await runIdOf(run);
    const result = await run.result();
    expect(await runIdOf(run)).not.toBe(first);
    expect(result).toMatchObject({ turns: 7, toolCalls: 6 });
    expect(run.told()).toEqual(Array.from({ length: 6 }, () => '{"sent":1}'));
  });
});
