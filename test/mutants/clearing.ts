import type { Mutant } from './mutant.ts';

const clearCall = 'src/activities/clear-call.ts';
const earlyReads = 'src/activities/early-reads.ts';
const earlyReadsTest = 'test/activities/early-reads.test.ts';

/** What an approved call may do: it is checked again where tools run. */
export const clearing: readonly Mutant[] = [
  {
    name: 'schema check of an edit',
    promise: 'An edit runs only if the tool takes it.',
    mechanism: 'The worker checks the edit with the tool’s schema',
    changes: [
      {
        file: clearCall,
        find: 'const checked = await checkArguments(tool, wanted);',
        replace: 'const checked: Awaited<ReturnType<typeof checkArguments>> = { ok: true, args: wanted };',
      },
    ],
    test: {
      file: 'test/activities/clear-call.test.ts',
      name: 'edit that the tool refuses → reviewed again as the draft of the next request',
    },
  },
  {
    name: 'keys that an edit leaves out',
    promise: 'An edit removes a key only if the reviewer named it.',
    mechanism: 'Missing keys send the edit back to a person',
    changes: [{ file: clearCall, find: 'if (missing.length > 0)', replace: 'if (missing.length > 1_000)' }],
    test: {
      file: 'test/activities/clear-call.test.ts',
      name: 'edit without an optional key that the reviewer did not name → reviewed again',
    },
  },
  {
    name: 'arguments that the schema rewrites',
    promise: 'A reviewer approves exactly the arguments that run.',
    mechanism: 'Arguments that the schema would change go back to a person',
    changes: [
      {
        file: clearCall,
        find: 'if (!sameJson(args, wanted)) return again',
        replace: "if (tool.name === '' && !sameJson(args, wanted)) return again",
      },
    ],
    test: {
      file: 'test/activities/clear-call.test.ts',
      name: 'edit that the schema rewrites → reviewed again in its form',
    },
  },
  {
    name: 'risk after the approval',
    promise: 'A call that became riskier is reviewed again.',
    mechanism: 'The risk is evaluated again and compared with the sealed one',
    changes: [
      {
        file: 'src/activities/changed-since.ts',
        find: 'if (!isRiskier(risk, envelope.risk)) return undefined;',
        replace: "if (!isRiskier(risk, envelope.risk) || risk !== 'low') return undefined;",
      },
    ],
    test: { file: 'test/activities/clear-call.test.ts', name: 'edit that raises the risk → a reason' },
  },
  {
    name: 'review.when where tools run',
    promise: 'A forged plan skips no review.',
    mechanism: 'The policy is evaluated again in the one place where tools run',
    changes: [
      {
        file: clearCall,
        find: 'return (await policy.needsReview(checked.args))\n',
        replace: "return (await policy.needsReview(checked.args)) && tool.review === 'always'\n",
      },
    ],
    test: {
      file: 'test/activities/clear-call.test.ts',
      name: 'review.when asks for a person → review, whatever the plan of the turn was',
    },
  },
  {
    name: 'review.when that throws',
    promise: 'A policy that fails asks a person.',
    mechanism: 'An error in review.when counts as true',
    changes: [
      {
        file: 'src/activities/review-policy.ts',
        find: "this.#note('when', error);\n      return true;",
        replace: "this.#note('when', error);\n      return false;",
      },
    ],
    test: { file: 'test/activities/review-policy.test.ts', name: '→ a person decides' },
  },
  {
    name: 'policies get copies',
    promise: 'A policy changes neither the shown nor the executed arguments.',
    mechanism: 'Its functions get copies',
    changes: [
      {
        file: 'src/activities/review-policy.ts',
        find: 'review.when(structuredClone(args), this.#facts())',
        replace: 'review.when(args, this.#facts())',
      },
    ],
    test: { file: 'test/activities/review-policy.test.ts', name: 'changes its arguments → those of the call stay' },
  },
  {
    name: 'assistant of an early read',
    promise: 'An answer that was read with one assistant’s Connection Key serves no other assistant.',
    mechanism: 'Early reads are kept by assistant and request',
    changes: [
      {
        file: earlyReads,
        find: 'return JSON.stringify([assistant, requestId]);',
        replace: "return JSON.stringify([assistant === '', requestId]);",
      },
    ],
    test: { file: earlyReadsTest, name: 'same request id of two assistants → each gets its own answer' },
  },
  {
    name: 'early answers are used once',
    promise: 'A repeated attempt reads the decision anew.',
    mechanism: 'An early answer is removed when it is given',
    changes: [
      {
        file: earlyReads,
        find: '    if (begun === undefined) return undefined;\n    this.#begun.delete(key);\n',
        replace: '    if (begun === undefined) return undefined;\n',
      },
    ],
    test: { file: earlyReadsTest, name: '→ its answer is given once, by one read' },
  },
];
