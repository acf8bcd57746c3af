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
        find: 'Client: boundedClient(limited ? longestAnswerMs : 0, prepares',
        replace: 'Client: boundedClient(longestAnswerMs * 0, prepares',
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
        find: 'new Timer(deadlineAt - Date.now(),',
        replace: 'new Timer(deadlineAt - Date.now() + 1e9,',
      },
    ],
    test: {
      file: 'test/workflows/deadlines.test.ts',
      name: 'passed, while the service does not notice it → the run closes the request by its own timer',
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
  {
    name: 'wrong settings at the start',
    promise: 'A process with wrong settings fails at its start at once.',
    mechanism: 'Only a server that is away is waited for',
    changes: [
      {
        file: 'packages/process/src/when-reachable.ts',
        find: 'if (!isAway(error) || longestMs === 0) throw error;',
        replace: 'if (longestMs === 0) throw error;',
      },
    ],
    test: {
      file: 'packages/process/test/when-reachable.test.ts',
      name: 'refusal, such as a wrong password → one attempt, its own error',
    },
  },
  {
    name: 'bound of a start',
    promise: 'A process that waits for its servers at its start ends with words if they stay away.',
    mechanism: 'HOLDPOINT_START_WAIT_SECONDS',
    changes: [
      {
        file: 'packages/process/src/when-reachable.ts',
        find: 'const end = performance.now() + longestMs;',
        replace: 'const end = performance.now() + longestMs * 1_000;',
      },
    ],
    test: {
      file: 'packages/process/test/when-reachable.test.ts',
      name: 'whenReachable: server stays away → the error says for how long, and which setting',
    },
  },
  {
    name: 'time left, sent to the review server',
    promise: 'A deadline is as far away as the policy says, although the clock of the review server is wrong.',
    mechanism: 'The worker sends the time that is left',
    changes: [
      {
        file: 'packages/cheqpoint/src/review-service.ts',
        find: 'Math.max(0, Date.parse(expiresAt) - now);',
        replace: 'Math.max(0, Date.parse(expiresAt) - now * 0);',
      },
    ],
    test: {
      file: 'packages/cheqpoint/test/cheqpoint.test.ts',
      name: 'expiresAt → expiresIn is the time left at each sending, never below 0',
    },
  },
  {
    name: 'time left, at the review server',
    promise: 'A request expires after its time by the clock of the review server, which compares decisions with it.',
    mechanism: 'The time that is left counts before the instant',
    changes: [
      {
        file: 'packages/review-server/src/store/create-approval.ts',
        find: 'if (expiresIn == null) return expiresAt ?? null;',
        replace: 'if (expiresIn == null || expiresAt != null) return expiresAt ?? null;',
      },
    ],
    test: {
      file: 'packages/review-server/test/wire-contract.test.ts',
      suite: 'on SQLite',
      name: 'less time is left until the same instant → the same approval with its first deadline',
    },
  },
  {
    name: 'time left, in the run',
    promise: 'A run waits until its deadline, although the clock of the worker is ahead.',
    mechanism: 'The durable timer counts the time that is left',
    changes: [
      {
        file: 'src/workflows/settle-call.ts',
        find: 'call.deadlineAt = Math.min(deadlineAt, Date.now() + expiresInMs);',
        replace: 'call.deadlineAt = Math.max(deadlineAt, expiresInMs * 0);',
      },
    ],
    test: {
      file: 'test/workflows/skewed-clocks.test.ts',
      suite: 'worker one hour ahead of Temporal',
      name: 'request of 30 minutes → waits, and an approval counts',
    },
  },
  {
    name: 'worker behind Temporal',
    promise: 'A run waits until its deadline, although the clock of the worker is behind.',
    mechanism: 'The worker adds the difference to the time of its Activity',
    changes: [
      {
        file: 'src/activities/request-approval.ts',
        find: 'return behindMs > smallDifferenceMs ? behindMs : 0;',
        replace: 'return behindMs > smallDifferenceMs ? 0 : 0;',
      },
    ],
    test: {
      file: 'test/workflows/skewed-clocks.test.ts',
      suite: 'worker one hour behind of Temporal',
      name: 'request of 30 minutes → waits, and an approval counts',
    },
  },
  {
    name: 'warning about clocks',
    promise: 'Clocks that differ by more than a minute are reported.',
    mechanism: 'The Date of each answer is compared with the clock of the worker',
    changes: [
      {
        file: 'src/adapters/review-clock.ts',
        find: 'Math.abs(aheadMs) <= longestDifferenceMs)',
        replace: 'Math.abs(aheadMs) <= longestDifferenceMs * 1_000)',
      },
    ],
    test: {
      file: 'test/workflows/skewed-clocks.test.ts',
      name: 'client of the review server → hears of the difference',
    },
  },
];
