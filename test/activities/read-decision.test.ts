import type { ReviewAnswer, ReviewService } from '@holdpoint/cheqpoint';
import type { JsonObject } from '@holdpoint/json';
import { describe, expect, it } from 'vitest';
import type { RequestRow } from '../../src/activities/ports.ts';
import { readDecision } from '../../src/activities/read-decision.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';

const secret = 'a secret of thirty-two characters';
const envelopes = new Envelopes([secret]);
const keyOf = (callId: string) => callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId });
const key = keyOf('call_1');
const now = Date.parse('2026-11-29T12:00:00.000Z');
const args = { to: 'ana', count: 20 };

function sealed(changes: Partial<Envelope> = {}, by = envelopes): JsonObject {
  const envelope: Envelope = {
    version: 2,
    callKey: key,
    assistant: 'comms',
    tool: 'send_mail',
    definition: '',
    kind: 'call',
    number: 1,
    risk: 'low',
    deadline: null,
    context: null,
    because: null,
    justificationFrom: null,
    ...changes,
  };
  return by.seal(envelope, args);
}

/** Reads the request of `call_1`, which the service shows as `answer`. */
function read(
  answer: Partial<ReviewAnswer>,
  { row = {}, lost = [] }: { row?: Partial<RequestRow>; lost?: Array<{ number: number; id: string }> } = {},
): ReturnType<typeof readDecision> {
  const service = {
    read: async () => ({
      id: 'req_1',
      status: 'approved',
      statusWord: '',
      details: sealed(),
      modifiedDetails: null,
      note: null,
      reviewUrl: null,
      decidedAt: '2026-11-29T10:00:00.000Z',
      autoDecided: false,
      ruleName: null,
      reasonCode: 'person',
      retryable: false,
      ...answer,
    }),
    capabilities: async () => ({ idempotency: false, withdraw: false, pause: false }),
  } satisfies Partial<ReviewService>;
  const request = { details: sealed() };
  return readDecision({
    assistant: 'comms',
    service: service as unknown as ReviewService,
    envelopes,
    rows: [
      { callKey: key, number: 1, kind: 'call', request, answered: true, id: 'req_1', atOnce: null, ...row },
    ] as unknown as RequestRow[],
    lost,
    close: null,
    signal: new AbortController().signal,
    now,
  });
}

describe('readDecision: approval', () => {
  it('sealed for this call → approved, with the sealed arguments', async () => {
    expect(await read({})).toMatchObject({ type: 'approved', args, decision: { outcome: 'approved', by: 'person' } });
  });

  it.each<[string, Partial<ReviewAnswer>]>([
    ['sealed by another secret', { details: sealed({}, new Envelopes(['another secret, also thirty-two'])) }],
    ['with altered arguments', { details: { ...sealed(), count: 9 } }],
    ['with added arguments', { details: { ...sealed(), bcc: 'eve' } }],
    ['without a seal', { details: args }],
    ['without details', { details: null }],
    ['of another call', { details: sealed({ callKey: keyOf('call_2') }) }],
    ['of another request of this call', { details: sealed({ number: 2 }) }],
    ['of another kind', { details: sealed({ kind: 'outcome' }) }],
    ['of another assistant', { details: sealed({ assistant: 'boss' }) }],
    ['by an unknown word', { status: 'unknown', statusWord: 'OK' }],
  ])('%s → ReviewUnreadable', async (_what, answer) => {
    await expect(read(answer)).rejects.toMatchObject({ type: 'ReviewUnreadable' });
  });
});

describe('readDecision: request with a deadline', () => {
  const deadline = now - 60_000;
  const withDeadline = { request: { details: sealed({ deadline }) } } as unknown as Partial<RequestRow>;
  const decided = (at: number | null) =>
    read(
      { details: sealed({ deadline }), decidedAt: at === null ? null : new Date(at).toISOString() },
      { row: withDeadline },
    );

  it('approved before it, read after it → approved', async () => {
    expect(await decided(deadline)).toMatchObject({ type: 'approved' });
  });

  it.each([
    ['a second after it', deadline + 1000],
    ['at a time that the service does not tell', null],
  ])('approved %s, read after it → expired', async (_when, at) => {
    expect(await decided(at)).toMatchObject({ type: 'refused', decision: { outcome: 'expired', by: 'system' } });
  });

  it('open, at a service that closes nothing → expired', async () => {
    expect(await read({ status: 'pending', decidedAt: null }, { row: withDeadline })).toMatchObject({
      type: 'refused',
      decision: { outcome: 'expired' },
    });
  });
});

it('readDecision: open request, whatever hint came → waits', async () => {
  expect(await read({ status: 'pending', decidedAt: null })).toMatchObject({ type: 'wait', request: { number: 1 } });
});

describe('readDecision: reply to the request lost, a hint names an approved request', () => {
  const readLost = async (details: JsonObject) =>
    (await read({ details }, { row: { answered: false, id: null }, lost: [{ number: 1, id: 'req_hint' }] })).type;

  it('of this call and number → approved', async () => {
    expect(await readLost(sealed())).toBe('approved');
  });

  it.each<[string, JsonObject]>([
    ['another call', sealed({ callKey: keyOf('call_2') })],
    ['another number of this call', sealed({ number: 2 })],
    ['this call, with altered arguments', { ...sealed(), to: 'eve' }],
  ])('of %s → the request is made again', async (_what, details) => {
    expect(await readLost(details)).toBe('review');
  });
});
