import type { Mutant } from './mutant.ts';

const envelope = 'src/signing/envelope.ts';
const readDecision = 'src/activities/read-decision.ts';
const changedSince = 'src/activities/changed-since.ts';
const requestApproval = 'src/activities/request-approval.ts';
const rotation = 'test/signing/envelope.test.ts';
const boundContext = 'test/workflows/bound-context.test.ts';

/** Seals: an approval fits the call that was asked, and no other. */
export const sealing: readonly Mutant[] = [
  {
    name: 'seal of a request',
    promise: 'Only a request that a worker sealed is an approval.',
    mechanism: 'HMAC over the envelope and the arguments, checked when the decision is read',
    changes: [
      {
        file: envelope,
        find: 'return this.#secrets.some((secret) => equalInConstantTime(mac(secret, envelope, args), given))',
        replace: 'return this.#secrets.length > 0',
      },
    ],
    test: { file: 'test/activities/read-decision.test.ts', name: 'sealed by another secret → ReviewUnreadable' },
  },
  {
    name: 'seal covers the arguments',
    promise: 'The arguments that a person saw are those that run.',
    mechanism: 'The seal covers the arguments',
    changes: [{ file: envelope, find: 'canonicalJson([envelope, args])', replace: 'canonicalJson([envelope, {}])' }],
    test: { file: 'test/activities/read-decision.test.ts', name: 'with altered arguments → ReviewUnreadable' },
  },
  {
    name: 'approval of this call',
    promise: 'An approval of one call is of no use to another.',
    mechanism: 'The sealed call key is compared with the one that asked',
    changes: [{ file: readDecision, find: '    envelope?.callKey !== row.callKey ||\n', replace: '' }],
    test: { file: 'test/activities/read-decision.test.ts', name: 'of another call → ReviewUnreadable' },
  },
  {
    name: 'approval of this request',
    promise: 'Only an approval of the newest request of a call counts.',
    mechanism: 'The sealed number is compared with that of the request',
    changes: [{ file: readDecision, find: '    envelope.number !== row.number ||\n', replace: '' }],
    test: { file: 'test/activities/read-decision.test.ts', name: 'of another request of this call → ReviewUnreadable' },
  },
  {
    name: 'approval of this kind',
    promise: 'An answer to “did it happen?” is no approval of a call.',
    mechanism: 'The sealed kind is compared with that of the request',
    changes: [{ file: readDecision, find: '    envelope.kind !== row.kind ||\n', replace: '' }],
    test: { file: 'test/activities/read-decision.test.ts', name: 'of another kind → ReviewUnreadable' },
  },
  {
    name: 'approval of this assistant',
    promise: 'An approval of one assistant is of no use to another.',
    mechanism: 'The sealed assistant is compared with that of the run',
    changes: [
      { file: readDecision, find: 'envelope.assistant !== assistant\n', replace: "envelope.assistant === ''\n" },
    ],
    test: { file: 'test/activities/read-decision.test.ts', name: 'of another assistant → ReviewUnreadable' },
  },
  {
    name: 'digest of run.context',
    promise: 'The tool gets the run.context that was approved.',
    mechanism: 'The seal has a keyed digest of run.context',
    changes: [
      {
        file: changedSince,
        find: 'if (envelopes.hasContext(envelope, context)) return undefined;',
        replace: 'if (envelopes.hasContext(envelope, context) || context !== undefined) return undefined;',
      },
    ],
    test: { file: 'test/activities/clear-call.test.ts', name: 'other context of the run → a reason' },
  },
  {
    name: 'digest of run.context per call',
    promise: 'A request does not disclose that two runs have the same context.',
    mechanism: 'The digest of run.context is made for one call',
    changes: [{ file: envelope, find: 'canonicalJson([callKey, context])', replace: 'canonicalJson([context])' }],
    test: { file: boundContext, name: 'equal contexts of two calls have different digests' },
  },
  {
    name: 'definition of the tool',
    promise: 'A tool that changed after its approval is reviewed again.',
    mechanism: 'The seal has a digest of the tool’s definition',
    changes: [
      {
        file: changedSince,
        find: 'if (envelope.definition === tool.definition) return undefined;',
        replace: "if (envelope.definition !== '') return undefined;",
      },
    ],
    test: { file: 'test/activities/clear-call.test.ts', name: 'other definition of the tool → a reason' },
  },
  {
    name: 'seal of a reason',
    promise: 'A reviewer sees a reason only if a worker wrote it for this call.',
    mechanism: 'The reason travels through Temporal with an HMAC',
    changes: [
      {
        file: 'src/activities/sealed-reason.ts',
        find: 'if (envelopes.isSealedNote(note, seal)) return because;',
        replace: "if (envelopes.isSealedNote(note, seal) || because !== '') return because;",
      },
    ],
    test: { file: boundContext, name: 'made up in the input → not shown' },
  },
  {
    name: 'seal of a draft',
    promise: 'A reviewer sees an earlier edit only if a worker wrote it for this call.',
    mechanism: 'The seal of the reason covers the draft',
    changes: [
      {
        file: requestApproval,
        find: 'because !== undefined && because === input.because && draft && { draft }',
        replace: 'draft && { draft }',
      },
    ],
    test: { file: boundContext, name: 'draft made up in the input, with or without a reason → not shown' },
  },
  {
    name: 'deadline of the first request',
    promise: 'Write access to Temporal does not move a deadline.',
    mechanism: 'The deadline is read from the first recorded request',
    changes: [
      {
        file: requestApproval,
        find: '...(deadlineAt != null && { deadlineAt }),',
        replace: '...((input.deadlineAt ?? deadlineAt) != null && { deadlineAt: (input.deadlineAt ?? deadlineAt)! }),',
      },
    ],
    test: { file: boundContext, name: 'deadline made up in the input → the one of the policy' },
  },
  {
    name: 'seal of a checkpoint',
    promise: 'A checkpoint that was written to Temporal by others leads to no other conversation.',
    mechanism: 'A checkpoint has an HMAC of its run and turn',
    changes: [
      {
        file: 'src/activities/sealed-checkpoints.ts',
        find: 'if (envelopes.isSealedNote(noteOf(resume), seal)) return resume;',
        replace: 'if (envelopes.isSealedNote(noteOf(resume), seal) || seal !== undefined) return resume;',
      },
    ],
    test: { file: 'test/activities/own-references.test.ts', name: 'with another response → dropped' },
  },
  {
    name: 'seal of a standalone decision',
    promise: 'The result of a standalone approval can’t be made up in Temporal.',
    mechanism: 'The result has an HMAC over call key and decision',
    changes: [
      {
        file: envelope,
        find: 'return holds && parseCallKey(callKey)?.firstRunId === firstRunId ? decision : undefined;',
        replace: 'return holds || parseCallKey(callKey)?.firstRunId === firstRunId ? decision : undefined;',
      },
    ],
    test: { file: 'test/workflows/standalone-approvals.test.ts', name: "another run's, or altered → refused" },
  },
  {
    name: 'request in the gateway belongs to its call',
    promise: 'The gateway shows a request under the run that made it only.',
    mechanism: 'The sealed call key ties the request to the call',
    changes: [
      {
        file: 'src/gateway/approval-records.ts',
        find: 'if (envelope.callKey !== call.key || (envelope.run !== undefined && envelope.run !== run.id))',
        replace: "if (envelope.callKey === '')",
      },
    ],
    test: { file: 'test/gateway/shown-approvals.test.ts', name: 'not shown' },
  },
  {
    name: 'old secret in a rotation',
    promise: 'A request that the old secret sealed stays valid in a rotation.',
    mechanism: 'Each value of HOLDPOINT_SECRET verifies seals',
    changes: [
      {
        file: envelope,
        find: 'return this.#secrets.some((secret) => equalInConstantTime(mac(secret, envelope, args), given))',
        replace:
          'return this.#secrets.slice(0, 1).some((secret) => equalInConstantTime(mac(secret, envelope, args), given))',
      },
    ],
    test: { file: rotation, name: 'new,old reads old,new' },
  },
  {
    name: 'context sealed by the old secret',
    promise: 'The run.context of a request that the old secret sealed is still recognized.',
    mechanism: 'Each value of HOLDPOINT_SECRET verifies the digest',
    changes: [
      {
        file: envelope,
        find: 'this.#secrets.some((secret) => equalInConstantTime(contextMac(secret, callKey, context), runContext))',
        replace: 'equalInConstantTime(contextMac(this.#secrets[0]!, callKey, context), runContext)',
      },
    ],
    test: { file: rotation, name: 'new,old reads old,new' },
  },
  {
    name: 'notes and decisions sealed by the old secret',
    promise: 'Checkpoints, reasons and standalone decisions outlast a rotation.',
    mechanism: 'Each value of HOLDPOINT_SECRET verifies them',
    changes: [
      {
        file: envelope,
        find: 'this.#secrets.some((secret) => equalInConstantTime(noteMac(secret, note), seal));',
        replace: 'equalInConstantTime(noteMac(this.#secrets[0]!, note), seal);',
      },
      {
        file: envelope,
        find: 'const holds = this.#secrets.some((secret) =>',
        replace: 'const holds = this.#secrets.slice(0, 1).some((secret) =>',
      },
    ],
    test: { file: rotation, name: 'new,old reads old,new' },
  },
  {
    name: 'order of the secrets',
    promise: 'Workers with the old value alone accept new seals in the first step of a rotation.',
    mechanism: 'The first value of HOLDPOINT_SECRET seals',
    changes: [
      {
        file: envelope,
        find: 'mac: mac(this.#secrets[0] as string, envelope, args)',
        replace: 'mac: mac(this.#secrets.at(-1) as string, envelope, args)',
      },
    ],
    test: { file: rotation, name: 'old reads old,new' },
  },
  {
    name: 'end of the old secret',
    promise: 'After the last step of a rotation, the old secret is of no use.',
    mechanism: 'A seal counts only if one of the values of HOLDPOINT_SECRET made it',
    changes: [
      {
        file: envelope,
        find: '      ? { envelope, args }\n      : undefined;',
        replace: "      ? { envelope, args }\n      : given !== ''\n        ? { envelope, args }\n        : undefined;",
      },
    ],
    test: { file: rotation, name: 'new does not read old,new' },
  },
  {
    name: 'old secret of a callback address',
    promise: 'Callback addresses of waiting requests work in a rotation.',
    mechanism: 'Each value of HOLDPOINT_SECRET verifies their tokens',
    changes: [
      {
        file: 'src/signing/callback-token.ts',
        find: 'const valid = secrets.map(',
        replace: 'const valid = secrets.slice(0, 1).map(',
      },
    ],
    test: { file: 'test/gateway/callback-route.test.ts', name: 'rotated secret: an old token is still verified' },
  },
  {
    name: 'requests that need the old secret',
    promise: 'The doctor tells when the old secret can go.',
    mechanism: 'It counts the waiting requests that only the second value sealed',
    changes: [
      {
        file: 'src/cli/doctor-rotation.ts',
        find: 'byFirst.open(details) === undefined && bySecond.open(details) !== undefined,',
        replace: 'byFirst.open(details) === undefined && bySecond.open(details) === undefined,',
      },
    ],
    test: {
      file: 'test/workflows/rotation.test.ts',
      name: 'doctor: counts the waiting requests that need the second value; at 0 the old value can go',
    },
  },
];
