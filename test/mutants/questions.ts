import type { Mutant } from './mutant.ts';

const store = 'packages/review-server/src/store/questions.ts';
const questions = 'packages/review-server/test/questions.test.ts';
const workflows = 'test/workflows/questions.test.ts';

/** Questions of reviewers. */
export const asking: readonly Mutant[] = [
  {
    name: 'answers of the requester only',
    promise: 'Only the assistant that asked for an approval answers its questions.',
    mechanism: 'The assistant of the Connection Key is part of the query',
    changes: [{ file: store, find: "      .where('approvals.assistant_id', '=', assistant.id)\n", replace: '' }],
    test: {
      file: questions,
      suite: 'on SQLite',
      name: 'key of another assistant, another approval, unknown question → 404, unanswered',
    },
  },
  {
    name: 'first answer counts',
    promise: 'A question has one answer, whatever is killed or repeated.',
    mechanism: 'An answered question is not updated',
    changes: [
      {
        file: store,
        find: 'if (found === undefined || found.answered_at !== null)',
        replace: 'if (found === undefined)',
      },
    ],
    test: { file: questions, suite: 'on SQLite', name: 'two answers → the first counts, both callers get it' },
  },
  {
    name: 'no question after the decision',
    promise: 'A decided request takes no question.',
    mechanism: 'The status is read under the lock of the approval',
    changes: [
      {
        file: store,
        find: "    if (approval.status !== 'PENDING') return { outcome: 'already-closed', approval };\n",
        replace: '',
      },
    ],
    test: { file: questions, suite: 'on SQLite', name: 'decided, expired, unknown → refused, nothing asked' },
  },
  {
    name: 'side turn beside the conversation',
    promise: 'A question does not become part of the conversation at OpenAI.',
    mechanism: 'The side turn is not stored and continues no response',
    changes: [
      {
        file: 'src/adapters/openai/responses/answer-aside.ts',
        find: '    store: false,\n    chain: false,\n',
        replace: '',
      },
    ],
    test: {
      file: workflows,
      suite: 'reviewer’s question, responses',
      name: 'asked → the model answers beside the conversation, the call waits on, approval and digest unchanged',
    },
  },
  {
    name: 'seal of a request with a question',
    promise: 'The model answers questions on requests of its own call only.',
    mechanism: 'The seal of the request names the call',
    changes: [
      {
        file: 'src/activities/answer-questions.ts',
        find: 'if (!answer || !sealed) return none;',
        replace: 'if (!answer) return none;',
      },
    ],
    test: {
      file: 'test/activities/answer-questions.test.ts',
      name: 'request sealed for another call → not asked, not answered',
    },
  },
];
