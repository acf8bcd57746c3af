import type { ReviewAnswer, ReviewService } from '@holdpoint/cheqpoint';
import { digestOf } from '@holdpoint/json/canonical';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import type { EffectStart, RequestRow } from '../../src/activities/ports.ts';
import { createSettleToolCall } from '../../src/activities/settle-tool-call.ts';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import type { SettleInput, SettleResult } from '../../src/domain/activities.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';
import { mailTool, type Ran } from '../support/tools.ts';

const envelopes = new Envelopes(['a secret of thirty-two characters']);
const key = callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId: 'call_1' });
const mail = { to: 'ana', count: 1 };

let database: HoldpointDatabase;
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterEach(() => database.close());

const start: EffectStart = {
  callKey: key,
  start: 1,
  runId: 'run',
  tool: 'send_mail',
  effect: 'at-most-once',
  argumentsDigest: 'digest',
  requestsBefore: 0,
  request: null,
  attemptId: 'an earlier attempt',
  worker: 'another worker',
  at: 0,
};

type Made = { kind: 'call' | 'outcome'; answer: Partial<ReviewAnswer> };

/** Settles `call_1` of an `at-most-once` tool over the real ledger. `made`: the request that was made for it. */
async function settle(
  more: Partial<SettleInput> = {},
  made?: Made,
  { read, newest }: { read?: () => Promise<never>; newest?: () => Promise<undefined> } = {},
): Promise<{ result: SettleResult; ran: Ran[] }> {
  const { tool, ran } = mailTool({ effect: 'at-most-once', review: 'never' });
  const args = made?.kind === 'outcome' ? { outcome: 'happened' } : mail;
  const envelope = {
    version: 2,
    callKey: key,
    assistant: 'comms',
    kind: made?.kind,
    number: 1,
    definition: tool.definition,
    runContext: envelopes.digestContext(key, null),
    risk: 'medium',
    deadline: null,
  } as Envelope;
  const details = envelopes.seal(envelope, args);
  const row = {
    callKey: key,
    number: 1,
    kind: made?.kind,
    request: { details },
    answered: true,
    id: 'req_1',
    reviewUrl: null,
    atOnce: null,
  };
  const service = {
    read:
      read ??
      (async () => ({ id: 'req_1', details, modifiedDetails: null, note: null, decidedAt: null, ...made?.answer })),
    paused: async () => null,
    capabilities: async () => ({ idempotency: false, withdraw: false, pause: false }),
  };
  const dependencies = {
    config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [tool] })] }),
    effects: newest ? { ...database.effects, newest } : database.effects,
    requests: { list: async () => (made ? [row as unknown as RequestRow] : []) },
    review: () => service as unknown as ReviewService,
    values: { put: () => Promise.reject(new Error('nothing is stored here')) },
    runs: { firstRunId: async () => 'first-run' },
    envelopes,
    worker: 'this worker',
    now: Date.now,
  } as unknown as ActivityDependencies;
  const input: SettleInput = {
    assistant: 'comms',
    context: null,
    call: { key, callId: 'call_1', tool: 'send_mail', arguments: { type: 'inline', value: mail } },
    lost: [],
    close: false,
    retries: 0,
    ...more,
  };
  const environment = new MockActivityEnvironment(
    { heartbeatTimeoutMs: 10_000, workflowExecution: { workflowId: 'run', runId: 'first-run' } },
    { logger: new DefaultLogger('ERROR') },
  );
  const activity = createSettleToolCall(dependencies);
  return { result: await environment.run<[SettleInput], SettleResult, typeof activity>(activity, input), ran };
}

describe('settleToolCall', () => {
  it('call without a row → the tool runs once', async () => {
    const { result, ran } = await settle();
    expect(result).toMatchObject({ type: 'settled', as: 'ran' });
    expect(ran).toHaveLength(1);
  });

  it('ended row, other arguments → the first result, the tool does not run', async () => {
    await database.effects.start(start);
    await database.effects.close(key, 1, { state: 'done', output: { text: 'the first' }, at: 1 });
    const { result, ran } = await settle();
    expect(result).toMatchObject({ type: 'settled', as: 'ran', output: { output: { value: 'the first' } } });
    expect(ran).toEqual([]);
  });

  it('ended row, the review service does not answer → the first result all the same', async () => {
    await database.effects.start(start);
    await database.effects.close(key, 1, { state: 'done', output: { text: 'the first' }, at: 1 });
    const never = new Promise<never>(() => undefined);
    for (const read of [() => never, () => Promise.reject(new Error('down'))]) {
      const { result, ran } = await settle({}, { kind: 'call', answer: {} }, { read });
      expect(result).toMatchObject({ type: 'settled', output: { output: { value: 'the first' } } });
      expect(ran).toEqual([]);
    }
  });

  it('ledger answers late → the decision is read meanwhile, and its failure is the failure of the attempt', async () => {
    const began = Promise.withResolvers<undefined>();
    const read = () => {
      began.resolve(undefined);
      return Promise.reject(new Error('the review service is down'));
    };
    // The ledger answers only once the read has begun.
    const settling = settle({}, { kind: 'call', answer: {} }, { read, newest: () => began.promise });
    await expect(settling).rejects.toThrow('the review service is down');
  });

  it('open row of another attempt → a person is asked, the tool does not run', async () => {
    // Of the very arguments that are cleared now.
    await database.effects.start({ ...start, argumentsDigest: digestOf(mail) });
    const { result, ran } = await settle();
    expect(result).toMatchObject({ type: 'unknown' });
    expect(ran).toEqual([]);
  });

  it.each([
    ['approved by a person', 'confirmed', { reasonCode: 'person' }],
    ['approved by a rule', 'given-up', { reasonCode: 'rule', autoDecided: true }],
  ])('open row, “it happened” %s → %s', async (_who, as, how) => {
    await database.effects.start(start);
    const { result } = await settle({}, { kind: 'outcome', answer: { status: 'approved', ...how } });
    expect(result).toMatchObject({ type: 'settled', as });
  });

  it('tool that the assistant does not have → the model is told, no tool runs', async () => {
    const call = { key, callId: 'call_1', tool: 'send_money', arguments: { type: 'inline' as const, value: mail } };
    const { result, ran } = await settle({ call });
    expect(result).toMatchObject({ type: 'settled', as: 'unknown-tool' });
    expect(ran).toEqual([]);
  });

  it('superseded while it waits, approved afterwards → it never runs', async () => {
    const waiting: Made = { kind: 'call', answer: { status: 'pending' } };
    const approved: Made = { kind: 'call', answer: { status: 'approved', reasonCode: 'person' } };
    expect((await settle({ supersede: true }, waiting)).result).toMatchObject({ type: 'settled', as: 'superseded' });
    const { result, ran } = await settle({}, approved);
    expect(result).toMatchObject({ type: 'settled', as: 'superseded' });
    expect(ran).toEqual([]);
  });
});
