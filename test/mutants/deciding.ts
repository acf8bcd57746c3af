import type { Mutant } from './mutant.ts';

const decisions = 'packages/review-server/src/store/decisions.ts';
const castVote = 'packages/review-server/src/store/cast-vote.ts';
const openApproval = 'packages/review-server/src/store/open-approval.ts';
const decided = 'packages/review-server/test/decisions.test.ts';
const held = 'packages/review-server/test/held-decisions.test.ts';
const shown = 'packages/review-server/test/shown.test.ts';

/** A person decides once, on what the person saw, and only a clear answer is an approval. */
export const deciding: readonly Mutant[] = [
  {
    name: 'first decision wins',
    promise: 'The first decision is final.',
    mechanism: 'A look under the row’s lock and a conditional update (both are taken out)',
    changes: [
      {
        file: 'packages/review-server/src/store/close-approval.ts',
        find: "    .where('status', '=', 'PENDING')\n",
        replace: '',
      },
      {
        file: castVote,
        find: "if (current.status !== 'PENDING' || (await closeIfLapsed(store, transaction, current)))",
        replace: 'if (await closeIfLapsed(store, transaction, current))',
      },
    ],
    test: {
      file: decided,
      suite: 'on SQLite',
      name: 'decided twice → the second decider gets the first decision, its decider and time',
    },
  },
  {
    name: 'digest of what was shown',
    promise: 'A decision counts for the request that was on the screen.',
    mechanism: 'The decision carries a digest of all that was shown; 409 if the stored request has another',
    changes: [
      { file: castVote, find: 'if (shown !== undefined && shown !== approval.shown)', replace: "if (shown === '')" },
    ],
    test: { file: shown, name: 'digest of another request with equal content → 409' },
  },
  {
    name: 'checks of a held decision',
    promise: 'A held decision is made with all checks of a decision.',
    mechanism: 'The step goes through castVote with the digest of what was shown',
    changes: [
      {
        file: 'packages/review-server/src/store/execute-held-decision.ts',
        find: '{ id: step.approval_id, answer, voter, onBehalfOf }',
        replace: '{ id: step.approval_id, answer: { ...answer, shown: undefined }, voter, onBehalfOf }',
      },
    ],
    test: { file: held, suite: 'on SQLite', name: 'the request changed' },
  },
  {
    name: 'undo by its author',
    promise: 'Only the author undoes a held decision.',
    mechanism: 'The undo looks for a step of the signed-in person',
    changes: [
      {
        file: 'packages/review-server/src/store/undo-held-decision.ts',
        find: 'open.find((step) => readHeld(step).by === person.id)',
        replace: 'open[0]',
      },
    ],
    test: { file: held, suite: 'on SQLite', name: 'undo by another person → refused, and the decision is made' },
  },
  {
    name: 'handing over gives no right',
    promise: 'Handing over a request changes nobody’s right to decide it.',
    mechanism: 'The addressee must be able to decide it by the policy',
    changes: [
      {
        file: 'packages/review-server/src/store/hand-over.ts',
        find: 'if (!addressed.some((each) => mayDecide(standing, each)))',
        replace: 'if (addressed.length === 0)',
      },
    ],
    test: {
      file: 'packages/review-server/test/desk.test.ts',
      suite: 'on SQLite',
      name: 'person outside the group that a request waits for → refused; the right to decide stays as it was',
    },
  },
  {
    name: 'step executed once',
    promise: 'Of several servers one executes a timed step.',
    mechanism: 'The mark that a step is done is set under the approval’s lock',
    changes: [
      {
        file: 'packages/review-server/src/store/execute-step.ts',
        find: "        .where('done_at', 'is', null)\n        .where('next_attempt_at', '<=', at)\n",
        replace: "        .where('next_attempt_at', '<=', at)\n",
      },
    ],
    test: {
      file: 'packages/review-server/test/timed-steps.test.ts',
      suite: 'on PostgreSQL',
      name: 'two servers, many steps due at once → each executed once',
    },
  },
  {
    name: 'answers to an outcome question',
    promise: 'A plain “approve” does not answer whether a tool happened.',
    mechanism: 'The server takes the three named answers only',
    changes: [
      {
        file: 'packages/review-server/src/store/plain-answer.ts',
        find: "  if (kind === 'call') {\n",
        replace: "  if (kind === 'call' || decision === 'approve' || decision === 'reject') {\n",
      },
    ],
    test: { file: shown, name: '→ 400 that names the three answers, still open' },
  },
  {
    name: 'outcome by a person',
    promise: 'Only a person says that a tool happened.',
    mechanism: 'A decision by a rule gives up',
    changes: [
      {
        file: 'src/activities/call-ledger.ts',
        find: "read.type === 'approved' && read.decision.by === 'person'",
        replace: "read.type === 'approved'",
      },
    ],
    test: { file: 'test/activities/settle-tool-call.test.ts', name: 'approved by a rule → given-up' },
  },
  {
    name: 'rules leave outcome questions alone',
    promise: 'A general rule does not answer whether a tool happened.',
    mechanism: 'Only a rule that names the action matches such a question',
    changes: [
      {
        file: 'packages/review-server/src/store/rule-match.ts',
        find: '    asksForOutcome &&\n',
        replace: "    asksForOutcome && facts.action === '' &&\n",
      },
    ],
    test: {
      file: 'packages/review-server/test/rules.test.ts',
      suite: 'on SQLite',
      name: 'question about an unknown outcome → a person',
    },
  },
  {
    name: 'rules need a present value',
    promise: 'A rule decides by values that are present only.',
    mechanism: 'No condition except “absent” holds for a missing value',
    changes: [
      {
        file: 'packages/review-server/src/store/rule-match.ts',
        find: 'return typeof value === typeof condition.value && !same(condition.value);',
        replace: 'return !same(condition.value);',
      },
    ],
    test: {
      file: 'packages/review-server/test/rules.test.ts',
      suite: 'on SQLite',
      name: 'a missing text, which is no other',
    },
  },
  {
    name: 'late decision at the server',
    promise: 'A decision after the expiry is refused.',
    mechanism: 'The expiry is checked under the row’s lock',
    changes: [
      {
        file: openApproval,
        find: "return status === 'PENDING' && expires_at !== null && expires_at <= now.toISOString();",
        replace: "return status === 'PENDING' && expires_at !== null && expires_at <= '' && now !== undefined;",
      },
    ],
    test: { file: decided, suite: 'on SQLite', name: 'late decision → refused, the decider gets the expiry' },
  },
  {
    name: 'late decision at the worker',
    promise: 'An approval after the deadline never runs, whatever the service says.',
    mechanism: 'The worker compares the time of the decision with the sealed deadline',
    changes: [
      {
        file: 'src/activities/read-decision.ts',
        find: 'return at <= (Number.isNaN(kept) ? deadline : kept);',
        replace: 'return at > (Number.isNaN(kept) ? 0 : 1);',
      },
    ],
    test: { file: 'test/activities/read-decision.test.ts', name: 'a second after it' },
  },
  {
    name: 'kill switch at the decision',
    promise: 'Requests of a paused assistant can’t be approved.',
    mechanism: 'The pause is read in the decide transaction',
    changes: [
      {
        file: castVote,
        find: "if (decision === 'approve' && paused !== undefined)",
        replace: "if (decision === 'approve' && id === '' && paused !== undefined)",
      },
    ],
    test: {
      file: 'packages/review-server/test/limits.test.ts',
      suite: 'on SQLite',
      name: 'kill switch → requests rejected, waiting ones not approvable; off → as before',
    },
  },
  {
    name: 'kill switch at the moment of use',
    promise: 'No tool of a paused assistant starts.',
    mechanism: 'The worker asks for a pause right before each tool starts',
    changes: [
      {
        file: 'src/activities/kill-switch.ts',
        find: 'if (!pause) return undefined;',
        replace: "if (!pause || pause.by !== '') return undefined;",
      },
    ],
    test: {
      file: 'test/activities/kill-switch.test.ts',
      name: 'paused and shown → AssistantPaused, which names person and reason',
    },
  },
  {
    name: 'unclear pause',
    promise: 'An unclear answer about a pause is a pause.',
    mechanism: 'The schema of the answer falls back to a pause',
    changes: [
      {
        file: 'packages/cheqpoint/src/wire/cheqpoint-answers.ts',
        find: ".catch({ by: 'an unnamed person', at: 'an unknown time', reason: null });",
        replace: '.catch(null);',
      },
    ],
    test: { file: 'packages/cheqpoint/test/paused.test.ts', name: 'unclear answer' },
  },
  {
    name: 'age of a pause answer',
    promise: 'An old answer about a pause starts no tool.',
    mechanism: 'An answer that took more than four seconds is a failure',
    changes: [
      {
        file: 'packages/cheqpoint/src/pause-memory.ts',
        find: 'if (paused === null && tookMs > longestWayMs)',
        replace: 'if (paused === null && tookMs > longestWayMs * 1_000)',
      },
    ],
    test: { file: 'packages/cheqpoint/test/paused.test.ts', name: 'not paused, answered after more than four seconds' },
  },
  {
    name: 'unreadable answer of the review service',
    promise: 'An answer that can’t be read is no approval: the call parks.',
    mechanism: 'Unknown words and malformed edits become the status “unknown”',
    changes: [
      {
        file: 'packages/cheqpoint/src/wire/cheqpoint-answers.ts',
        find: "words[word]! : ('unknown' as const)",
        replace: "words[word]! : ('approved' as const)",
      },
    ],
    test: { file: 'packages/cheqpoint/test/client/odd-services.test.ts', name: 'in the first answer:' },
  },
  {
    name: 'unknown word of the review service',
    promise: 'A status that Cheqpoint does not document is no decision.',
    mechanism: 'The call parks as ReviewUnreadable',
    changes: [
      {
        file: 'src/activities/read-decision.ts',
        find: "    case 'unknown':\n",
        replace: "    case 'unknown':\n      if (answer.details) return approval(closed, row, reading);\n",
      },
    ],
    test: { file: 'test/activities/read-decision.test.ts', name: 'by an unknown word → ReviewUnreadable' },
  },
  {
    name: 'reserved key in an edit',
    promise: 'An edit can’t replace the seal.',
    mechanism: 'The server keeps the original reserved key',
    changes: [
      {
        file: 'packages/review-server/src/store/complete-edit.ts',
        find: '? { ...edited, [RESERVED_DETAILS_KEY]: details[RESERVED_DETAILS_KEY] }',
        replace: '? { ...edited, [RESERVED_DETAILS_KEY]: sent[RESERVED_DETAILS_KEY] }',
      },
    ],
    test: { file: decided, suite: 'on SQLite', name: 'edit of Holdpoint’s reserved key → unchanged' },
  },
  {
    name: 'critical requests in a batch',
    promise: 'A critical request is decided alone, on its own page.',
    mechanism: 'A batch with a critical request is refused',
    changes: [
      {
        file: 'packages/review-server/src/api/approval-routes.ts',
        find: '      await refuseCritical(store, person, each);\n',
        replace: '',
      },
    ],
    test: {
      file: 'packages/review-server/test/inbox-api.test.ts',
      suite: 'on SQLite',
      name: 'a critical one among them → 400 that names it, nothing decided',
    },
  },
  {
    name: 'decision, audit row and callback in one transaction',
    promise: 'A decision is never without its audit row and its callback.',
    mechanism: 'One transaction writes all three',
    changes: [
      {
        file: decisions,
        find: 'const result = await store.database.kysely.transaction().execute(work);',
        replace: 'const result = await work(store.database.kysely as unknown as Transaction<ReviewTables>);',
      },
    ],
    test: {
      file: decided,
      suite: 'on SQLite',
      name: 'audit can’t be written → nothing is decided and nothing is delivered',
    },
  },
  {
    name: 'reading gate',
    promise: 'A risky request is approved after its last argument was on the screen.',
    mechanism: 'Approve is off until the page has shown the end',
    changes: [
      {
        file: 'packages/review-server/inbox/approval/reading.ts',
        find: "return riskLevel === 'high' || riskLevel === 'critical';",
        replace: "return riskLevel === '';",
      },
    ],
    test: {
      file: 'packages/review-server/test/inbox/reading.test.ts',
      name: 'last argument below → off, and no key approves',
    },
  },
  {
    name: 'reading gate of an outcome question',
    promise: 'A risky outcome question is answered after the last argument of its call was on the screen.',
    mechanism: 'The two answers that matter are off until the page has shown the end',
    changes: [
      {
        file: 'packages/review-server/inbox/approval/approval-view.tsx',
        find: "isPending && (kind === 'call' || context != null) && needsReading",
        replace: "isPending && (kind === 'call' || context === '') && needsReading",
      },
    ],
    test: {
      file: 'packages/review-server/test/inbox/reading.test.ts',
      name: 'outcome question with a long call → its two answers that matter are off until the end',
    },
  },
];
