import type { Mutant } from './mutant.ts';

const remove = 'packages/review-server/src/store/remove-approvals.ts';
const removals = 'packages/review-server/test/removals.test.ts';
const erased = 'person in the arguments or the context → all their texts are gone, the audit verifies';
const purged = 'decided before → gone; decided later, open, or a callback still tried → stays';

/** Retention and erasure: what goes, what stays, and who may order it. */
export const removing: readonly Mutant[] = [
  {
    name: 'audit of a removal',
    promise: 'A removed approval has an entry in the audit that says who removed it, and the audit still verifies.',
    mechanism: 'The entry is written in the transaction that removes it',
    changes: [
      {
        file: remove,
        find: "for (const id of ids) await appendAudit(transaction, { at, actor, event: 'approval-removed', subject: id, facts });",
        replace: '',
      },
    ],
    test: { file: removals, suite: 'on SQLite', name: erased },
  },
  {
    name: 'texts in the search',
    promise: 'No text about an erased person stays.',
    mechanism: 'The parts of an approval go with it, the text of the search too',
    changes: [{ file: remove, find: "  'approval_search',\n", replace: '' }],
    test: { file: removals, suite: 'on SQLite', name: erased },
  },
  {
    name: 'keyed digests of the audit',
    promise: 'A guess of an erased text can’t be tried on the audit.',
    mechanism: 'Its digests are made with a key that goes with the approval',
    changes: [
      {
        file: 'packages/review-server/src/store/audit-digest.ts',
        find: 'if (key === null) return',
        replace: "if (key !== '') return",
      },
    ],
    test: { file: removals, suite: 'on SQLite', name: 'digests of the audit → keyed' },
  },
  {
    name: 'callbacks of removed approvals',
    promise: 'Retention removes no decision that was not delivered.',
    mechanism: 'Approvals with a callback that is still tried stay',
    changes: [
      {
        file: 'packages/review-server/src/store/find-removable.ts',
        find: ".where('delivered_at', 'is', null)",
        replace: ".where('delivered_at', 'is not', null)",
      },
    ],
    test: { file: removals, suite: 'on SQLite', name: purged },
  },
  {
    name: 'age of removed approvals',
    promise: 'Nothing younger than a day is removed by its age.',
    mechanism: 'The route refuses a later time',
    changes: [
      {
        file: 'packages/review-server/src/api/removal-routes.ts',
        find: '< shortestRetentionMs',
        replace: '< -shortestRetentionMs',
      },
    ],
    test: { file: removals, suite: 'on SQLite', name: 'a time less than a day ago' },
  },
  {
    name: 'role for removals',
    promise: 'Administrators alone remove approvals.',
    mechanism: 'The route asks for the role admin',
    changes: [
      {
        file: 'packages/review-server/src/api/removal-routes.ts',
        find: "import { admin } from './admin-access.ts';",
        replace: "import { adminOrAuditor as admin } from './admin-access.ts';",
      },
    ],
    test: { file: 'packages/review-server/test/roles.test.ts', name: 'auditor → exactly these routes' },
  },
  {
    name: 'permission for removals',
    promise: 'A caller without the permission admin removes no runs.',
    mechanism: 'The table of routes has the permission',
    changes: [
      {
        file: 'src/gateway/policy.ts',
        find: "'POST /v1/removals': 'admin',",
        replace: "'POST /v1/removals': 'read',",
      },
    ],
    test: { file: 'test/gateway/callers.test.ts', name: 'each permission → exactly these routes' },
  },
  {
    name: 'open runs of a family',
    promise: 'An open run stays, and so do the runs that it continues.',
    mechanism: 'A family of runs goes if all of them are closed',
    changes: [
      {
        file: 'src/gateway/remove-runs.ts',
        find: 'if (staying.length === 0) {',
        replace: 'if (staying.length < family.length) {',
      },
    ],
    test: { file: 'test/workflows/removed-runs.test.ts', name: 'erasure: closed run about the customer' },
  },
];
