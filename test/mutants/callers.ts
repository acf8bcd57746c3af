import type { Mutant } from './mutant.ts';

const keys = 'src/adapters/database/api-keys.ts';
const stored = 'test/adapters/database/api-keys.test.ts';

/** API keys of the gateway's callers: what each may do and see, and for how long. */
export const callers: readonly Mutant[] = [
  {
    name: 'permission of a route',
    promise: 'A caller uses only the routes that its permissions allow.',
    mechanism: 'One table of routes, checked before each handler',
    changes: [
      {
        file: 'src/gateway/api-key.ts',
        find: '    checkRoute(c, caller);\n    await next();',
        replace: '    await next();',
      },
    ],
    test: { file: 'test/gateway/callers.test.ts', name: 'policy of the gateway' },
  },
  {
    name: 'route without a permission',
    promise: 'A route that the policy does not know is refused.',
    mechanism: 'The table of routes is complete, or the route is closed',
    changes: [
      {
        file: 'src/gateway/policy.ts',
        find: "if (need === undefined) return 'No API key may use this route.';",
        replace: 'if (need === undefined) return undefined;',
      },
    ],
    test: { file: 'test/gateway/callers.test.ts', name: 'route under /v1 that the table does not have' },
  },
  {
    name: 'runs of another caller',
    promise: 'A caller that reads its own runs sees no other one.',
    mechanism: "The runs reach a route through the caller's permissions",
    changes: [
      {
        file: 'src/gateway/policy.ts',
        find: "return read === 'all' || owner === name;",
        replace: "return read !== 'all' || owner === name;",
      },
    ],
    test: { file: 'test/gateway/callers.test.ts', name: 'by a caller that reads its own' },
  },
  {
    name: 'id of another caller’s run',
    promise: 'A repeated request finds the run of its own caller only.',
    mechanism: 'The caller in the memo is compared',
    changes: [
      {
        file: 'src/adapters/temporal/temporal-runs.ts',
        find: '(callerIn(other.memo) ?? operatorName) === caller;',
        replace: 'caller !== undefined;',
      },
    ],
    test: { file: 'test/adapters/temporal/temporal-runs.test.ts', name: 'caller of a run' },
  },
  {
    name: 'age of what is known of a key',
    promise: 'Every gateway refuses a revoked key within seconds.',
    mechanism: 'A lookup is remembered for two seconds',
    changes: [
      {
        file: 'src/gateway/known-callers.ts',
        find: 'const rememberedMs = 2_000;',
        replace: 'const rememberedMs = 60_000;',
      },
    ],
    test: { file: 'test/gateway/two-gateways.test.ts', name: 'key made at one' },
  },
  {
    name: 'key during a stream',
    promise: 'A revoked key sees no further event of an open stream.',
    mechanism: 'The key is checked before each event',
    changes: [{ file: 'src/gateway/run-event-routes.ts', find: '          await check(run);\n', replace: '' }],
    test: { file: 'test/gateway/run-events.test.ts', name: 'key revoked, or its permissions taken' },
  },
  {
    name: 'revoked key of a caller',
    promise: 'A revoked API key is refused.',
    mechanism: 'The lookup finds keys that are not revoked, of callers that are not removed',
    changes: [
      {
        file: keys,
        find: "        .where('revoked_at', 'is', null)\n        .where('removed_at', 'is', null)\n",
        replace: '',
      },
    ],
    test: { file: stored, name: 'revoked caller → no key is found' },
  },
  {
    name: 'end of an overlap',
    promise: 'A replaced API key ends with its overlap.',
    mechanism: 'The lookup compares the end of the key with the time',
    changes: [
      {
        file: keys,
        find: 'if (row === undefined || (expiresAt !== null && expiresAt <= now)) return undefined;',
        replace: 'if (row === undefined) return undefined;',
      },
    ],
    test: { file: stored, name: 'with overlap → both keys are found until its end' },
  },
];
