import type { AuditEvent } from '../../src/contract/audit-event.ts';
import type { AuditEntry } from '../../src/contract/audit.ts';

/** Names of facts that are digests or ids for programs. The page shows them after a click. */
const forPrograms = /sha256|hmac|digest|hash|^(?:shown|question|passkey)$/i;

const acts: Readonly<Record<AuditEvent, string>> = {
  'approval-requested': 'requested a decision',
  'approval-claimed': 'claimed',
  'approval-released': 'released the claim',
  'approval-assigned': 'handed over',
  'comment-added': 'added a comment',
  'approval-edited': 'edited the arguments',
  'vote-cast': 'voted',
  'decision-held': 'decided, with a delay to undo it',
  'decision-undone': 'undid the held decision',
  'held-decision-dropped': 'dropped a held decision',
  'approval-decided': 'decided',
  'approval-removed': 'removed the content of',
  'question-asked': 'asked the requester a question',
  'question-answered': 'answered a question',
  'delivery-resent': 'resent a callback',
  'key-added': 'created a Connection Key',
  'key-used': 'used a Connection Key',
  'key-rotated': 'rotated a Connection Key',
  'key-revoked': 'revoked a Connection Key',
  'gateway-key-added': 'created an API key of the gateway',
  'gateway-key-rotated': 'rotated an API key of the gateway',
  'gateway-key-revoked': 'revoked an API key of the gateway',
  'assistant-paused': 'paused the assistant',
  'assistant-resumed': 'resumed the assistant',
  'limits-changed': 'changed the limits of',
  'rule-added': 'added a rule',
  'rule-changed': 'changed a rule',
  'rule-removed': 'removed a rule',
  'user-added': 'added the user',
  'roles-changed': 'changed the roles of',
  'user-removed': 'removed the user',
  'user-linked': 'linked the identity provider’s sign-in with the user',
  'password-changed': 'changed the password of',
  'aliases-changed': 'changed the aliases of',
  'group-added': 'added a group',
  'group-changed': 'changed a group',
  'group-removed': 'removed a group',
  'times-changed': 'changed the due times',
  'deputy-named': 'named a deputy of',
  'deputy-ended': 'ended a deputy of',
  'approval-reminded': 'reminded the reviewers',
  'approval-escalated': 'escalated to another group',
  'approval-overdue': 'marked as overdue',
  'signed-in': 'signed in',
  'sign-in-failed': 'failed to sign in',
  'signed-out': 'signed out',
  'passkey-added': 'added a passkey of',
  'passkey-renamed': 'renamed a passkey of',
  'passkey-removed': 'removed a passkey of',
  'passkeys-reset': 'removed all passkeys of',
  'passkey-refused': 'was refused with a passkey',
  'passkey-rules-changed': 'changed the rules for passkeys',
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
      event === 'approval-decided' && decision !== undefined
        ? decision
        : isKnown(event)
          ? acts[event]
          : event.replaceAll('-', ' '),
    approval: subject.startsWith('req_') ? subject : undefined,
    facts: Object.entries(facts)
      .filter(
        ([name, value]) => !forPrograms.test(name) && value !== null && !(name === 'status' && decision !== undefined),
      )
      .map(([name, value]) => [words(name), typeof value === 'string' ? value : valueWords(value)] as const),
  };
}

/** A page that is older than its server gets events without words. */
function isKnown(event: string): event is AuditEvent {
  return Object.hasOwn(acts, event);
}

/**
 * `{"start":["comms"],"read":"own","ask":false}` as "start comms; read own; ask no". Texts with other signs are in quotes.
 */
function valueWords(value: unknown): string {
  if (typeof value === 'string') return /^[\p{L}\p{N}._@-]+$/u.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueWords).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, each]) => `${words(name)} ${valueWords(each)}`)
      .join('; ');
  return JSON.stringify(value);
}

/** `riskLevel` as "risk level". */
function words(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}
