import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { ownCall, ownFirstRunId, type ActivityDependencies } from '../../src/activities/context.ts';
import { continuedConversation } from '../../src/activities/continued-conversation.ts';
import { ownConversation } from '../../src/activities/own-conversation.ts';
import type { Runs, Transcripts } from '../../src/activities/ports.ts';
import { isSealedForRun } from '../../src/activities/sealed-for-run.ts';
import { sealedCheckpoints } from '../../src/activities/sealed-checkpoints.ts';
import { createWithdrawApproval } from '../../src/activities/withdraw-approval.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';

const envelopes = new Envelopes(['a secret of thirty-two characters']);
/** Temporal says: the Workflow of this Activity began as `first-run`. */
const runs = { firstRunId: async () => 'first-run' } as unknown as Runs;
const inRun = <T>(work: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'run', runId: 'third-run' } },
    { logger: new DefaultLogger('ERROR') },
  ).run(work);
const keyOf = (firstRunId: string) => callKey({ firstRunId, turn: 1, position: 0, callId: 'call_1' });

describe('ownCall', () => {
  it('call of the own run → its parts', async () => {
    expect(await inRun(() => ownCall(runs, keyOf('first-run')))).toMatchObject({ callId: 'call_1' });
  });

  it.each([
    ['call of another run', keyOf('another-run')],
    ['malformed key', 'no key'],
    ['no key', undefined],
  ])('%s → ForeignCall', async (_what, key) => {
    await expect(inRun(() => ownCall(runs, key))).rejects.toMatchObject({ type: 'ForeignCall' });
  });
});

it.each([
  ['claims to be the first of its chain', 'third-run', 'third-run'],
  ['claims the first run id of another run', 'another-run', 'first-run'],
  ['claims nothing', undefined, 'first-run'],
])('ownFirstRunId: the Workflow %s → %s is %s', async (_what, claimed, expected) => {
  expect(await inRun(() => ownFirstRunId(runs, claimed))).toBe(expected);
});

describe('ownConversation', () => {
  const entry = { id: 'entry', runId: 'run', firstRunId: 'first-run', state: { responseId: 'resp_own' } };
  const reference = { entry: 'entry', digest: 'd', bytes: 1, surface: { responseId: 'resp_victim' } };
  const read = (changes: object) => {
    const transcripts = { get: async () => ({ ...entry, ...changes }) } as unknown as Transcripts;
    return inRun(() => ownConversation({ transcripts }, reference as never, 'first-run'));
  };

  it('own entry → the state of the surface is that of the database', async () => {
    expect(await read({})).toEqual({ ...reference, surface: { responseId: 'resp_own' } });
  });

  it.each([
    ['entry of another run', { runId: 'another' }],
    ['entry of an earlier run of the same id', { firstRunId: 'another-run' }],
  ])('%s → ForeignCall', async (_what, changes) => {
    await expect(read(changes)).rejects.toMatchObject({ type: 'ForeignCall' });
  });
});

describe('sealedCheckpoints', () => {
  const checkpoints = sealedCheckpoints(envelopes, 'first-run/2');
  const own = checkpoints.seal({ responseId: 'resp_own' });

  it('written by a worker for this turn → used', async () => {
    expect(await inRun(async () => checkpoints.open(own))).toEqual({ responseId: 'resp_own' });
  });

  it.each([
    ['without a seal', { resume: own.resume }],
    ['with another response', { ...own, resume: { responseId: 'resp_victim' } }],
    ['of another turn', sealedCheckpoints(envelopes, 'first-run/1').seal(own.resume)],
  ])('%s → dropped', async (_what, details) => {
    expect(await inRun(async () => checkpoints.open(details))).toBeNull();
  });
});

it('isSealedForRun: request of another run, or without our seal → false', () => {
  const sealed = (firstRunId: string, by = envelopes) =>
    isSealedForRun(
      envelopes,
      { details: by.seal({ callKey: keyOf(firstRunId) } as Envelope, {}) } as Parameters<typeof isSealedForRun>[1],
      'first-run',
    );
  const others = new Envelopes(['another secret, also thirty-two']);
  expect([sealed('first-run'), sealed('another-run'), sealed('first-run', others)]).toEqual([true, false, false]);
});

describe('continuedConversation', () => {
  const entry = {
    id: 'entry',
    runId: 'earlier',
    firstRunId: 'earlier-run',
    assistant: 'comms',
    state: {},
    received: [],
  };
  const continued = (changes: object) =>
    continuedConversation(
      {
        runs: {
          ended: async () => ({
            state: 'completed',
            firstRunId: 'earlier-run',
            conversation: { entry: 'entry', digest: 'd', bytes: 1 },
          }),
        } as unknown as Runs,
        transcripts: { get: async () => ({ ...entry, ...changes }) } as unknown as Transcripts,
        effects: {} as never,
        requests: {} as never,
      },
      'earlier',
      { name: 'comms' } as never,
    );

  it('entry of the continued run → its conversation', async () => {
    expect(await continued({})).toMatchObject({ conversation: { entry: 'entry' } });
  });

  it.each([
    ['made-up result with the entry of another run', { runId: 'victim' }],
    ['made-up result with the entry of an earlier run of that id', { firstRunId: 'older-run' }],
    ['entry of another assistant', { assistant: 'boss' }],
  ])('%s → CannotContinue', async (_what, changes) => {
    await expect(continued(changes)).rejects.toMatchObject({ type: 'CannotContinue' });
  });
});

it.each([
  ['its own', 'first-run', ['req_1 withdrawn']],
  ['another run’s', 'another-run', []],
])('withdrawApproval: %s request → closed: %j', async (_whose, firstRunId, expected) => {
  const closed: string[] = [];
  const service = {
    capabilities: async () => ({ idempotency: true, withdraw: true, pause: true }),
    read: async () => ({ details: envelopes.seal({ callKey: keyOf(firstRunId) } as Envelope, {}) }),
    close: async (id: string, reason: string) => void closed.push(`${id} ${reason}`),
  };
  const dependencies = {
    config: { assistants: [{ name: 'comms' }] },
    review: () => service,
    requests: { list: async () => [] },
    runs,
    envelopes,
  } as unknown as ActivityDependencies;
  const withdraw = createWithdrawApproval(dependencies);
  await inRun(() => withdraw({ assistant: 'comms', approvalIds: ['req_1'], reason: 'withdrawn' }));
  expect(closed).toEqual(expected);
});
