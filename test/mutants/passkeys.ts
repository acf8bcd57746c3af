import type { Mutant } from './mutant.ts';

const check = 'packages/review-server/src/store/check-assertion.ts';
const challenges = 'packages/review-server/src/store/challenges.ts';
const passkeys = 'packages/review-server/test/passkeys.test.ts';
const stepUp = 'packages/review-server/test/step-up.test.ts';

/** Passkeys: second factor, and the confirmation of critical approvals. */
export const passkeyMutants: readonly Mutant[] = [
  {
    name: 'challenge of a passkey taken',
    promise: 'No answer of a passkey counts twice.',
    mechanism: 'A challenge is deleted before the answer is checked',
    changes: [
      {
        file: challenges,
        find: "    .deleteFrom('webauthn_challenges')\n    .where('challenge', '=', challenge)\n    .returningAll()",
        replace: "    .selectFrom('webauthn_challenges')\n    .where('challenge', '=', challenge)\n    .selectAll()",
      },
    ],
    test: {
      file: passkeys,
      name: 'synced passkey, whose counter stays 0 → signs in again and again, and no answer counts twice',
      suite: 'on SQLite',
    },
  },
  {
    name: 'counter of a passkey',
    promise: 'A copy of a passkey is noticed.',
    mechanism: 'A counter that does not rise is refused, and the audit says so',
    changes: [
      {
        file: check,
        find: "&& verified.newCounter <= before) return refuse('counter', row);",
        replace: "&& verified.newCounter < 0) return refuse('counter', row);",
      },
    ],
    test: {
      file: passkeys,
      name: 'copy of a passkey, used after the original → refused; the original goes on',
      suite: 'on SQLite',
    },
  },
  {
    name: 'user verification of a passkey',
    promise: 'A found device does not sign in.',
    mechanism: 'The server requires that the device verified the user, whatever the page asked for',
    changes: [
      {
        file: check,
        find: 'requireUserVerification: true,',
        replace: 'requireUserVerification: false,',
      },
    ],
    test: { file: passkeys, name: 'no user verification', suite: 'on SQLite' },
  },
  {
    name: 'act of a passkey',
    promise: 'A passkey confirms one decision on what was shown, and no other.',
    mechanism: 'Its challenge is bound to request, version, decision, edit and what was shown',
    changes: [
      {
        file: check,
        find: "  if (taken.bound_digest !== (boundDigest ?? null)) return refuse('other-act', row);\n",
        replace: '',
      },
    ],
    test: { file: stepUp, name: 'an edit that was not confirmed', suite: 'on SQLite' },
  },
  {
    name: 'passkey for a critical approval',
    promise: 'A critical request is approved with the passkey where the rules want it.',
    mechanism: 'The decide transaction checks the passkey by the risk of the stored request',
    changes: [
      {
        file: 'packages/review-server/src/store/step-up.ts',
        find: "risk_level.toLowerCase() === 'critical' &&",
        replace: "risk_level === '' &&",
      },
    ],
    test: { file: stepUp, name: 'rule “required”: without a passkey → told how to add one', suite: 'on SQLite' },
  },
  {
    name: 'session of a passkey’s question',
    promise: 'A question to a passkey counts in the session that asked it.',
    mechanism: 'The challenge is bound to the session',
    changes: [
      {
        file: check,
        find: "  if (taken.session_id !== (sessionId ?? null)) return refuse('other-session', row);\n",
        replace: '',
      },
    ],
    test: { file: stepUp, name: 'another session’s question', suite: 'on SQLite' },
  },
  {
    name: 'owner of a passkey',
    promise: 'A passkey signs in its own user only, whatever password was right.',
    mechanism: 'The user of the passkey, of the challenge and of the answer must be one',
    changes: [{ file: check, find: 'if (!isOwner) return', replace: 'if (!isOwner && userId === row.id) return' }],
    test: { file: passkeys, name: 'another user’s passkey after the right password → refused', suite: 'on SQLite' },
  },
  {
    name: 'passkey in a frame',
    promise: 'A frame of another site uses no passkey.',
    mechanism: 'An answer that says it is from a frame of another site is refused',
    changes: [
      {
        file: check,
        find: 'if (client.crossOrigin === true) return',
        replace: 'if (client.crossOrigin === null) return',
      },
    ],
    test: { file: passkeys, name: 'a frame of another site', suite: 'on SQLite' },
  },
  {
    name: 'passkey past the provider',
    promise: 'A passkey does not go past the identity provider, which must be able to keep a person out.',
    mechanism: 'The sign-in by a passkey alone is refused for users of the provider',
    changes: [{ file: check, find: "if (taken.kind === 'sign-in' && (", replace: "if (taken.kind === 'proof' && (" }],
    test: {
      file: passkeys,
      name: 'user of an identity provider: the passkey alone does not sign in',
      suite: 'on SQLite',
    },
  },
  {
    name: 'age of a challenge',
    promise: 'An old answer of a passkey does not count.',
    mechanism: 'A challenge has an expiry',
    changes: [
      { file: challenges, find: ' && taken.expires_at > now.toISOString() ?', replace: ' && now > new Date(0) ?' },
    ],
    test: { file: passkeys, name: 'old challenge → refused', suite: 'on SQLite' },
  },
  {
    name: 'fresh sign-in for passkeys',
    promise: 'An old session adds and removes no passkey.',
    mechanism: 'Changes of passkeys need a sign-in or a proof of the last ten minutes',
    changes: [
      {
        file: 'packages/review-server/src/store/manage-passkeys.ts',
        find: 'if (createdAt > since) return true;',
        replace: "if (createdAt > '') return true;",
      },
    ],
    test: { file: passkeys, name: 'old challenge → refused', suite: 'on SQLite' },
  },
];
