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
];
