import type { Mutant } from './mutant.ts';

const signIn = 'packages/review-server/test/sign-in.test.ts';
const sessions = 'packages/review-server/src/store/sessions.ts';
const cookie = 'packages/review-server/src/api/session-cookie.ts';
const cookies = 'packages/review-server/test/session-cookie.test.ts';
const links = 'packages/review-server/src/store/sign-in-links.ts';
const linksTest = 'packages/review-server/test/one-time-links.test.ts';
const failed = 'packages/review-server/src/store/failed-sign-ins.ts';
const failedTest = 'packages/review-server/test/failed-sign-ins.test.ts';

/** Sign-in: cookies, sessions, links and passwords. */
export const signingIn: readonly Mutant[] = [
  {
    name: 'cookie hidden from scripts',
    promise: 'A script can’t read the session.',
    mechanism: 'The cookie is HttpOnly',
    changes: [{ file: cookie, find: 'httpOnly: true,', replace: 'httpOnly: false,' }],
    test: { file: cookies, name: 'browser signs in → __Host- cookie: Secure, HttpOnly, SameSite, without Domain' },
  },
  {
    name: 'cookie kept from other sites',
    promise: 'Other sites can’t send the session along.',
    mechanism: 'The cookie is SameSite=Strict',
    changes: [{ file: cookie, find: "sameSite: 'Strict',", replace: "sameSite: 'Lax'," }],
    test: { file: cookies, name: 'browser signs in → __Host- cookie: Secure, HttpOnly, SameSite, without Domain' },
  },
  {
    name: 'cookie bound to https and host',
    promise: 'Behind https the session is sent by https only, to this host only.',
    mechanism: 'The cookie has the prefix __Host-',
    changes: [
      {
        file: cookie,
        find: "    maxAge: sessionSeconds,\n    ...(secure ? { prefix: 'host' } : {}),",
        replace: '    maxAge: sessionSeconds,',
      },
    ],
    test: { file: cookies, name: 'browser signs in → __Host- cookie: Secure, HttpOnly, SameSite, without Domain' },
  },
  {
    name: 'cookie of another host',
    promise: 'A cookie that another host set signs nobody in.',
    mechanism: 'Behind https only the cookie with the prefix __Host- is read',
    changes: [
      {
        file: cookie,
        find: "return kind === 'host' ? getCookie(c, cookieName, 'host') : getCookie(c, cookieName);",
        replace: "return getCookie(c, cookieName, 'host') ?? getCookie(c, cookieName);",
      },
    ],
    test: { file: cookies, name: 'a valid token in a cookie of the plain name' },
  },
  {
    name: 'cookie over http',
    promise: 'No session crosses a network without https.',
    mechanism: 'Over http a cookie is set and read at addresses of this machine only',
    changes: [
      {
        file: cookie,
        find: "return isLoopback(c.req.header('host')) ? 'plain' : 'none';",
        replace: "return isLoopback(c.req.header('host')) ? 'plain' : 'plain';",
      },
    ],
    test: { file: cookies, name: '127.0.0.1.evil.example' },
  },
  {
    name: 'end of a session',
    promise: 'A session ends after twelve hours.',
    mechanism: 'Each call looks at the end of its session',
    changes: [
      {
        file: sessions,
        find: "      .where('sessions.expires_at', '>', clock().toISOString())\n",
        replace: '',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'twelve hours later → signed out' },
  },
  {
    name: 'sessions after a new password',
    promise: 'A new password ends the sessions of the old one.',
    mechanism: 'They are deleted in the transaction that changes the password',
    changes: [
      {
        file: 'packages/review-server/src/store/users.ts',
        find: 'if (password_hash !== undefined) await transaction',
        replace: "if (password_hash === '') await transaction",
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'new roles → effective at once; new password → sessions ended' },
  },
  {
    name: 'event stream after a session',
    promise: 'An open event stream ends with its session.',
    mechanism: 'The session is looked at before each event',
    changes: [
      {
        file: 'packages/review-server/src/api/event-routes.ts',
        find: 'if ((await sessions.find(token)) === undefined) return;',
        replace: 'await sessions.find(token);',
      },
    ],
    test: { file: 'packages/review-server/test/events.test.ts', name: 'session ended → stream ended' },
  },
  {
    name: 'tokens in the database',
    promise: 'A copy of the database signs nobody in.',
    mechanism: 'The database has an HMAC of each session token',
    changes: [
      {
        file: sessions,
        find: "const hash = (token: string) => hmacSha256(secret, token).toString('hex');",
        replace: "const hash = (token: string) => (hmacSha256(secret, token) ? token : '');",
      },
    ],
    test: { file: 'packages/review-server/test/review-server.test.ts', name: 'database → no key, password or token' },
  },
  {
    name: 'cost of a password guess',
    promise: 'A stolen password hash is expensive to guess.',
    mechanism: 'scrypt with 32 MB of memory and a salt',
    changes: [
      {
        file: 'packages/review-server/src/store/password.ts',
        find: 'passwordCost: PasswordCost = { ln: 15, r: 8, p: 3 };',
        replace: 'passwordCost: PasswordCost = { ln: 8, r: 8, p: 1 };',
      },
    ],
    test: {
      file: 'packages/review-server/test/password.test.ts',
      name: 'password → salted scrypt hash with OWASP’s cost',
    },
  },
  {
    name: 'time of an unknown name',
    promise: 'The time of a sign-in does not tell whether a name exists.',
    mechanism: 'An unknown name costs a hash as well',
    changes: [
      {
        file: 'packages/review-server/src/store/sign-in.ts',
        find: 'if (!(await verifyPassword(password, user?.password_hash, passwordCost)) || user === undefined)',
        replace: 'if (user === undefined || !(await verifyPassword(password, user.password_hash, passwordCost)))',
      },
    ],
    test: { file: 'packages/review-server/test/password.test.ts', name: 'unknown name → costs as much as a known one' },
  },
  {
    name: 'brake on password guesses',
    promise: 'Passwords can’t be tried without end.',
    mechanism: 'After five failures each further one doubles the block of the name',
    changes: [
      {
        file: 'packages/review-server/src/store/sign-in.ts',
        find: 'if (failures < free) return;',
        replace: 'if (failures < free * 1_000) return;',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'one name, known or unknown → throttled' },
  },
  {
    name: 'forged client address',
    promise: 'A forged header does not evade the brake on password guesses.',
    mechanism: 'Only the entries of trusted proxies in x-forwarded-for count',
    changes: [
      {
        file: 'packages/review-server/src/api/client-address.ts',
        find: 'forwarded.at(-proxies)',
        replace: 'forwarded.at(0)',
      },
      { file: 'packages/review-server/src/api/client-address.ts', find: 'proxies === 0 ? [] : ', replace: '' },
    ],
    test: {
      file: signIn,
      name: 'password guesses: one address, many names, forged headers → throttled',
    },
  },
  {
    name: 'one-time link works once',
    promise: 'A sign-in link works once.',
    mechanism: 'One conditional update uses its token up',
    changes: [{ file: links, find: "          .where('used_at', 'is', null)\n", replace: '' }],
    test: { file: linksTest, suite: 'on SQLite', name: 'one link followed by ten browsers at once → one signs in' },
  },
  {
    name: 'age of a one-time link',
    promise: 'A sign-in link of the settings ends after a day.',
    mechanism: 'Its row has an expiry',
    changes: [{ file: links, find: "          .where('expires_at', '>', at)\n", replace: '' }],
    test: { file: linksTest, suite: 'on SQLite', name: 'one-time link older than a day → refused' },
  },
  {
    name: 'age of a link of dev',
    promise: 'A link of `holdpoint dev --link` ends after ten minutes.',
    mechanism: 'The token has a sealed expiry',
    changes: [
      {
        file: links,
        find: 'if (clock().getTime() >= sealedUntil) return false;',
        replace: 'if (sealedUntil === 0) return false;',
      },
    ],
    test: { file: linksTest, suite: 'on SQLite', name: 'link of `dev --link`: ten minutes' },
  },
  {
    name: 'seal of a link of dev',
    promise: 'A link of `holdpoint dev --link` can’t be made up.',
    mechanism: 'HMAC with the session secret',
    changes: [
      {
        file: 'packages/review-server/src/contract/sign-in-token.ts',
        find: '!equalInConstantTime(seal(sessionSecret, claim), mac)',
        replace: "equalInConstantTime(seal(sessionSecret, claim), '')",
      },
    ],
    test: { file: linksTest, suite: 'on SQLite', name: 'link of `dev --link`: ten minutes' },
  },
  {
    name: 'tokens of links in the database',
    promise: 'A copy of the database has no link that signs in.',
    mechanism: 'The database has the SHA-256 of each token',
    changes: [
      {
        file: links,
        find: '          token_hash: sha256(token),\n          expires_at: new Date(now',
        replace: '          token_hash: token,\n          expires_at: new Date(now',
      },
    ],
    test: {
      file: linksTest,
      suite: 'on SQLite',
      name: 'one-time link: stored as SHA-256 with an expiry, never as the token',
    },
  },
  {
    name: 'length of a password',
    promise: 'A new password has at least 12 characters.',
    mechanism: 'One schema for the server, the commands and the settings',
    changes: [
      {
        file: 'packages/review-server/src/contract/password.ts',
        find: 'const fewest = 12;',
        replace: 'const fewest = 11;',
      },
    ],
    test: { file: 'packages/review-server/test/own-password.test.ts', name: 'eleven letters' },
  },
  {
    name: 'sessions after an own new password',
    promise: 'A person’s own new password ends the other sessions.',
    mechanism: 'They are deleted in the transaction that changes the password',
    changes: [
      {
        file: 'packages/review-server/src/store/own-password.ts',
        find: "      .where('id', '!=', keptSession)\n",
        replace: "      .where('id', '!=', keptSession)\n      .where('id', '=', '')\n",
      },
    ],
    test: {
      file: 'packages/review-server/test/own-password.test.ts',
      suite: 'on SQLite',
      name: 'own password: current one proved → changed, other sessions ended, audited',
    },
  },
  {
    name: 'failed sign-ins',
    promise: 'A failed sign-in is in the audit.',
    mechanism: 'Each refusal is recorded with the user and the address',
    changes: [
      {
        file: failed,
        find: 'await appendBounded(store, user, { by, address: address ?? null, ...more });',
        replace: '',
      },
    ],
    test: { file: failedTest, name: 'failed sign-in: audit and log say who was tried, and from which address' },
  },
  {
    name: 'password in the name field',
    promise: 'A password that was typed as a name is stored nowhere.',
    mechanism: 'A name that is no user’s is left out of log and audit',
    changes: [{ file: failed, find: 'return user?.name ?? unknownUser;', replace: 'return user?.name ?? name;' }],
    test: { file: failedTest, name: 'password typed in the name field: neither in the log nor in the audit' },
  },
  {
    name: 'current password',
    promise: 'A stolen session can’t change the password.',
    mechanism: 'The current password is asked for and checked',
    changes: [
      {
        file: 'packages/review-server/src/api/session-routes.ts',
        find: "by: 'password-change' });\n      if ('status' in result) {",
        replace: "by: 'password-change' });\n      if ('status' in result && result.status !== 401) {",
      },
      {
        file: 'packages/review-server/src/api/session-routes.ts',
        find: 'changeOwnPassword(store, result, {',
        replace: "changeOwnPassword(store, 'status' in result ? signedIn(c) : result, {",
      },
    ],
    test: {
      file: 'packages/review-server/test/own-password.test.ts',
      name: 'wrong current one → refused, nothing changed',
    },
  },
];
