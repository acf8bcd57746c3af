import type { Mutant } from './mutant.ts';

const codec = 'src/adapters/temporal/payload-codec.ts';
const codecTest = 'test/adapters/temporal/payload-codec.test.ts';
const routes = 'src/gateway/codec-routes.ts';
const routesTest = 'test/gateway/codec-routes.test.ts';
const runs = 'test/workflows/encrypted-runs.test.ts';

/** What Temporal stores, and who reads it in clear. */
export const encrypting: readonly Mutant[] = [
  {
    name: 'encrypted payloads',
    promise: 'Temporal stores no argument, output or note in clear.',
    mechanism: 'Every value passes the codec',
    changes: [
      {
        file: codec,
        find: 'encrypting === undefined ? payloads :',
        replace: 'encrypting !== undefined ? payloads :',
      },
    ],
    test: { file: codecTest, name: 'an encrypted value → shows' },
  },
  {
    name: 'encrypted failures of the Workflow',
    promise: 'Temporal stores no message or stack of a failure in clear.',
    mechanism: 'The Workflow bundle has the failure converter of the Worker',
    changes: [
      {
        file: 'src/worker/run-worker.ts',
        find: '{ encodesFailures: encodesFailures(dataConverter) }',
        replace: '{ encodesFailures: false && encodesFailures(dataConverter) }',
      },
    ],
    test: { file: runs, name: 'with a key → no text is stored in clear' },
  },
  {
    name: 'namespace of an encrypted value',
    promise: 'A value of one Temporal namespace is of no use in another.',
    mechanism: 'The associated data has the namespace',
    changes: [
      { file: codec, find: "['holdpoint-payload-1', namespace, keyId]", replace: "['holdpoint-payload-1', keyId]" },
    ],
    test: { file: codecTest, name: 'another namespace' },
  },
  {
    name: 'key id of an encrypted value',
    promise: 'A value opens under the key id that encrypted it only.',
    mechanism: 'The associated data has the key id',
    changes: [
      { file: codec, find: "['holdpoint-payload-1', namespace, keyId]", replace: "['holdpoint-payload-1', namespace]" },
    ],
    test: { file: codecTest, name: 'another id on the value' },
  },
  {
    name: 'key at the codec',
    promise: 'Values are decrypted for callers with the permission only.',
    mechanism: 'The codec checks the API key and its permission',
    changes: [{ file: routes, find: "await check(c, 'decode');", replace: '' }],
    test: { file: routesTest, name: 'no key, a wrong key' },
  },
  {
    name: 'permission at the codec',
    promise: 'An API key without the permission decode decrypts nothing.',
    mechanism: 'The permissions of the key are compared with that of the route',
    changes: [
      {
        file: routes,
        find: "if (refused !== undefined) throw new RestFailure('forbidden', refused);",
        replace: "if (refused === '') throw new RestFailure('forbidden', refused);",
      },
    ],
    test: { file: routesTest, name: 'a key without decode → 403' },
  },
  {
    name: 'permission of a browser at the codec',
    promise: 'A browser is not signed in to decrypted values with a key that may not read them.',
    mechanism: 'The sign-in asks for the permission decode',
    changes: [
      {
        file: routes,
        find: "refusal(caller, 'decode');",
        replace: 'undefined;',
      },
    ],
    test: { file: routesTest, name: 'unknown key, key without decode' },
  },
  {
    name: 'no open encode',
    promise: 'Values that look like a worker’s are made for administrators only.',
    mechanism: 'Encoding needs the permission admin',
    changes: [{ file: routes, find: "await check(c, 'admin');", replace: '' }],
    test: { file: routesTest, name: 'key with decode only' },
  },
  {
    name: 'origin of the codec',
    promise: 'Only the pages of one UI read decrypted values.',
    mechanism: 'CORS names the origin of HOLDPOINT_TEMPORAL_UI_URL',
    changes: [
      {
        file: routes,
        find: 'origin: (origin) => (origin === uiOrigin ? origin : null),',
        replace: 'origin: (origin) => origin,',
      },
    ],
    test: { file: routesTest, name: 'preflight of the UI' },
  },
  {
    name: 'sign-in on the own page',
    promise: 'Another page can’t sign a browser in to decrypted values.',
    mechanism: 'The form counts on a page of the gateway only',
    changes: [
      {
        file: routes,
        find: "if (c.req.header('sec-fetch-site') !== 'same-origin')",
        replace: "if (c.req.header('sec-fetch-site') === 'never')",
      },
    ],
    test: { file: routesTest, name: 'form on another page' },
  },
  {
    name: 'end of a session at the codec',
    promise: 'A browser sees decrypted values for twelve hours.',
    mechanism: 'The cookie has its end inside',
    changes: [
      {
        file: 'src/signing/codec-session.ts',
        find: 'return content.until > now().getTime() ? content.apiKey : undefined;',
        replace: 'return content.apiKey;',
      },
    ],
    test: { file: routesTest, name: 'after twelve hours' },
  },
  {
    name: 'token of the local UI',
    promise: 'The codec of the UI of `dev` opens by its token only.',
    mechanism: 'The route compares the token',
    changes: [
      {
        file: routes,
        find: "localToken === undefined || !equalInConstantTime(c.req.param('token'), localToken)",
        replace: 'localToken === undefined',
      },
    ],
    test: { file: routesTest, name: 'right token' },
  },
  {
    name: 'one unreadable run in a list',
    promise: 'A run whose key is missing does not hide the others.',
    mechanism: 'Lists mark values that can’t be read',
    changes: [
      {
        file: 'src/adapters/temporal/tolerant-client.ts',
        find: '...(dataConverter?.payloadCodecs ?? []).map(tolerant)',
        replace: '...(dataConverter?.payloadCodecs ?? [])',
      },
    ],
    test: { file: runs, name: 'gateway without the key' },
  },
];
