import type { Mutant } from './mutant.ts';

const session = 'packages/database/src/postgres-session.ts';
const postgres = 'packages/database/test/postgres.test.ts';

/** No wait without an end, and nothing that was acknowledged is lost. */
export const waiting: readonly Mutant[] = [
  {
    name: 'durable commits',
    promise: 'An acknowledged decision survives a crash of PostgreSQL.',
    mechanism: 'Each session switches synchronous_commit on',
    changes: [
      {
        file: 'packages/database/src/postgres-dialect.ts',
        find: '    onConnect: commitDurably,\n',
        replace: '    onConnect: (client) => void commitDurably.bind(null, client),\n',
      },
    ],
    test: {
      file: 'packages/review-server/test/database.test.ts',
      name: 'default of the database is synchronous_commit = off → a session has on, and every limit',
    },
  },
  {
    name: 'frozen holder of a lock',
    promise: 'A frozen process holds up the others for five seconds at most.',
    mechanism: 'idle_in_transaction_session_timeout',
    changes: [
      {
        file: session,
        find: 'idle_in_transaction_session_timeout: 5_000,',
        replace: 'idle_in_transaction_session_timeout: 0,',
      },
    ],
    test: { file: postgres, name: 'session of the pool → every limit is in force' },
  },
  {
    name: 'wait for a lock',
    promise: 'A wait for a lock ends.',
    mechanism: 'lock_timeout',
    changes: [{ file: session, find: 'lock_timeout: 8_000,', replace: 'lock_timeout: 0,' }],
    test: { file: postgres, name: 'session of the pool → every limit is in force' },
  },
  {
    name: 'time of a statement',
    promise: 'A statement ends.',
    mechanism: 'statement_timeout',
    changes: [{ file: session, find: 'statement_timeout: 15_000,\n};', replace: 'statement_timeout: 0,\n};' }],
    test: { file: postgres, name: 'session of the pool → every limit is in force' },
  },
  {
    name: 'half-open connection',
    promise: 'A database that stopped answering is noticed.',
    mechanism: 'The client waits for an answer up to query_timeout, then drops the connection',
    changes: [
      {
        file: session,
        find: 'Client: boundedClient(limited ? longestAnswerMs : 0),',
        replace: 'Client: boundedClient(longestAnswerMs * 0),',
      },
    ],
    test: {
      file: 'packages/database/test/half-open.test.ts',
      name: 'call → fails after query_timeout as unknown, and the next one gets a new connection',
    },
  },
  {
    name: 'silence of a model server',
    promise: 'A model server that went silent in an answer is noticed.',
    mechanism: 'A stream without an event fails after the longest silence',
    changes: [
      {
        file: 'src/adapters/openai/responses/post-response.ts',
        find: 'timer = setTimeout(() => silence.abort(), silenceMs);',
        replace: 'timer = setTimeout(() => silence.abort(), silenceMs * 1_000);',
      },
    ],
    test: { file: 'test/adapters/openai/odd-servers.test.ts', name: 'silent stream → aborted' },
  },
  {
    name: 'round of a loop',
    promise: 'One round that never ends does not stop a loop, such as that of the deliveries.',
    mechanism: 'Each round has a time limit',
    changes: [
      {
        file: 'packages/process/src/start-rounds.ts',
        find: "await within(longestMs, 'a round', round());",
        replace: 'await round();',
      },
    ],
    test: {
      file: 'packages/process/test/start-rounds.test.ts',
      name: 'startRounds: a round that never ends → it is reported, and the next one follows',
    },
  },
  {
    name: 'deadline of an approval',
    promise: 'An approval with a deadline ends at its deadline.',
    mechanism: 'One durable timer closes the request at its source',
    changes: [
      {
        file: 'src/workflows/timers.ts',
        find: 'new Timer(this.#call.deadlineAt - Date.now(),',
        replace: 'new Timer(this.#call.deadlineAt - Date.now() + 1e9,',
      },
    ],
    test: {
      file: 'test/workflows/deadlines.test.ts',
      name: 'passed → the request is closed at its source, the model is told the expiry',
    },
  },
  {
    name: 'silence of the Assistants API',
    promise: 'A call of the Assistants API that went silent is noticed.',
    mechanism: 'Each call fails after the longest silence',
    changes: [
      {
        file: 'src/adapters/openai/longest-silence.ts',
        find: 'let timer = setTimeout(fail, silenceMs).unref();',
        replace: 'let timer = setTimeout(fail, silenceMs * 1_000).unref();',
      },
    ],
    test: {
      file: 'test/adapters/openai/assistants/odd-servers.test.ts',
      name: 'then silence → the attempt fails after the longest silence',
    },
  },
];
