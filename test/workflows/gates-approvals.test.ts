import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';
import { createReviewService } from '@holdpoint/cheqpoint';
import type { JsonObject } from '@holdpoint/json';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { startAttacker } from '../support/attacker.ts';
import { startHostedCheqpoint, type HostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { secret } from '../support/keys.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const many = { to: 'all', count: 500 };
const now = () => new Date().toISOString();
const parkedAs = async (run: StartedRun) => await until('the run parks', async () => (await run.view()).parked[0]);
const ranFor = (callId: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(`/${callId}`));

/** A service that can give any answer, as an impostor of Cheqpoint could. */
describe('approval as read at the review service', () => {
  let stack: RunStack;
  let hosted: HostedCheqpoint;
  /** Details of an approved request of another run, sealed by us. */
  let foreign: JsonObject;
  beforeAll(async () => {
    hosted = await startHostedCheqpoint();
    stack = await startRunStack([tool], { cheqpointUrl: hosted.url });
    const other = await stack.start([calling(call('send_mail', many, 'call_foreign'))]);
    foreign = detailsOf(await other.approval());
    await other.cancel();
  });
  afterAll(async () => {
    await stack.stop();
    await hosted.close();
  });

  const detailsOf = (id: string) => hosted.requests.find((request) => request.id === id)?.body.details ?? {};
  const envelopeOf = (details: JsonObject) => details['holdpoint'] as unknown as Envelope & { mac: string };
  const resealed = (details: JsonObject, changes: Partial<Envelope>, by = secret) => {
    const { holdpoint: _, ...args } = details;
    const { mac: __, ...envelope } = envelopeOf(details);
    return new Envelopes([by]).seal({ ...envelope, ...changes }, args);
  };
  const altered = (details: JsonObject, changes: JsonObject) => ({
    ...details,
    holdpoint: { ...(details['holdpoint'] as JsonObject), ...changes },
  });

  const untrusted: Array<[string, (details: JsonObject) => JsonObject]> = [
    ['of another run', () => ({ details: foreign })],
    [
      "of another run, with this call's arguments",
      (details) => ({ details: { ...details, holdpoint: foreign['holdpoint'] as JsonObject } }),
    ],
    ['of altered arguments', (details) => ({ details: { ...details, count: 9 } })],
    ['of added arguments', (details) => ({ details: { ...details, bcc: 'eve' } })],
    ['of another tool', (details) => ({ details: altered(details, { tool: 'delete_all' }) })],
    ['of another call key', (details) => ({ details: altered(details, { callKey: envelopeOf(foreign).callKey }) })],
    ['of another assistant', (details) => ({ details: resealed(details, { assistant: 'boss' }) })],
    ['with an altered risk', (details) => ({ details: altered(details, { risk: 'critical' }) })],
    ['with an altered deadline', (details) => ({ details: altered(details, { deadline: 9e15 }) })],
    ['with another mac', (details) => ({ details: altered(details, { mac: envelopeOf(foreign).mac }) })],
    ['with a mac that is no text', (details) => ({ details: altered(details, { mac: 1 }) })],
    [
      'with a mac by a wrong secret',
      (details) => ({ details: resealed(details, {}, 'some other secret, also thirty-two long') }),
    ],
    ['of another request of this call', (details) => ({ details: resealed(details, { number: 2 }) })],
    ['of another kind', (details) => ({ details: resealed(details, { kind: 'outcome' }) })],
    ['without an envelope', () => ({ details: many })],
    ['with the envelope under modifiedDetails', (details) => ({ details: many, modifiedDetails: details })],
    ['without details', () => ({ details: null })],
    ['whose details are no object', () => ({ details: JSON.stringify(many) })],
    ['by a word that is not in the contract', () => ({ status: 'OK' })],
    ['by an empty word', () => ({ status: '' })],
    ['by no word', () => ({ status: true })],
    ['with an edit that is no object', () => ({ modifiedDetails: 'fewer' })],
  ];
  it.each(untrusted)('%s → parks, nothing runs', async (what, answer) => {
    const callId = `call_${what.replaceAll(/\W/g, '_')}`;
    const run = await stack.start([calling(call('send_mail', many, callId))]);
    const id = await run.approval();
    hosted.show(id, { status: 'APPROVED', decidedAt: now(), ...answer(detailsOf(id)) });
    await hosted.callBack(id);
    expect(await parkedAs(run)).toMatchObject({ type: 'ReviewUnreadable' });
    expect(ranFor(callId)).toEqual([]);
    await run.cancel();
  });

  it.each(['approved', 'Approved', 'APPROVED'])('status "%s" → approved', async (status) => {
    const run = await stack.start([calling(call('send_mail', many, `call_word_${status}`))]);
    const id = await run.approval();
    hosted.show(id, { status, decidedAt: now() });
    await hosted.callBack(id);
    await run.result();
    expect(ranFor(`call_word_${status}`)).toHaveLength(1);
  });

  it.each(['declined', 'DECLINED', 'denied', 'rejected'])(
    'status "%s" → rejected, despite other fields of the answer',
    async (status) => {
      const run = await stack.start([calling(call('send_mail', many, `call_word_${status}`))]);
      const id = await run.approval();
      hosted.show(id, { status, decidedAt: now(), autoDecided: false, modifiedDetails: { to: 'bob', count: 1 } });
      await hosted.callBack(id);
      await run.result();
      expect(run.told()).toEqual(['Security system denied this specific action.']);
      expect(ranFor(`call_word_${status}`)).toEqual([]);
    },
  );

  it('edit tampers with the envelope → the approved arguments run', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_tampered'))]);
    const id = await run.approval();
    hosted.show(id, {
      status: 'APPROVED',
      decidedAt: now(),
      modifiedDetails: { to: 'bob', count: 20, holdpoint: { tool: 'delete_all', mac: 'x' } },
    });
    await hosted.callBack(id);
    await run.result();
    expect(ranFor('call_tampered').map(({ args }) => args)).toEqual([{ to: 'bob', count: 20 }]);
  });
});

describe('HOLDPOINT_SECRET', () => {
  const [older, newer] = [
    'the secret of last year, which is long enough',
    'the secret of this year, which is long enough',
  ];

  it('older secret → verifies after a rotation; dropped secret → parks until it is back', async () => {
    const stack = await startRunStack([tool], { worker: false });
    try {
      const before = await stack.startWorker({ envelopes: new Envelopes([older]) });
      const rotated = await stack.start([calling(call('send_mail', many, 'call_rotated'))]);
      const dropped = await stack.start([calling(call('send_mail', many, 'call_dropped'))]);
      const [first, second] = [await rotated.approval(), await dropped.approval()];
      await before.stop();

      const both = await stack.startWorker({ envelopes: new Envelopes([newer, older]) });
      await rotated.decide(first, { decision: 'approve' });
      await rotated.result();
      expect(ranFor('call_rotated')).toHaveLength(1);
      await both.stop();

      const without = await stack.startWorker({ envelopes: new Envelopes([newer]) });
      await dropped.decide(second, { decision: 'approve' });
      expect(await parkedAs(dropped)).toMatchObject({
        type: 'ReviewUnreadable',
        message: expect.stringContaining('HOLDPOINT_SECRET'),
      });
      expect(ranFor('call_dropped')).toEqual([]);
      await without.stop();

      await stack.startWorker({ envelopes: new Envelopes([newer, older]) });
      await dropped.signal(retrySignal);
      await dropped.result();
      expect(ranFor('call_dropped')).toHaveLength(1);
    } finally {
      await stack.stop();
    }
  });
});

describe('approval of one assistant', () => {
  it('used by another assistant with the same tool → refused', async () => {
    const grave = mailTool({ review: 'always' });
    const hosted = await startHostedCheqpoint();
    const taskQueue = 'unused';
    const config = defineConfig({
      taskQueue,
      assistants: [
        defineAssistant({ name: 'tester', model: 'none', tools: [tool] }),
        defineAssistant({ name: 'boss', model: 'none', tools: [grave.tool] }),
      ],
    });
    const review = createReviewService({ baseUrl: hosted.url, connectionKey: 'cq_test' });
    const stack = await startRunStack([tool], { dependencies: { config, review: () => review } });
    const attacker = await startAttacker(stack);
    try {
      // Decided at once and without an id, so there is nothing to read anywhere else.
      hosted.receive('call_borrowed', { answer: () => ({ status: 'approved' }) });
      const attack = await attacker.start();
      const given = { type: 'inline', value: many };
      const reference = {
        key: `${attack.firstRunId}/1/0/call_borrowed`,
        callId: 'call_borrowed',
        tool: 'send_mail',
        arguments: given,
      };
      const base = { context: null, call: reference };
      await attack.attempt('requestApproval', {
        ...base,
        assistant: 'tester',
        arguments: given,
        number: 1,
        kind: 'call',
        conversation: null,
      });
      expect(
        await attack.attempt('settleToolCall', { ...base, assistant: 'boss', lost: [], close: false, retries: 0 }),
      ).toEqual({ failed: 'ReviewUnreadable' });
      expect(grave.ran).toEqual([]);
    } finally {
      await attacker.stop();
      await stack.stop();
      await hosted.close();
    }
  });
});
