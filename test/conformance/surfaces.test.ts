import type { Reply } from '@holdpoint/openai-stand-in';
import { isCancellation } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputs as texts } from '../../src/domain/outputs.ts';
import type { UserMessage, WhenWaiting } from '../../src/domain/user-message.ts';
import { messageSignal, retrySignal } from '../../src/domain/wire-names.ts';
import { whimsicalConversation } from '../support/conversation.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { mailCalls, startStage, type Stage, type StagedRun } from '../support/stage.ts';
import { surfaces } from '../support/surfaces.ts';

/* Facts about runs that hold for both APIs. Each test runs once per API. */

describe.concurrent.each(surfaces)('run on the $api API', (surface) => {
  const { tool, ran } = mailTool();
  const impatient = mailTool({ name: 'send_soon', review: { expiresIn: 300 } });
  let started: AbortSignal | undefined;
  const slow = mailTool({
    name: 'send_slowly',
    review: 'never',
    execute: (_args, { signal }) => {
      started = signal;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to stop')), { once: true });
      });
    },
  });
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage([tool, impatient.tool, slow.tool], surface);
  });
  afterAll(() => stage.stop());

  const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);
  const decideOnly = async (run: StagedRun, decision: Parameters<StagedRun['decide']>[1]) =>
    await run.decide((await run.waiting(1))[0]?.approval?.id ?? '', decision);

  describe('reviewed call', () => {
    it('approved → runs once, the model gets the result', async () => {
      const run = await stage.start([mailCalls({ to: 'approved', count: 500 }), { text: 'All told.' }]);
      await decideOnly(run, { decision: 'approve' });
      expect(await run.said()).toBe('All told.');
      expect(ranTo('approved').map(({ args }) => args)).toEqual([{ to: 'approved', count: 500 }]);
      expect(run.outputs()).toEqual(['{"sent":500}']);
    });

    it('edited → the edit runs, the model is told the changes', async () => {
      const run = await stage.start([mailCalls({ to: 'edited', count: 500 }), { text: 'ok' }]);
      await decideOnly(run, {
        decision: 'approve',
        modifiedDetails: { to: 'edited', count: 20 },
        note: 'Start small.',
      });
      await run.result();
      expect(ranTo('edited').map(({ args }) => args['count'])).toEqual([20]);
      expect(run.outputs().map((output) => JSON.parse(output) as unknown)).toEqual([
        { result: { sent: 20 }, changedByReviewer: { count: { from: 500, to: 20 } }, reviewerNote: 'Start small.' },
      ]);
    });

    it('rejected → never runs, the model is told why', async () => {
      const run = await stage.start([mailCalls({ to: 'rejected', count: 500 }), { text: 'ok' }]);
      await decideOnly(run, { decision: 'reject', note: 'Not today.' });
      await run.result();
      expect(ranTo('rejected')).toEqual([]);
      expect(run.outputs()).toEqual([texts.deniedWithNote('Not today.')]);
    });

    it('request → shows the assistant and the last messages, without tool outputs', async () => {
      const run = await stage.start([
        mailCalls({ to: 'before', count: 1 }),
        { ...mailCalls({ to: 'shown', count: 500 }), text: 'Everybody, then.' },
        { text: 'ok' },
      ]);
      await run.waiting(1);
      expect(await run.shown()).toMatchObject({
        agentName: 'tester',
        riskReason: 'The rule of this tool (review.when) has a person decide on these arguments.',
        conversation: [
          { role: 'user', text: run.text },
          { role: 'assistant', text: 'Everybody, then.' },
        ],
      });
      await decideOnly(run, { decision: 'approve' });
      await run.result();
    });

    it('expired → never runs', async () => {
      const run = await stage.start([
        { calls: [{ name: 'send_soon', arguments: { to: 'nobody', count: 500 } }] },
        { text: 'ok' },
      ]);
      await run.result();
      expect(impatient.ran).toEqual([]);
      expect(run.outputs()).toEqual([texts.expired]);
    });
  });

  describe('further message', () => {
    const say = (run: StagedRun, text: string, whenWaiting: WhenWaiting) =>
      run.signal(messageSignal, {
        id: text,
        digest: text,
        text: { type: 'inline', value: text },
        whenWaiting,
      } satisfies UserMessage);
    const told = (run: StagedRun, text: string) => run.heard().filter((said) => said.includes(text)).length;

    it('queue → sent with the outputs once the calls are decided', async () => {
      const run = await stage.start([mailCalls({ to: 'said more', count: 500 }), { text: 'Both.' }]);
      const [waiting] = await run.waiting(1);
      await say(run, 'And call them.', 'queue');
      await run.decide(waiting?.approval?.id ?? '', { decision: 'approve' });
      expect(await run.said()).toBe('Both.');
      expect(new Set(await run.handedOver())).toEqual(new Set(['{"sent":500}']));
      expect(told(run, 'And call them.')).toBe(1);
      expect(ranTo('said more')).toHaveLength(1);
    });

    it('supersede → open calls are replaced, new calls are reviewed', async () => {
      const run = await stage.start((text) =>
        whimsicalConversation(text, [
          mailCalls({ to: 'replaced', count: 500 }),
          mailCalls({ to: 'instead', count: 500 }),
          { text: 'Instead.' },
        ]),
      );
      await run.waiting(1);
      await say(run, 'No, the others.', 'supersede');
      const [waiting] = await until('the new call waits', async () => {
        const open = await run.waiting(1);
        return open[0]?.approval?.request === 1 && (await run.asked()).length === 2 && open;
      });
      await run.decide(waiting?.approval?.id ?? '', { decision: 'approve' });
      expect(await run.said()).toBe('Instead.');
      expect(new Set(await run.handedOver())).toEqual(new Set([texts.superseded, '{"sent":500}']));
      expect(told(run, 'No, the others.')).toBe(1);
      expect([ranTo('replaced'), ranTo('instead')].map(({ length }) => length)).toEqual([0, 1]);
    });
  });

  describe('several calls in one turn', () => {
    it('F1 F2 F3 run, approved, rejected, malformed and unknown → one output each, sent together', async () => {
      const run = await stage.start([
        {
          calls: [
            { name: 'send_mail', arguments: { to: 'few', count: 2 }, callId: 'call_few' },
            { name: 'send_mail', arguments: { to: 'yes', count: 50 }, callId: 'call_yes' },
            { name: 'send_mail', arguments: '{"to":', callId: 'call_malformed' },
            { name: 'send_mail', arguments: { to: 'no', count: 50 }, callId: 'call_no' },
            { name: 'send_fax', arguments: {}, callId: 'call_unknown' },
            { name: 'send_mail', arguments: { to: 'all', count: 'many' }, callId: 'call_unfit' },
          ],
        },
        { text: 'ok' },
      ]);
      const [yes, no] = await run.waiting(2);
      await run.decide(no?.approval?.id ?? '', { decision: 'reject' });
      await until('one is rejected', async () =>
        (await run.view()).calls.some(({ settledAs }) => settledAs === 'rejected'),
      );
      expect(run.given()).toEqual([]);
      await run.decide(yes?.approval?.id ?? '', { decision: 'approve' });
      await run.result();
      expect(run.given()).toEqual([
        { callId: 'call_few', output: '{"sent":2}' },
        { callId: 'call_yes', output: '{"sent":50}' },
        {
          callId: 'call_malformed',
          output: expect.stringMatching(/^Invalid arguments for "send_mail": arguments: not valid JSON/) as string,
        },
        { callId: 'call_no', output: texts.denied },
        { callId: 'call_unknown', output: texts.unknownTool('send_fax', ['send_mail', 'send_soon', 'send_slowly']) },
        {
          callId: 'call_unfit',
          output: expect.stringMatching(/^Invalid arguments for "send_mail": count: /) as string,
        },
      ]);
      expect([ranTo('few'), ranTo('yes'), ranTo('no'), ranTo('all')].map(({ length }) => length)).toEqual([1, 1, 0, 0]);
      expect(await run.asked()).toHaveLength(2);
    });

    it('F5 F6 identical calls, repeated call id → separate calls', async () => {
      const again: Reply = {
        calls: [{ name: 'send_mail', arguments: { to: 'id again', count: 1 }, callId: 'call_again' }],
      };
      const run = await stage.start([
        mailCalls({ to: 'twins', count: 30 }, { to: 'twins', count: 30 }),
        again,
        again,
        { text: 'ok' },
      ]);
      const waiting = await run.waiting(2);
      expect(new Set(waiting.map(({ approval }) => approval?.id)).size).toBe(2);
      for (const { approval } of waiting) await run.decide(approval?.id ?? '', { decision: 'approve' });
      await run.result();
      expect(ranTo('twins')).toHaveLength(2);
      expect(new Set(ranTo('id again').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
    });
  });

  describe('repeated calls', () => {
    it('F7 rejected call → reviewed once more, then refused; changed arguments → a new call', async () => {
      const same = mailCalls({ to: 'again', count: 500 });
      const run = await stage.start([same, same, same, mailCalls({ to: 'again', count: 501 }), { text: 'ok' }]);
      await decideOnly(run, { decision: 'reject' });
      await until('it is asked again', async () => (await run.asked()).length === 2);
      await decideOnly(run, { decision: 'reject' });
      await until('the changed one is asked', async () => (await run.asked()).length === 3);
      await decideOnly(run, { decision: 'approve' });
      await run.result();
      expect(run.outputs()).toEqual([texts.denied, texts.denied, texts.deniedBefore, '{"sent":501}']);
      expect(ranTo('again').map(({ args }) => args['count'])).toEqual([501]);
    });

    it.each([
      ['the same', 500],
      ['a bigger one', 9000],
    ] as const)(
      'F8 repeated after an approval, %s → reviewed again: one approval allows one action',
      async (to, count) => {
        const run = await stage.start([mailCalls({ to, count: 500 }), mailCalls({ to, count }), { text: 'ok' }]);
        await decideOnly(run, { decision: 'approve' });
        await until('it is asked again', async () => (await run.asked()).length === 2);
        expect(ranTo(to)).toHaveLength(1);
        await decideOnly(run, { decision: 'reject' });
        await run.result();
        expect(ranTo(to)).toHaveLength(1);
        expect(run.outputs()).toEqual(['{"sent":500}', texts.denied]);
      },
    );
  });

  describe('cancelled', () => {
    it('waiting call → withdrawn, never runs', async () => {
      const run = await stage.start([mailCalls({ to: 'cancelled', count: 500 }), { text: 'ok' }]);
      await run.waiting(1);
      await run.cancel();
      expect(isCancellation(await run.failure())).toBe(true);
      expect(await run.asked()).toMatchObject([{ status: 'REJECTED', decisionReasonCode: 'withdrawn' }]);
      expect(ranTo('cancelled')).toEqual([]);
    });

    it('running tool → aborted', async () => {
      const run = await stage.start([
        { calls: [{ name: 'send_slowly', arguments: { to: 'x', count: 1 } }] },
        { text: 'ok' },
      ]);
      await until('the tool runs', () => started);
      await run.cancel();
      expect(isCancellation(await run.failure())).toBe(true);
      expect(started?.aborted).toBe(true);
      expect(run.given()).toEqual([]);
    });
  });

  describe('model server with faults', () => {
    it.each([
      ['before anything was done', false],
      ['when an action is done', true],
    ] as const)('F19 quota exhausted %s → parks, retry continues', async (when, outputs) => {
      const run = await stage.start([mailCalls({ to: when, count: 1 }), { text: 'ok' }]);
      const blocked = run.fault({ kind: 'insufficient_quota', match: { outputs }, times: 'always' });
      expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({
        type: 'QuotaExhausted',
      });
      expect(blocked.happened()).toBe(1);
      blocked.remove();
      await run.signal(retrySignal);
      expect(await run.said()).toBe('ok');
      expect(ranTo(when)).toHaveLength(1);
    });

    it('F13 F14 reply to the first request lost → requests again, calls run once', async () => {
      const run = await stage.start([mailCalls({ to: 'first reply', count: 1 }), { text: 'ok' }]);
      const lost = run.fault({ kind: 'drop_after_commit', match: { path: surface.asking } });
      expect(await run.said()).toBe('ok');
      expect(lost.happened()).toBe(1);
      expect(ranTo('first reply')).toHaveLength(1);
      expect(run.outputs()).toEqual(['{"sent":1}']);
    });

    it.each(['drop', 'drop_after_commit', 'server_error', 'rate_limit', 'overloaded'] as const)(
      'F13 F18 "%s" → outputs are sent again, the action is done and told once',
      async (kind) => {
        const run = await stage.start([mailCalls({ to: kind, count: 500 }), { text: 'ok' }]);
        const fault = run.fault({ kind, match: { outputs: true } });
        await decideOnly(run, { decision: 'approve' });
        expect(await run.said()).toBe('ok');
        expect(fault.happened()).toBe(1);
        expect(ranTo(kind)).toHaveLength(1);
        expect(run.outputs()).toEqual(['{"sent":500}']);
        expect(await run.asked()).toHaveLength(1);
      },
    );

    it('F15 model refuses → the result is marked as refused', async () => {
      const run = await stage.start([{ refusal: 'I can not do that.' }]);
      expect(await run.result()).toMatchObject({
        output: { type: 'inline', value: 'I can not do that.' },
        refused: true,
      });
    });

    it('F16 answer cut off → its call never runs', async () => {
      const run = await stage.start([{ ...mailCalls({ to: 'cut off', count: 1 }), incomplete: 'max_output_tokens' }]);
      expect(await run.failure()).toMatchObject({ type: 'ModelIncomplete' });
      expect(ranTo('cut off')).toEqual([]);
    });

    it('F17 content refused after an action → fails', async () => {
      const run = await stage.start([mailCalls({ to: 'blocked', count: 1 }), { incomplete: 'content_filter' }]);
      expect(await run.failure()).toMatchObject({ type: 'ModelBlocked' });
      expect(ranTo('blocked')).toHaveLength(1);
    });

    it('model fails in the middle of an answer → requests again', async () => {
      const run = await stage.start([
        (askedBefore) =>
          askedBefore === 0 ? { failed: { code: 'server_error' } } : mailCalls({ to: 'failed once', count: 1 }),
        { text: 'ok' },
      ]);
      expect(await run.said()).toBe('ok');
      expect(ranTo('failed once')).toHaveLength(1);
    });
  });
});
