import type { Mutant } from './mutant.ts';

const known = 'src/gateway/known-callers.ts';
const tokens = 'test/gateway/inbox-tokens.test.ts';
const page = 'test/gateway/runs-page.test.ts';
const policy = 'src/gateway/policy.ts';
const anyRoute = {
  find: 'if (caller.person !== undefined && !inboxRoutes.includes(route))',
  replace: "if (caller.person === '')",
};

/** Tokens with which the pages of the inbox read runs at the gateway, and what a record shows to whom. */
export const inboxTokens: readonly Mutant[] = [
  {
    name: 'end of an inbox token',
    promise: 'A token of the inbox is refused after five minutes.',
    mechanism: 'The time in the token is compared',
    changes: [
      {
        file: 'src/signing/inbox-token.ts',
        find: 'return token.expiresAt > now ? token : undefined;',
        replace: 'return token.expiresAt > 0 ? token : undefined;',
      },
    ],
    test: { file: tokens, name: 'reads what its caller reads, for five minutes' },
  },
  {
    name: 'mark of an inbox token',
    promise: 'No token is accepted that another program wrote or changed.',
    mechanism: 'A keyed mark over the whole token',
    changes: [
      {
        file: 'src/signing/inbox-token.ts',
        find: 'if (!secrets.some(isSigned)) return undefined;',
        replace: 'if (!secrets.some(isSigned) && given.length === 0) return undefined;',
      },
    ],
    test: { file: tokens, name: 'changed, cut or of another gateway' },
  },
  {
    name: 'orders of an inbox token',
    promise: 'A person without the role operator resumes no run.',
    mechanism: 'The token has no permission to control unless it says so',
    changes: [{ file: known, find: "token.mayRetry ? control : 'none'", replace: 'control' }],
    test: { file: tokens, name: 'resumes a parked run only where person and caller may' },
  },
  {
    name: 'other permissions of an inbox token',
    promise: 'A token of the inbox starts no run, asks for no approval and manages no key.',
    mechanism: 'Its permissions are named one by one',
    changes: [
      { file: known, find: 'scopes: { start: [], read,', replace: "scopes: { start: 'all', read," },
      { file: policy, ...anyRoute },
    ],
    test: { file: tokens, name: 'resumes a parked run only where person and caller may' },
  },
  {
    name: 'routes of an inbox token',
    promise: 'An operator cancels no run, sends it no message, and downloads no history.',
    mechanism: 'A token of the inbox is accepted on the routes of the runs pages only',
    changes: [{ file: policy, ...anyRoute }],
    test: { file: tokens, name: 'any route of the policy, by the token of an operator' },
  },
  {
    name: 'caller behind an inbox token',
    promise: 'A token ends with the API key of the review server.',
    mechanism: 'The caller of the token is looked up at each call',
    changes: [
      {
        file: known,
        find: "const isAccepted = caller?.keys.some(({ state }) => state !== 'ended') === true;\n    return caller?.removedAt === null && isAccepted ? caller.scopes : undefined;",
        replace: 'return caller?.scopes;',
      },
    ],
    test: { file: tokens, name: 'caller revoked, or its permission gone' },
  },
  {
    name: 'role for runs',
    promise: 'A reviewer without the role operator, admin or auditor gets no token.',
    mechanism: 'The route names the roles',
    changes: [
      {
        file: 'packages/review-server/src/api/runs-access-routes.ts',
        find: "withRole(c, 'operator', 'admin', 'auditor')",
        replace: "withRole(c, 'operator', 'admin', 'auditor', 'reviewer')",
      },
    ],
    test: { file: page, name: 'reviewer without such a role' },
  },
  {
    name: 'role for retry',
    promise: 'An auditor resumes no run.',
    mechanism: 'The review server asks for that permission for operators only',
    changes: [
      {
        file: 'packages/review-server/src/api/runs-access-routes.ts',
        find: "roles.includes('operator')",
        replace: 'roles.length > 0',
      },
    ],
    test: { file: page, name: 'operator → may retry; auditor → may not; nobody → 401' },
  },
  {
    name: 'pages of other origins',
    promise: 'No page but the inbox calls the gateway from a browser.',
    mechanism: 'CORS for one origin',
    changes: [{ file: 'src/gateway/inbox-cors.ts', find: '    origin,\n', replace: '    origin: (given) => given,\n' }],
    test: { file: tokens, name: 'the page of the inbox' },
  },
  {
    name: 'record of another caller’s run',
    promise: 'A caller that reads its own runs sees the record of no other.',
    mechanism: 'The run is looked up through its permissions first',
    changes: [
      {
        file: policy,
        find: "return read === 'all' || owner === name;",
        replace: "return read === 'all' || owner !== name;",
      },
    ],
    test: { file: 'test/gateway/recorded-runs.test.ts', name: 'run of another caller' },
  },
  {
    name: 'usage of other callers',
    promise: 'A caller that reads its own runs sees their usage only.',
    mechanism: 'The sums are of its own name',
    changes: [
      {
        file: 'src/gateway/usage-routes.ts',
        find: "const own = caller.scopes.read === 'all' ? given : caller.name;",
        replace: 'const own = given ?? undefined;',
      },
    ],
    test: {
      file: 'test/gateway/recorded-runs.test.ts',
      name: 'a caller that reads its own runs sees their usage only',
    },
  },
];
