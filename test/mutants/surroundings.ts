import type { Mutant } from './mutant.ts';

const limits = 'packages/process/src/http-limits.ts';
const limitsTest = 'packages/process/test/http-limits.test.ts';
const userInfo = 'test/config/user-info.test.ts';

/** Limits of the servers, addresses in settings, and files of this machine. */
export const surroundings: readonly Mutant[] = [
  {
    name: 'connections of a server',
    promise: 'Many connections don’t stop a server.',
    mechanism: 'Connections are limited, in all and for each address',
    changes: [
      { file: limits, find: 'if (ofAddress > limits.connectionsPerAddress)', replace: 'if (ofAddress < 0)' },
      { file: limits, find: 'if (all >= limits.connections) return', replace: 'if (all < 0) return' },
    ],
    test: { file: limitsTest, name: 'too many connections, of one address or in all → 503 with words' },
  },
  {
    name: 'slow headers',
    promise: 'A client that never ends its headers holds no connection (slowloris).',
    mechanism: 'A time limit for the headers',
    changes: [
      {
        file: limits,
        find: '    headersTimeout: headersMs,\n    requestTimeout: requestMs,',
        replace: '    headersTimeout: 0,\n    requestTimeout: 0,',
      },
    ],
    test: { file: limitsTest, name: 'slowloris: headers that never end → 408, while others are answered' },
  },
  {
    name: 'client that does not read',
    promise: 'A client that does not read its answer holds no memory.',
    mechanism: 'A connection without progress is closed',
    changes: [{ file: limits, find: '  closeStalled(server, limits.stalledMs);\n', replace: '' }],
    test: { file: limitsTest, name: 'a client that does not read a long answer → its connection is closed' },
  },
  {
    name: 'event streams of one owner',
    promise: 'Forgotten event streams don’t use up a server.',
    mechanism: 'Streams are limited, for each owner and in all',
    changes: [
      {
        file: 'packages/process/src/stream-slots.ts',
        find: "if (own >= perOwner) return 'owner-full';",
        replace: "if (own >= perOwner * 1_000) return 'owner-full';",
      },
    ],
    test: {
      file: 'packages/process/test/stream-slots.test.ts',
      name: 'stream slots: full for an owner, full in all, free after a release',
    },
  },
  {
    name: 'passwords in addresses of settings',
    promise: 'No setting puts a password into an address that gets into logs.',
    mechanism: 'Addresses with a user name or password are refused',
    changes: [
      {
        file: 'src/schemas/has-user-info.ts',
        find: "return url !== null && (url.username !== '' || url.password !== '');",
        replace: "return url !== null && url.href === '';",
      },
    ],
    test: { file: userInfo, name: 'HOLDPOINT_PUBLIC_URL' },
  },
  {
    name: 'callback address at the delivery',
    promise: 'A callback goes only where the settings of this moment allow it.',
    mechanism: 'The address is checked again at each delivery',
    changes: [
      {
        file: 'packages/review-server/src/delivery/post-callback.ts',
        find: '  if (refused !== undefined) return Promise.reject(new Error(refused));\n',
        replace: '',
      },
    ],
    test: {
      file: 'packages/review-server/test/callback-targets.test.ts',
      name: 'address allowed at the request, not at the delivery → no connection',
    },
  },
  {
    name: 'files for this user only',
    promise: 'Other users of the machine can’t read the databases.',
    mechanism: 'Files are created with mode 0600, folders with 0700',
    changes: [
      {
        file: 'packages/database/src/private-files.ts',
        find: "  closeSync(openSync(file, 'a', 0o600));\n  chmodSync(file, 0o600);",
        replace: "  closeSync(openSync(file, 'a', 0o644));\n  chmodSync(file, 0o644);",
      },
    ],
    test: {
      file: 'packages/database/test/private-files.test.ts',
      name: 'new SQLite file in a new folder → file, logs 0600, folder 0700',
    },
  },
  {
    name: 'HTTP API of the dev Temporal',
    promise: 'A web page can’t start a Workflow at the Temporal server of `holdpoint dev`.',
    mechanism: 'Its HTTP API answers for a random host name only',
    changes: [
      {
        file: 'src/embedded/temporal-server.ts',
        find: ".toString('hex')}.invalid\"]`",
        replace: '.toString(\'hex\')}.invalid","*"]`',
      },
    ],
    test: {
      file: 'test/embedded/dev-doors.test.ts',
      name: "Temporal's HTTP API and UI → a web page starts no Workflow, by any port",
    },
  },
  {
    name: 'password in the address of Temporal',
    promise: 'TEMPORAL_ADDRESS puts no password into a log.',
    mechanism: 'An address with a user name or password is refused',
    changes: [
      {
        file: 'src/config/read-config.ts',
        find: "connectionOptions.address?.includes('@') === true",
        replace: "connectionOptions.address?.includes('@@') === true",
      },
    ],
    test: { file: userInfo, name: 'TEMPORAL_ADDRESS' },
  },
  {
    name: 'password in the address of the gateway',
    promise: 'The client puts no password of an address into errors.',
    mechanism: 'An address with a user name or password is refused, and is not shown',
    changes: [
      {
        file: 'packages/client/src/gateway-connection.ts',
        find: "if (parsed.username !== '' || parsed.password !== '')",
        replace: "if (parsed.username !== '' && parsed.host === '')",
      },
    ],
    test: { file: userInfo, name: 'createClient' },
  },
  {
    name: 'password in the address of Cheqpoint',
    promise: 'The Cheqpoint client puts no password of an address into errors.',
    mechanism: 'An address with a user name or password is refused, and is not shown',
    changes: [
      {
        file: 'packages/cheqpoint/src/http/check-address.ts',
        find: "if (url.username !== '' || url.password !== '')",
        replace: "if (url.username !== '' && url.host === '')",
      },
    ],
    test: { file: userInfo, name: 'CheqpointClient' },
  },
  {
    name: 'password in an address of a request',
    promise: 'No request stores an address with a password.',
    mechanism: 'The review server refuses such an address',
    changes: [
      {
        file: 'packages/cheqpoint/src/wire/cheqpoint-wire.ts',
        find: "return url === null || (url.username === '' && url.password === '');",
        replace: "return url === null || url.href !== '';",
      },
    ],
    test: { file: userInfo, name: 'of a request' },
  },
  {
    name: 'names in a visibility query',
    promise: 'A name in a list’s filter finds exactly this name, and no other run.',
    mechanism: 'Quotes and backslashes are refused, since Temporal’s stores read them differently',
    changes: [
      {
        file: 'src/adapters/temporal/visibility.ts',
        find: 'if (/[\'"`\\\\]/.test(text))',
        replace: "if (text === '')",
      },
    ],
    test: { file: 'test/adapters/temporal/visibility.test.ts', name: '→ refused' },
  },
];
