import type { Mutant } from './mutant.ts';

const provider = 'packages/review-server/src/oidc/identity-provider.ts';
const users = 'packages/review-server/src/store/provider-users.ts';
const forged = 'packages/review-server/test/oidc/forged-tokens.test.ts';
const signIn = 'packages/review-server/test/oidc/provider-sign-in.test.ts';

/** Sign-in with the identity provider. */
export const identityProvider: readonly Mutant[] = [
  {
    name: 'state of a sign-in',
    promise: 'A sign-in with the identity provider ends only in the browser that began it.',
    mechanism: 'The state of the answer must be the one in the sealed cookie',
    changes: [{ file: provider, find: 'expectedState: state,', replace: 'expectedState: client.skipStateCheck,' }],
    test: {
      file: signIn,
      suite: 'on SQLite',
      name: 'callback once more, in another browser, with another state or without one → begin again',
    },
  },
  {
    name: 'nonce of a sign-in',
    promise: 'An ID token of another sign-in signs nobody in.',
    mechanism: 'The token must have the nonce in the sealed cookie',
    changes: [
      { file: provider, find: '        nonce: secrets.nonce,\n', replace: '' },
      { file: provider, find: '        expectedNonce: nonce,\n', replace: '' },
    ],
    test: { file: forged, name: 'no nonce → refused' },
  },
  {
    name: 'PKCE',
    promise: 'A stolen code is worth nothing without the browser that began the sign-in.',
    mechanism: 'The code is bound to a verifier in the sealed cookie',
    changes: [
      {
        file: provider,
        find: "        code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),\n        code_challenge_method: 'S256',\n",
        replace: '',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'first sign-in → user with the roles of the groups' },
  },
  {
    name: 'signature of an ID token',
    promise: 'An ID token with the signature of another key signs nobody in.',
    mechanism: 'The signature is checked with the provider’s keys',
    changes: [{ file: provider, find: 'client.enableNonRepudiationChecks,', replace: '' }],
    test: { file: forged, name: 'ID token with the signature of another key → refused' },
  },
  {
    name: 'subject of a person',
    promise: 'A person of the provider is one user, whatever the name or address.',
    mechanism: 'People are found by issuer and subject',
    changes: [{ file: users, find: "    .where('subject', '=', subject)\n", replace: '' }],
    test: { file: signIn, suite: 'on SQLite', name: 'names of local users, and of other people' },
  },
  {
    name: 'missing groups',
    promise: 'Without a list of groups a person has no role.',
    mechanism: 'Unknown groups give no role, and no role signs nobody in',
    changes: [
      {
        file: users,
        find: "  if (person.roles.length > 0) return { outcome: 'admitted'",
        replace: "  if (person.roles.length >= 0) return { outcome: 'admitted'",
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'groups change → roles from the next sign-in' },
  },
  {
    name: 'removed person of the provider',
    promise: 'A removed user stays removed, whatever the provider says.',
    mechanism: 'The removal is kept beside the subject',
    changes: [
      {
        file: users,
        find: 'if (removed_at !== null || identity === undefined || identity.removed_at !== null)',
        replace: 'if (identity === undefined)',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'user removed → stays removed' },
  },
  {
    name: 'logout token once',
    promise: 'A logout token works once.',
    mechanism: 'Its jti is recorded in the transaction that ends the sessions',
    changes: [
      {
        file: 'packages/review-server/src/store/provider-sessions.ts',
        find: 'if (isNew === undefined) return undefined;',
        replace: 'if (isNew === null) return undefined;',
      },
    ],
    test: { file: forged, name: 'by sid and sub → session ended; the same token again → refused' },
  },
  {
    name: 'event of a logout token',
    promise: 'Only a logout token ends a session.',
    mechanism: 'Its event must be a back-channel logout',
    changes: [{ file: provider, find: 'if (!isLogout) throw', replace: 'if (!isLogout && nonce === 0) throw' }],
    test: { file: forged, name: 'with another event → no session ended' },
  },
  {
    name: 'nonce of a logout token',
    promise: 'An ID token can’t be used as a logout token.',
    mechanism: 'A token with a nonce is refused',
    changes: [{ file: provider, find: 'if (nonce !== undefined) throw', replace: 'if (nonce === null) throw' }],
    test: { file: forged, name: 'with a nonce → no session ended' },
  },
  {
    name: 'age of a begun sign-in',
    promise: 'A begun sign-in ends after ten minutes.',
    mechanism: 'The cookie has a sealed expiry',
    changes: [
      {
        file: 'packages/review-server/src/oidc/sealed.ts',
        find: 'return clock().getTime() < until ? value : undefined;',
        replace: 'return clock().getTime() > 0 && until > 0 ? value : undefined;',
      },
    ],
    test: { file: forged, name: 'cookie of the sign-in older than ten minutes → begin again' },
  },
  {
    name: 'clock of the provider',
    promise: 'An ID token of another time signs nobody in.',
    mechanism: 'The time of issue must be within five and a half minutes of this server’s clock',
    changes: [
      {
        file: provider,
        find: 'if (Math.abs(ageSeconds) > longestDifferenceSeconds)',
        replace: 'if (ageSeconds > longestDifferenceSeconds * 1000)',
      },
    ],
    test: { file: forged, name: 'a time in ten minutes' },
  },
  {
    name: 'address after a sign-in',
    promise: 'A sign-in with the identity provider ends at a page of this server.',
    mechanism: 'The page that was asked for is reduced to a path of this server',
    changes: [
      {
        file: 'packages/review-server/src/api/provider-routes.ts',
        find: 'if (url === null || url.origin !== new URL(publicUrl).origin)',
        replace: 'if (url === null || url.origin === new URL(publicUrl).origin)',
      },
      {
        file: 'packages/review-server/src/api/provider-routes.ts',
        find: "return url.pathname.replace(/^\\/+/, '/') + url.search;",
        replace: 'return url.href;',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'https://evil.example/' },
  },
  {
    name: 'length of a session by the provider',
    promise: 'A session that began at the provider ends after eight hours.',
    mechanism: 'Its expiry is shorter than that of a local sign-in',
    changes: [
      {
        file: 'packages/review-server/src/store/sessions.ts',
        find: 'export const providerSessionSeconds = 8 * 3600;',
        replace: 'export const providerSessionSeconds = 800 * 3600;',
      },
    ],
    test: { file: forged, name: 'session that began at the provider → ends after eight hours' },
  },
  {
    name: 'passwords switched off',
    promise: 'HOLDPOINT_PASSWORD_SIGN_IN=off lets no password sign in.',
    mechanism: 'The sign-in is refused before the password is checked',
    changes: [
      {
        file: 'packages/review-server/src/api/sign-in.ts',
        find: 'if (!passwordSignIn)\n',
        replace: 'if (passwordSignIn === undefined)\n',
      },
    ],
    test: {
      file: 'packages/review-server/test/oidc/provider-options.test.ts',
      name: 'passwords off → no password signs in; the one-time link does',
    },
  },
];
