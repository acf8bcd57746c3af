import type { Mutant } from './mutant.ts';

const runTool = 'src/activities/run-tool.ts';
const settle = 'src/activities/settle-tool-call.ts';
const ledger = 'src/adapters/database/effect-ledger.ts';
const conformance = 'test/adapters/database/conformance.test.ts';
const ending = 'test/workflows/ending.test.ts';

/** A call acts at most as often as it should, and only while it may. */
export const acting: readonly Mutant[] = [
  {
    name: 'ledger row before the effect',
    promise: 'No row in the effect ledger, no action.',
    mechanism: 'An attempt that did not write the row does not start the tool',
    changes: [{ file: runTool, find: "  if (!mine) return { type: 'taken' };\n", replace: '' }],
    test: { file: 'test/activities/run-tool.test.ts', name: 'row of another attempt → the tool does not start' },
  },
  {
    name: 'own attempt id',
    promise: 'After a lost reply only the attempt that wrote the row acts.',
    mechanism: 'The row has the id of its attempt',
    changes: [
      {
        file: runTool,
        find: "return row?.attemptId === begun.attemptId && row.state === 'open' && !row.doubted;",
        replace: "return row?.state === 'open' && !row.doubted;",
      },
    ],
    test: {
      file: 'test/activities/run-tool.test.ts',
      name: 'reply lost, and the row is of another attempt → the tool does not start',
    },
  },
  {
    name: 'one row for each start',
    promise: 'Of several attempts at one start, one acts.',
    mechanism: 'The row is unique on call key and start; the loser sees that nothing was inserted',
    changes: [
      {
        file: ledger,
        find: 'return inserted.numInsertedOrUpdatedRows === 1n;',
        replace: 'return inserted.numInsertedOrUpdatedRows !== 2n;',
      },
    ],
    test: {
      file: conformance,
      suite: 'database in SQLite',
      name: 'many attempts start at once → one starts, and its row is kept',
    },
  },
  {
    name: 'fencing of a takeover',
    promise: 'An attempt that was taken over acts no more.',
    mechanism: 'A takeover is conditional on the attempt that was read',
    changes: [{ file: ledger, find: "        .where('attempt_id', '=', from)\n", replace: '' }],
    test: {
      file: conformance,
      suite: 'database in SQLite',
      name: 'many attempts take over at once → one succeeds and is counted',
    },
  },
  {
    name: 'closed rows stay',
    promise: 'The first result of a call is its result.',
    mechanism: 'Only an open row is changed',
    changes: [
      {
        file: ledger,
        find: "      .where('state', '=', 'open');",
        replace: "      .where('state', '!=', 'none' as 'open');",
      },
    ],
    test: { file: conformance, suite: 'database in SQLite', name: 'closed row → no change' },
  },
  {
    name: 'ended row settles the call',
    promise: 'A call that has acted does not act again.',
    mechanism: 'The ledger is read first, and an ended row is the result',
    changes: [
      {
        file: settle,
        find: 'if (row && hasEnded(row)) return await settledByRow(dependencies, input, row);\n    if (!tool)',
        replace: 'if (!tool)',
      },
    ],
    test: {
      file: 'test/activities/settle-tool-call.test.ts',
      name: 'ended row, other arguments → the first result, the tool does not run',
    },
  },
  {
    name: 'open row of an at-most-once tool',
    promise: 'If it can’t be known whether an `at-most-once` tool acted, a person is asked.',
    mechanism: 'An open row of such a tool is not started again',
    changes: [
      {
        file: settle,
        find: "if (row?.state === 'open' && (row.effect !== 'idempotent' || tool?.effect !== 'idempotent')) {",
        replace: "if (row?.state === 'open' && tool === undefined) {",
      },
    ],
    test: {
      file: 'test/activities/settle-tool-call.test.ts',
      name: 'open row of another attempt → a person is asked, the tool does not run',
    },
  },
  {
    name: 'lease of an attempt',
    promise: 'A frozen attempt acts no more once another one may have begun.',
    mechanism: 'A lease that was not renewed in time is lost, and stays lost',
    changes: [
      {
        file: 'src/activities/attempt-lease.ts',
        find: 'return this.#lost || Date.now() - this.#renewedAt > this.#windowMs;',
        replace: 'return Date.now() - this.#renewedAt > this.#windowMs;',
      },
    ],
    test: { file: 'test/activities/attempt-lease.test.ts', name: 'a heartbeat after the window → stays lost' },
  },
  {
    name: 'lease before a request',
    promise: 'A frozen attempt sends no request.',
    mechanism: 'The lease is checked before the request is recorded',
    changes: [
      {
        file: 'src/activities/request-approval.ts',
        find: '      lease.throwIfLost();\n      opened =\n',
        replace: '      opened =\n',
      },
    ],
    test: {
      file: 'test/activities/request-approval.test.ts',
      name: 'frozen before the request is recorded: AttemptTooOld, nothing is sent',
    },
  },
  {
    name: 'lease between row and effect',
    promise: 'An attempt that froze after its row does not act.',
    mechanism: 'The lease is checked once more, and the row is released',
    changes: [
      {
        file: runTool,
        find: '  try {\n    run.lease.throwIfLost();\n  } catch',
        replace: '  try {\n    await Promise.resolve();\n  } catch',
      },
    ],
    test: {
      file: 'test/activities/run-tool.test.ts',
      name: 'lease lost while the row was written → the tool does not start, the row is released',
    },
  },
  {
    name: 'superseded calls',
    promise: 'A call that a newer message replaced never acts, also after a late approval.',
    mechanism: 'A row in the ledger refuses it for good',
    changes: [
      {
        file: settle,
        find: "if (!superseded || (clearance.type === 'settle' && clearance.as !== 'superseded'))",
        replace: "if (!superseded || clearance.type !== 'wait')",
      },
    ],
    test: {
      file: 'test/activities/settle-tool-call.test.ts',
      name: 'superseded while it waits, approved afterwards → it never runs',
    },
  },
  {
    name: 'requests of a cancelled run',
    promise: 'A cancelled run leaves no request that could be approved.',
    mechanism: 'The run withdraws its requests before it ends',
    changes: [
      {
        file: 'src/workflows/run.ts',
        find: 'const withdrawn = await CancellationScope.nonCancellable(() => withdrawOpen(input, progress));',
        replace: 'const withdrawn = await withdrawOpen(input.assistant, { ...progress, calls: [] });',
      },
    ],
    test: { file: ending, name: 'waiting call → request withdrawn, no tool run, cancelled in Temporal' },
  },
  {
    name: 'allowed tools',
    promise: 'The model can use the tools of its assistant only.',
    mechanism: 'A tool is looked up in the assistant’s own list, by its exact name',
    changes: [
      {
        file: 'src/activities/context.ts',
        find: 'return assistant.tools.find((tool) => tool.name === name);',
        replace: 'return assistant.tools.find((tool) => tool.name === name) ?? assistant.tools[0];',
      },
    ],
    test: {
      file: 'test/activities/settle-tool-call.test.ts',
      name: 'tool that the assistant does not have → the model is told, no tool runs',
    },
  },
  {
    name: 'schema check of arguments',
    promise: 'A tool gets arguments that its schema takes only.',
    mechanism: 'Arguments are parsed by the tool’s schema before they are reviewed or run',
    changes: [
      {
        file: 'src/activities/arguments.ts',
        find: '    if (!parsed.success) {\n',
        replace: '    if (!parsed.success) return { ok: true, args };\n    if (!parsed.success) {\n',
      },
    ],
    test: { file: 'test/activities/clear-call.test.ts', name: 'arguments that the tool refuses → the model is told' },
  },
  {
    name: 'brake on turns',
    promise: 'A run has a bounded number of turns.',
    mechanism: 'maxTurns, counted from the newest message',
    changes: [
      {
        file: 'src/workflows/run.ts',
        find: "if (turn - progress.turnsBefore >= maxTurns && result.outcome.type === 'calls') {",
        replace: "if (turn - progress.turnsBefore >= maxTurns * 1_000 && result.outcome.type === 'calls') {",
      },
    ],
    test: { file: ending, name: 'maxTurns used → fails' },
  },
  {
    name: 'brake on repeats of a rejected call',
    promise: 'The model can’t ask again and again for a call that was rejected.',
    mechanism: 'After two rejections the same call is refused without a request',
    changes: [
      {
        file: 'src/workflows/call-progress.ts',
        find: 'const rejectionsThatStand = 2;',
        replace: 'const rejectionsThatStand = 2_000;',
      },
    ],
    test: { file: ending, name: 'repeats of a rejected call → the first is reviewed, later ones are refused' },
  },
  {
    name: 'brake on calls of a turn',
    promise: 'A turn has a bounded number of calls.',
    mechanism: 'Calls beyond the limit are answered and not carried out',
    changes: [
      {
        file: 'src/activities/take-turn.ts',
        find: '    if (!taken) return await answer(outputs.tooManyCalls);\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/workflows/many-calls.test.ts',
      name: 'more than a hundred → the rest is not carried out, the model is told which',
    },
  },
  {
    name: 'brake on attempts of a tool',
    promise: 'A tool that keeps failing is not tried for ever.',
    mechanism: 'After ten attempts the call parks',
    changes: [{ file: runTool, find: 'const mostAttempts = 10;', replace: 'const mostAttempts = 14;' }],
    test: {
      file: 'test/activities/run-tool.test.ts',
      name: 'ten starts that did nothing → ToolKeepsFailing, the tool does not start',
    },
  },
  {
    name: 'brake on requests',
    promise: 'An assistant asks people a bounded number of times.',
    mechanism: 'Limits for an hour and a day, counted under the assistant’s lock',
    changes: [
      {
        file: 'packages/review-server/src/store/automatic-decision.ts',
        find: 'if (Number(count) >= most)',
        replace: 'if (Number(count) >= most * 1_000)',
      },
    ],
    test: {
      file: 'packages/review-server/test/limits.test.ts',
      suite: 'on SQLite',
      name: 'above a limit → rejected until its time is over',
    },
  },
  {
    name: 'brake on identical requests',
    promise: 'A loop of identical requests ends without a person.',
    mechanism: 'Loop protection rejects them',
    changes: [
      {
        file: 'packages/review-server/src/store/automatic-decision.ts',
        find: 'if (Number(count) < protection.identicalRequests) return undefined;',
        replace: 'if (Number(count) < protection.identicalRequests * 1_000) return undefined;',
      },
    ],
    test: {
      file: 'packages/review-server/test/limits.test.ts',
      suite: 'on SQLite',
      name: 'identical requests, any reserved key → rejected',
    },
  },
  {
    name: 'transcript after lost server memory',
    promise: 'An answer of a model server that forgot the conversation is not used.',
    mechanism: 'The answer must name the response that it continues; else the saved transcript is sent',
    changes: [
      {
        file: 'src/adapters/openai/continuing.ts',
        find: "return ['completed', 'incomplete'].includes(response.status) && response.previousResponseId !== continued.responseId",
        replace: "return response.status === 'queued' && response.previousResponseId !== continued.responseId",
      },
    ],
    test: { file: 'test/adapters/openai/continuing.test.ts', name: '→ answer dropped, transcript sent, remembered' },
  },
];
