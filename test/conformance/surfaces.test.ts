import { isCancellation } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputs as texts } from '../../src/domain/outputs.ts';
import type { UserMessage, WhenWaiting } from '../../src/domain/user-message.ts';
import { messageSignal, retrySignal } from '../../src/domain/wire-names.ts';
import type { Reply } from '@holdpoint/openai-stand-in';
import { whimsicalConversation } from '../support/conversation.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { startStage, type Stage, type StagedRun } from '../support/stage.ts';
import { surfaces } from '../support/surfaces.ts';

/* What a run does, whichever API its model is reached by: each fact is shown on both. */

const days = 24 * 60 * 60 * 1000;
const calls = (...args: Array<Record<string, unknown>>): Reply => ({
  calls: args.map((each) => ({ name: 'send_mail', arguments: each })),
});

describe.concurrent.each(surfaces)('a run on the $api API', (surface) => {
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

  describe('that a person decides on', () => {
    it('acts once when approved, and tells the model the result', async () => {
      const run = await stage.start([calls({ to: 'approved', count: 500 }), { text: 'All told.' }]);
      await decideOnly(run, { decision: 'approve' });
      expect(await run.said()).toBe('All told.');
      expect(ranTo('approved').map(({ args }) => args)).toEqual([{ to: 'approved', count: 500 }]);
      expect(run.outputs()).toEqual(['{"sent":500}']);
    });

    it('acts as edited, and tells the model what was changed', async () => {
      const run = await stage.start([calls({ to: 'edited', count: 500 }), { text: 'ok' }]);
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

    it('never acts when rejected, and tells the model why', async () => {
      const run = await stage.start([calls({ to: 'rejected', count: 500 }), { text: 'ok' }]);
      await decideOnly(run, { decision: 'reject', note: 'Not today.' });
      await run.result();
      expect(ranTo('rejected')).toEqual([]);
      expect(run.outputs()).toEqual([texts.deniedWithNote('Not today.')]);
    });

    it('shows that person who asks and what was said last, and nothing that tools gave back', async () => {
      const run = await stage.start([
        calls({ to: 'before', count: 1 }),
        { ...calls({ to: 'shown', count: 500 }), text: 'Everybody, then.' },
        { text: 'ok' },
      ]);
      await run.waiting(1);
      expect(await run.shown()).toMatchObject({
        agentName: 'tester',
        riskReason: 'The rule of this tool (`review.when`) has a person decide on these arguments.',
        conversation: [
          { role: 'user', text: run.text },
          { role: 'assistant', text: 'Everybody, then.' },
        ],
      });
      await decideOnly(run, { decision: 'approve' });
      await run.result();
    });

    it('never acts when nobody decides in time', async () => {
      const run = await stage.start([
        { calls: [{ name: 'send_soon', arguments: { to: 'nobody', count: 500 } }] },
        { text: 'ok' },
      ]);
      await run.result();
      expect(impatient.ran).toEqual([]);
      expect(run.outputs()).toEqual([texts.expired]);
    });
  });

  describe('to which the user says more', () => {
    const say = (run: StagedRun, text: string, whenWaiting: WhenWaiting) =>
      run.signal(messageSignal, {
        id: text,
        digest: text,
        text: { type: 'inline', value: text },
        whenWaiting,
      } satisfies UserMessage);
    const told = (run: StagedRun, text: string) => run.heard().filter((said) => said.includes(text)).length;

    it('tells the model, together with what came of its calls, once these are decided', async () => {
      const run = await stage.start([calls({ to: 'said more', count: 500 }), { text: 'Both.' }]);
      const [waiting] = await run.waiting(1);
      await say(run, 'And call them.', 'queue');
      await run.decide(waiting?.approval?.id ?? '', { decision: 'approve' });
      expect(await run.said()).toBe('Both.');
      expect(new Set(await run.handedOver())).toEqual(new Set(['{"sent":500}']));
      expect(told(run, 'And call them.')).toBe(1);
      expect(ranTo('said more')).toHaveLength(1);
    });

    it('replaces a call that nobody has decided on, and what the model asks for then is reviewed anew', async () => {
      const run = await stage.start((text) =>
        whimsicalConversation(text, [
          calls({ to: 'replaced', count: 500 }),
          calls({ to: 'instead', count: 500 }),
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

  describe('whose model asks for several calls', () => {
    it('F1 F2 F3 gives each one output, all together: run, approved, rejected, malformed and unknown', async () => {
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

    it('F5 F6 takes identical calls for two, and a call id that comes again for a new call', async () => {
      const again: Reply = {
        calls: [{ name: 'send_mail', arguments: { to: 'id again', count: 1 }, callId: 'call_again' }],
      };
      const run = await stage.start([
        calls({ to: 'twins', count: 30 }, { to: 'twins', count: 30 }),
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

  describe('whose model repeats itself', () => {
    it('F7 reviews a rejected call once more, and then answers it by itself; changed arguments are a new call', async () => {
      const same = calls({ to: 'again', count: 500 });
      const run = await stage.start([same, same, same, calls({ to: 'again', count: 501 }), { text: 'ok' }]);
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
    ] as const)('F8 reviews a call anew after an approval, %s: one approval is good for one act', async (to, count) => {
      const run = await stage.start([calls({ to, count: 500 }), calls({ to, count }), { text: 'ok' }]);
      await decideOnly(run, { decision: 'approve' });
      await until('it is asked again', async () => (await run.asked()).length === 2);
      expect(ranTo(to)).toHaveLength(1);
      await decideOnly(run, { decision: 'reject' });
      await run.result();
      expect(ranTo(to)).toHaveLength(1);
      expect(run.outputs()).toEqual(['{"sent":500}', texts.denied]);
    });
  });

  describe('that is cancelled', () => {
    it('withdraws what waits, and never acts', async () => {
      const run = await stage.start([calls({ to: 'cancelled', count: 500 }), { text: 'ok' }]);
      await run.waiting(1);
      await run.cancel();
      expect(isCancellation(await run.failure())).toBe(true);
      expect(await run.asked()).toMatchObject([{ status: 'REJECTED', decisionReasonCode: 'withdrawn' }]);
      expect(ranTo('cancelled')).toEqual([]);
    });

    it('stops a tool that runs', async () => {
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

  describe('at a server with faults', () => {
    it.each([
      ['before anything was done', false],
      ['when an action is done', true],
    ] as const)('F19 parks on an exhausted quota %s, and goes on after retry', async (when, outputs) => {
      const run = await stage.start([calls({ to: when, count: 1 }), { text: 'ok' }]);
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

    it('F13 F14 asks again when the reply to its first request is lost, and what the model asks for runs once', async () => {
      const run = await stage.start([calls({ to: 'first reply', count: 1 }), { text: 'ok' }]);
      const lost = run.fault({ kind: 'drop_after_commit', match: { path: surface.asking } });
      expect(await run.said()).toBe('ok');
      expect(lost.happened()).toBe(1);
      expect(ranTo('first reply')).toHaveLength(1);
      expect(run.outputs()).toEqual(['{"sent":1}']);
    });

    it.each(['drop', 'drop_after_commit', 'server_error', 'rate_limit', 'overloaded'] as const)(
      'F13 F18 hands outputs over again after "%s"; the action is done once and told once',
      async (kind) => {
        const run = await stage.start([calls({ to: kind, count: 500 }), { text: 'ok' }]);
        const fault = run.fault({ kind, match: { outputs: true } });
        await decideOnly(run, { decision: 'approve' });
        expect(await run.said()).toBe('ok');
        expect(fault.happened()).toBe(1);
        expect(ranTo(kind)).toHaveLength(1);
        expect(run.outputs()).toEqual(['{"sent":500}']);
        expect(await run.asked()).toHaveLength(1);
      },
    );

    it('F15 ends with the words of a refusal, and says so', async () => {
      const run = await stage.start([{ refusal: 'I can not do that.' }]);
      expect(await run.result()).toMatchObject({
        output: { type: 'inline', value: 'I can not do that.' },
        refused: true,
      });
    });

    it('F16 never runs the call of an answer that was cut off', async () => {
      const run = await stage.start([{ ...calls({ to: 'cut off', count: 1 }), incomplete: 'max_output_tokens' }]);
      expect(await run.failure()).toMatchObject({ type: 'ModelIncomplete' });
      expect(ranTo('cut off')).toEqual([]);
    });

    it('F17 fails visibly when the content is refused after an action', async () => {
      const run = await stage.start([calls({ to: 'blocked', count: 1 }), { incomplete: 'content_filter' }]);
      expect(await run.failure()).toMatchObject({ type: 'ModelBlocked' });
      expect(ranTo('blocked')).toHaveLength(1);
    });

    it('asks again when the model fails in the middle of an answer', async () => {
      const run = await stage.start([
        (askedBefore) =>
          askedBefore === 0 ? { failed: { code: 'server_error' } } : calls({ to: 'failed once', count: 1 }),
        { text: 'ok' },
      ]);
      expect(await run.said()).toBe('ok');
      expect(ranTo('failed once')).toHaveLength(1);
    });
  });
});

describe.each(surfaces)('a decision that comes late, on the $api API', (surface) => {
  const { tool, ran } = mailTool();
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage([tool], surface);
  });
  afterAll(() => stage.stop());
  const acts = (to: string) => ran.filter(({ args }) => args['to'] === to).length;

  it('is heard when it was made while no worker was up', async () => {
    const run = await stage.start([calls({ to: 'no worker', count: 500 }), { text: 'ok' }]);
    const id = await run.approval();
    await stage.stopWorkers();
    await run.decide(id, { decision: 'approve' });
    await until('the news has arrived', async () => (await run.events()).some((event) => event.includes('SIGNALED')));
    expect(acts('no worker')).toBe(0);
    await stage.startWorker();
    await run.result();
    expect(acts('no worker')).toBe(1);
  });

  it('F4 tells the model when a result was obtained that waited long for its siblings', async () => {
    const run = await stage.start([calls({ to: 'f4', count: 500 }, { to: 'f4', count: 2 }), { text: 'done' }]);
    const id = await run.approval();
    await until('the other is done', async () => (await run.view()).calls.some(({ state }) => state === 'done'));
    stage.advance(11 * 60_000);
    await run.decide(id, { decision: 'approve' });
    expect(await run.said()).toBe('done');
    const told = [...run.outputs(), ...run.heard()].join('\n').replaceAll('\\', '');
    expect(told).toMatch(/\{"result":\{"sent":2\},"obtainedAt":"20\d\d-[^"]*Z"\}/);
    expect(told).toContain('{"sent":500}');
    expect(acts('f4')).toBe(2);
  });

  it.each([
    ['approved', { decision: 'approve' }, 1, '{"sent":500}'],
    ['rejected', { decision: 'reject' }, 0, texts.denied],
  ] as const)(
    '(%s, after three days) reaches the model, and the call is neither asked nor carried out twice',
    async (to, decision, times, output) => {
      const run = await stage.start([calls({ to, count: 500 }), { text: 'done' }]);
      const id = await run.approval();
      stage.advance(3 * days);
      await run.decide(id, decision);
      expect(await run.said()).toBe('done');
      expect(acts(to)).toBe(times);
      expect(await run.asked()).toHaveLength(1);
      expect([...run.outputs(), ...run.heard()].join('\n')).toContain(output);
    },
  );
});
