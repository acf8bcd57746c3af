import type { Mutant } from './mutant.ts';

const signIn = 'packages/review-server/test/sign-in.test.ts';
const session = 'packages/review-server/src/api/reviewer-session.ts';
const audit = 'packages/review-server/src/contract/audit-chain.ts';
const linking = 'packages/review-server/test/audit-linking.test.ts';
const pending = 'packages/review-server/src/store/migrations/audit-pending.ts';
const requester = 'packages/review-server/test/requester.test.ts';
const claimed = 'request with the name of another assistant → page, API and audit name the assistant of the key';
const decisions = 'packages/review-server/test/decisions.test.ts';

/** Roles, and the audit of what people did. */
export const people: readonly Mutant[] = [
  {
    name: 'sign-in of a reviewer',
    promise: 'A Connection Key decides nothing.',
    mechanism: 'Reviewers’ routes need a session',
    changes: [
      {
        file: session,
        find: '  if (c.var.reviewer === undefined)\n',
        replace:
          "  if (c.var.reviewer === undefined && c.req.header('x-api-key') !== undefined)\n    return { id: '', name: 'key', roles: ['reviewer', 'admin'] };\n  if (c.var.reviewer === undefined)\n",
      },
    ],
    test: {
      file: 'packages/review-server/test/inbox-api.test.ts',
      suite: 'on SQLite',
      name: 'no sign-in, or a Connection Key → refused',
    },
  },
  {
    name: 'roles',
    promise: 'Each role can do its own part only: an auditor decides nothing, a reviewer changes no key.',
    mechanism: 'Each route names the roles that may use it',
    changes: [
      {
        file: session,
        find: 'if (!roles.some((role) => reviewer.roles.includes(role)))',
        replace: 'if (roles.length === 0)',
      },
    ],
    test: { file: 'packages/review-server/test/roles.test.ts', name: '→ exactly these routes' },
  },
  {
    name: 'last administrator',
    promise: 'There is always an administrator.',
    mechanism: 'Changes of users are made one after the other, and the last one stays',
    changes: [
      {
        file: 'packages/review-server/src/store/users.ts',
        find: 'return isAdmin(user) && users.filter(isAdmin).length === 1;',
        replace: 'return isAdmin(user) && users.length === 0;',
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'two admins remove each other at once → one admin left' },
  },
  {
    name: 'hash chain of the audit',
    promise: 'A changed row of the audit is found.',
    mechanism: 'Each row’s hash covers the row and the hash before it',
    changes: [
      {
        file: audit,
        find: "return row.hash === auditHash(row) ? undefined : 'The row was changed after it was written.';",
        replace: 'return undefined;',
      },
    ],
    test: { file: decisions, suite: 'on SQLite', name: 'overwritten actor → found' },
  },
  {
    name: 'order of the audit',
    promise: 'A row that was added around the audit is found.',
    mechanism: 'Each row names the hash of the row before it',
    changes: [
      {
        file: audit,
        find: "  if (row.previous_hash !== previous.hash) return 'The row does not follow from the one before it.';\n",
        replace: '',
      },
    ],
    test: {
      file: decisions,
      suite: 'on SQLite',
      name: 'changed or shortened → refused; changed around the check → found',
    },
  },
  {
    name: 'audit is append-only',
    promise: 'The server’s own database role can’t change the audit.',
    mechanism: 'Triggers refuse it',
    changes: [
      {
        file: 'packages/review-server/src/store/migrations.ts',
        find: "select raise(abort, 'the audit is append-only'); end`.execute(\n      database,\n    );\n    await sql`create trigger audit_no_delete",
        replace: 'select 1; end`.execute(\n      database,\n    );\n    await sql`create trigger audit_no_delete',
      },
    ],
    test: {
      file: decisions,
      suite: 'on SQLite',
      name: 'changed or shortened → refused; changed around the check → found',
    },
  },
  {
    name: 'formulas in the audit',
    promise: 'An exported name is no formula in a spreadsheet.',
    mechanism: 'The CSV escapes formulas',
    changes: [
      {
        file: 'packages/review-server/src/api/audit-routes.ts',
        find: 'escape_formulas: true',
        replace: 'escape_formulas: false',
      },
    ],
    test: {
      file: 'packages/review-server/test/administration.test.ts',
      suite: 'on SQLite',
      name: 'CSV → no formulas in a spreadsheet',
    },
  },
  {
    name: 'audit covers the approvals',
    promise: 'A decision that the audit does not record is found.',
    mechanism: 'Verify compares each approval with its entries',
    changes: [
      {
        file: 'packages/review-server/src/store/audit-coverage.ts',
        find: 'if (problemOf(approval, entries.get(approval.id) ?? []) === undefined) continue;',
        replace:
          "if (problemOf(approval, entries.get(approval.id) ?? []) === undefined || approval.id !== '') continue;",
      },
    ],
    test: {
      file: linking,
      suite: 'on SQLite',
      name: 'request, decision → verified; removed, doubled or altered in a chain that is whole → found',
    },
  },
  {
    name: 'entries before they are linked',
    promise: 'An audit entry can’t be changed before it is in the hash chain either.',
    mechanism: 'A trigger of PostgreSQL lets an entry leave into the chain only',
    changes: [
      {
        file: pending,
        find: "    raise exception 'the audit is append-only';\n",
        replace: '    return old;\n',
      },
    ],
    test: {
      file: linking,
      suite: 'linking on PostgreSQL',
      name: 'unlinked entry altered, removed or truncated → refused',
    },
  },
  {
    name: 'hash of linked entries',
    promise: 'PostgreSQL links an entry with the hash that verify computes.',
    mechanism: 'The function in the database hashes the text of auditHash',
    changes: [
      {
        file: pending,
        find: "to_json(next.actor)::text || ',' ||",
        replace: "to_json(next.event)::text || ',' ||",
      },
    ],
    test: {
      file: linking,
      suite: 'on PostgreSQL',
      name: 'entries with any text → linked in their order, each with the hash of auditHash',
    },
  },
  {
    name: 'name of a program at the reviewer',
    promise: 'A program can’t ask in the name of another assistant.',
    mechanism: 'Page and API name the assistant of the Connection Key; agentName stands beside it',
    changes: [
      {
        file: 'packages/review-server/src/store/approval.ts',
        find: '    assistant: row.assistant,\n',
        replace: '    assistant: row.agent_name ?? row.assistant,\n',
      },
    ],
    test: { file: requester, name: claimed },
  },
  {
    name: 'name of a program in the audit',
    promise: 'The audit names the assistant that asked.',
    mechanism: 'Its actor is the assistant of the Connection Key; agentName is a claim among the facts',
    changes: [
      {
        file: 'packages/review-server/src/store/create-approval.ts',
        find: 'actor: `assistant:${assistant.name}`,',
        replace: 'actor: `assistant:${request.agentName ?? assistant.name}`,',
      },
    ],
    test: { file: requester, name: claimed },
  },
  {
    name: 'name of a program in a chat message',
    promise: 'A chat message names the assistant that asks.',
    mechanism: 'It begins with the assistant of the Connection Key; agentName is in quotes behind it',
    changes: [
      {
        file: 'packages/review-server/src/notify/slack-message.ts',
        find: '`*${line(approval.assistant)}*${claimedName(approval)} $',
        replace: '`*${line(approval.agent_name ?? approval.assistant)}* $',
      },
    ],
    test: {
      file: 'packages/review-server/test/notifications.test.ts',
      name: 'notification → the link, no arguments; texts can’t become links or mentions',
    },
  },
];
