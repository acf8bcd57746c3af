import type { AuditEntry } from '../../src/contract/review-admin.ts';

/** Names of facts that are digests or ids for programs: they stand behind a click. */
const forPrograms = /sha256|digest|hash/i;

const acts: Readonly<Record<string, string>> = {
  'approval-requested': 'requested a decision',
  'approval-decided': 'decided',
  'approval-claimed': 'claimed',
  'approval-released': 'released the claim',
  'signed-in': 'signed in',
  'signed-out': 'signed out',
  'sign-in-failed': 'failed to sign in',
  'user-added': 'added the user',
  'user-removed': 'removed the user',
  'user-linked': 'linked the identity provider’s sign-in with the user',
  'roles-changed': 'changed the roles of',
  'password-changed': 'changed the password of',
  'key-added': 'created a Connection Key',
  'key-used': 'used a Connection Key',
  'key-rotated': 'rotated a Connection Key',
  'key-revoked': 'revoked a Connection Key',
  'assistant-paused': 'paused the assistant',
  'assistant-resumed': 'resumed the assistant',
  'limits-changed': 'changed the limits of',
  'rule-added': 'added a rule',
  'rule-changed': 'changed a rule',
  'rule-removed': 'removed a rule',
  'delivery-resent': 'resent a callback',
};

/** An audit row for a person. */
export type AuditWords = {
  who: string;
  /** Such as `reviewer` or `assistant`. Empty for the system. */
  role: string;
  did: string;
  /** The id of the request that the row is about. */
  approval: string | undefined;
  /** Names and values that a person reads. */
  facts: readonly (readonly [name: string, value: string])[];
};

export function auditWords({ actor, event, subject, facts }: AuditEntry): AuditWords {
  const colon = actor.indexOf(':');
  const decision = typeof facts['status'] === 'string' ? facts['status'].toLowerCase() : undefined;
  return {
    who: colon < 0 ? `the ${actor}` : actor.slice(colon + 1),
    role: colon < 0 ? '' : actor.slice(0, colon),
    did:
      event === 'approval-decided' && decision !== undefined ? decision : (acts[event] ?? event.replaceAll('-', ' ')),
    approval: subject.startsWith('req_') ? subject : undefined,
    facts: Object.entries(facts)
      .filter(
        ([name, value]) => !forPrograms.test(name) && value !== null && !(name === 'status' && decision !== undefined),
      )
      .map(([name, value]) => [words(name), typeof value === 'string' ? value : JSON.stringify(value)] as const),
  };
}

/** `riskLevel` as "risk level". */
function words(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}
