import { describe, expect, it } from 'vitest';
import { auditWords } from '../../inbox/admin/audit-words.ts';
import type { AuditEntry } from '../../src/contract/audit.ts';

type Row = Pick<AuditEntry, 'actor' | 'event' | 'subject' | 'facts'>;

/** The row as the page reads: who, act, subject, facts. */
function sentence(row: Row): string {
  const { who, did, approval, facts } = auditWords({
    ...row,
    sequence: 1,
    at: '2026-11-22T10:00:00.000Z',
    hash: null,
    previousHash: null,
  });
  const about = approval === undefined ? row.subject : `Request ${approval}`;
  return [`${who} ${did} ${about}`, ...facts.map(([name, value]) => `${name}: ${value}`)].join(', ');
}

const digest = 'a'.repeat(64);

describe('auditWords', () => {
  it.each<[event: string, row: Omit<Row, 'event'>, says: string]>([
    [
      'question-asked',
      { actor: 'reviewer:ana', subject: 'req_1', facts: { question: 'q1', textSha256: digest } },
      'ana asked the requester a question Request req_1',
    ],
    [
      'question-answered',
      { actor: 'assistant:comms', subject: 'req_1', facts: { question: 'q1', answerSha256: digest, answered: true } },
      'comms answered a question Request req_1, answered: yes',
    ],
    [
      'vote-cast',
      {
        actor: 'reviewer:ana',
        subject: 'req_1',
        facts: { vote: 'approve', version: 1, stage: 1, shown: digest, noteSha256: null },
      },
      'ana voted Request req_1, vote: approve, version: 1, stage: 1',
    ],
    [
      'approval-decided',
      { actor: 'reviewer:ana', subject: 'req_1', facts: { status: 'APPROVED' } },
      'ana approved Request req_1',
    ],
    [
      'decision-held',
      { actor: 'reviewer:ana', subject: 'req_1', facts: { decision: 'approve', seconds: 5, shown: digest } },
      'ana decided, with a delay to undo it Request req_1, decision: approve, seconds: 5',
    ],
    [
      'approval-escalated',
      { actor: 'system', subject: 'req_1', facts: { stage: 1, to: 'legal', passedOver: null } },
      'the system escalated to another group Request req_1, stage: 1, to: legal',
    ],
    [
      'deputy-named',
      { actor: 'reviewer:ana', subject: 'ben', facts: { deputy: 'cleo' } },
      'ana named a deputy of ben, deputy: cleo',
    ],
    [
      'user-linked',
      { actor: 'reviewer:ana', subject: 'ben', facts: { from: 'ben@example.com' } },
      'ana linked the identity provider’s sign-in with the user ben, from: ben@example.com',
    ],
    [
      'gateway-key-added',
      {
        actor: 'reviewer:ana',
        subject: 'billing',
        facts: { key: 'hp_live_••••f9aa', scopes: { start: ['comms', 'the others'], read: 'own', ask: true } },
      },
      'ana created an API key of the gateway billing, key: hp_live_••••f9aa, scopes: start comms, "the others"; read own; ask yes',
    ],
    // A page that was loaded before its server was updated.
    ['moon-landed', { actor: 'system', subject: 'x', facts: {} }, 'the system moon landed x'],
    ['constructor', { actor: 'system', subject: 'x', facts: {} }, 'the system constructor x'],
  ])('%s → a sentence without digests and ids', (event, row, says) => {
    expect(sentence({ event, ...row })).toBe(says);
  });
});
