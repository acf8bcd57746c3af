import { describe, expect, it } from 'vitest';
import type { ApprovalDecision } from '../../src/domain/standalone-approval.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { Envelopes, type Envelope, type SealedNote } from '../../src/signing/envelope.ts';

const [old, fresh] = ['an old secret of thirty-two characters', 'a fresh secret of thirty-two characters'];
const key = callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId: 'call_1' });
const context = { tenant: 'acme' };
const args = { to: 'ana' };
const note: SealedNote = { purpose: 'reason', owner: key, value: 'because' };
const decision = { outcome: 'approved' } as unknown as ApprovalDecision;

/** Everything that one set of secrets seals, read by another. */
function readBy(reader: readonly string[], sealer: readonly string[]): Record<string, boolean> {
  const [sealing, reading] = [new Envelopes(sealer), new Envelopes(reader)];
  const envelope = { callKey: key, runContext: sealing.digestContext(key, context) } as Envelope;
  return {
    request: reading.open(sealing.seal(envelope, args)) !== undefined,
    context: reading.hasContext(envelope, context),
    note: reading.isSealedNote(note, sealing.sealNote(note)),
    decision: reading.openDecision(sealing.sealDecision({ callKey: key, decision }), 'first-run') !== undefined,
  };
}
const all = { request: true, context: true, note: true, decision: true };
const none = { request: false, context: false, note: false, decision: false };

describe('seals in a rotation of the secret', () => {
  it.each([
    ['old,new reads old', [old, fresh], [old], all],
    ['old reads old,new', [old], [old, fresh], all],
    ['new,old reads old,new', [fresh, old], [old, fresh], all],
    ['old,new reads new,old', [old, fresh], [fresh, old], all],
    ['new reads new,old', [fresh], [fresh, old], all],
    ['new does not read old,new', [fresh], [old, fresh], none],
    ['old does not read new,old', [old], [fresh, old], none],
  ])('%s', (_name, reader, sealer, expected) => {
    expect(readBy(reader, sealer)).toEqual(expected);
  });
});
