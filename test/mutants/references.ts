import type { Mutant } from './mutant.ts';

const own = 'test/workflows/own-references.test.ts';
const context = 'src/activities/context.ts';

/** References belong to a run, and write access to Temporal is enough for nothing. */
export const references: readonly Mutant[] = [
  {
    name: 'owner of a call',
    promise: 'An Activity acts for calls of its own run only.',
    mechanism: 'The first run id in the call key is compared with the one that Temporal names',
    changes: [
      {
        file: context,
        find: 'if (parts?.firstRunId === firstRunId) return parts;',
        replace: 'if (parts) return parts;',
      },
    ],
    test: { file: 'test/activities/own-references.test.ts', name: 'call of another run → ForeignCall' },
  },
  {
    name: 'owner of a turn',
    promise: 'A turn is taken in the name of its own run only.',
    mechanism: 'Temporal is asked for the first run id',
    changes: [
      {
        file: context,
        find: 'return claimed === runId ? runId : await runs.firstRunId(workflowId, runId);',
        replace: 'return claimed ?? (await runs.firstRunId(workflowId, runId));',
      },
    ],
    test: { file: 'test/activities/own-references.test.ts', name: 'claims the first run id of another run' },
  },
  {
    name: 'owner of a transcript entry',
    promise: 'A run reads and continues its own conversation only.',
    mechanism: 'The entry names its run and the first run id',
    changes: [
      {
        file: 'src/activities/own-conversation.ts',
        find: 'if (entry === undefined || (entry.runId === workflowId && entry.firstRunId === firstRunId)) return entry;',
        replace: 'if (entry === undefined || entry.runId === workflowId) return entry;',
      },
    ],
    test: {
      file: 'test/activities/own-references.test.ts',
      name: 'entry of an earlier run of the same id → ForeignCall',
    },
  },
  {
    name: 'state of a conversation from the database',
    promise: 'A made-up response or thread id leads to no other conversation.',
    mechanism: 'The state of the surface is read from the transcript entry',
    changes: [
      {
        file: 'src/activities/own-conversation.ts',
        find: 'if (entry) return { ...conversation, surface: entry.state };',
        replace: 'if (entry) return conversation;',
      },
    ],
    test: {
      file: 'test/activities/own-references.test.ts',
      name: 'own entry → the state of the surface is that of the database',
    },
  },
  {
    name: 'owner of a stored value',
    promise: 'A run reads its own stored values only.',
    mechanism: 'The database keeps the owners of each value',
    changes: [
      {
        file: 'src/adapters/database/stored-values.ts',
        find: 'return (await isOwner(digest, runId, firstRunId)) ? row.json : undefined;',
        replace: 'return row.json;',
      },
    ],
    test: {
      file: 'test/adapters/database/conformance.test.ts',
      suite: 'database in SQLite',
      name: 'put by one run → not there for another run, nor for another run of the same id',
    },
  },
  {
    name: 'owner of a continued conversation',
    promise: 'A made-up result leads to no transcript of another run.',
    mechanism: 'The entry of the continued run must name that run',
    changes: [
      {
        file: 'src/activities/continued-conversation.ts',
        find: 'if (entry.runId !== from || entry.firstRunId !== run.firstRunId)',
        replace: "if (entry.runId === '')",
      },
    ],
    test: {
      file: 'test/activities/own-references.test.ts',
      name: 'made-up result with the entry of another run → CannotContinue',
    },
  },
  {
    name: 'progress in a run input',
    promise: 'A run that others start with made-up progress does not begin.',
    mechanism: 'Only continue-as-new may carry progress',
    changes: [
      {
        file: 'src/workflows/run-input.ts',
        find: 'if (workflowInfo().continuedFromExecutionRunId === undefined)',
        replace: "if (workflowInfo().workflowId === '')",
      },
    ],
    test: { file: 'test/workflows/gates-inputs.test.ts', name: 'progress although it is new → InvalidRunInput' },
  },
  {
    name: 'hint of a decision',
    promise: 'A Signal decides nothing.',
    mechanism: 'The run reads the decision at the review service',
    changes: [
      {
        file: 'src/activities/read-decision.ts',
        find: "    case 'pending':\n      return { type: 'wait', request: openRequest(row) };",
        replace: "    case 'pending':\n      return approval(closed, row, reading);",
      },
    ],
    test: {
      file: 'test/activities/read-decision.test.ts',
      name: 'readDecision: open request, whatever hint came → waits',
    },
  },
  {
    name: 'lost request named by a hint',
    promise: 'A hint that names another request does not decide a call.',
    mechanism: 'The request must be sealed for this call and number',
    changes: [
      {
        file: 'src/activities/read-decision.ts',
        find: 'const ours = opened && opened.envelope.callKey === row.callKey && opened.envelope.number === row.number;',
        replace: 'const ours = opened !== undefined;',
      },
    ],
    test: { file: 'test/activities/read-decision.test.ts', name: 'another number of this call' },
  },
  {
    name: 'withdrawn requests are own ones',
    promise: 'A run closes its own requests only.',
    mechanism: 'The request must be sealed for this run',
    changes: [
      {
        file: 'src/activities/withdraw-approval.ts',
        find: 'if (isSealedForRun(envelopes, answer, firstRunId)) await service.close',
        replace: 'await service.close',
      },
    ],
    test: { file: 'test/activities/own-references.test.ts', name: 'another run’s' },
  },
  {
    name: 'seal of a withdrawn request',
    promise: 'A request counts as a run’s own only if a worker sealed it for that run.',
    mechanism: 'The seal and the first run id in the call key',
    changes: [
      {
        file: 'src/activities/sealed-for-run.ts',
        find: "return parseCallKey(callKey ?? '')?.firstRunId === firstRunId;",
        replace: "return parseCallKey(callKey ?? '') !== undefined;",
      },
    ],
    test: {
      file: 'test/activities/own-references.test.ts',
      name: 'isSealedForRun: request of another run, or without our seal → false',
    },
  },
  {
    name: 'reconcile closes own requests',
    promise: 'A closed run that names another run’s request does not withdraw it.',
    mechanism: 'The reconcile round closes requests only that are sealed for the closed run',
    changes: [
      {
        file: 'src/activities/reconcile.ts',
        find: 'if (!isSealedForRun(envelopes, answer, firstRunId)) {',
        replace: "if (firstRunId === '') {",
      },
    ],
    test: { file: own, name: 'named by a closed run → the reconcile round leaves it open' },
  },
];
