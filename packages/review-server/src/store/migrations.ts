import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { DatabaseKind } from '@holdpoint/database';
import { administration } from './migrations/administration.ts';
import { approvalShows } from './migrations/approval-shows.ts';
import { auditPending } from './migrations/audit-pending.ts';
import { decisionFeed } from './migrations/decision-feed.ts';
import { desk } from './migrations/desk.ts';
import { identityProvider } from './migrations/identity-provider.ts';
import { inbox } from './migrations/inbox.ts';
import { retention } from './migrations/retention.ts';
import { ruleGroups } from './migrations/rule-groups.ts';
import { passkeys } from './migrations/passkeys.ts';
import { questions } from './migrations/questions.ts';
import { listRanks } from './migrations/list-ranks.ts';
import { signInLinks } from './migrations/sign-in-links.ts';
import { steps } from './migrations/steps.ts';
import { times } from './migrations/times.ts';
import { userSettings } from './migrations/user-settings.ts';
import { votes } from './migrations/votes.ts';

/** All migrations, in the order of their names. A released one never changes. */
export function migrations(kind: DatabaseKind): Record<string, Migration> {
  return {
    '0001-first': { up: (database) => first(database, kind) },
    '0002-administration': { up: administration },
    '0003-inbox': { up: (database) => inbox(database, kind) },
    '0004-resend': { up: resend },
    '0005-sign-in-links': { up: signInLinks },
    '0006-audit-pending': { up: (database) => auditPending(database, kind) },
    '0007-decision-feed': { up: decisionFeed },
    '0008-user-settings': { up: userSettings },
    '0009-steps': { up: steps },
    '0010-votes': { up: votes },
    '0011-passkeys': { up: passkeys },
    '0012-questions': { up: questions },
    '0013-identity-provider': { up: identityProvider },
    '0014-list-ranks': { up: (database) => listRanks(database, kind) },
    '0015-desk': { up: desk },
    '0016-approval-shows': { up: approvalShows },
    '0017-rule-groups': { up: ruleGroups },
    '0018-times': { up: times },
    '0019-retention': { up: retention },
  };
}

/** A delivery resent by a person starts again with short pauses, counted from this attempt. */
async function resend(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .alterTable('outbox')
    .addColumn('attempts_before_resend', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}

async function first(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('assistants')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .execute();
  await schema
    .createTable('connection_keys')
    .addColumn('key_hash', 'text', (column) => column.primaryKey())
    .addColumn('assistant_id', 'text', (column) => column.notNull().references('assistants.id'))
    .addColumn('masked', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'text')
    .execute();
  await createApprovals(database);
  await schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at', 'text', (column) => column.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('last_problem', 'text')
    .addColumn('delivered_at', 'text')
    .addColumn('abandoned_at', 'text')
    .execute();
  await sql`create index outbox_due on outbox (next_attempt_at) where delivered_at is null and abandoned_at is null`.execute(
    database,
  );
  await schema.createIndex('outbox_by_approval').on('outbox').column('approval_id').execute();
  await createAudit(database, kind);
  await schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('failed_sign_ins', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('blocked_until', 'text')
    .execute();
  await schema
    .createTable('sessions')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('used_login_tokens')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('used_at', 'text', (column) => column.notNull())
    .execute();
}

async function createApprovals(database: Kysely<unknown>): Promise<void> {
  const required = [
    'assistant_id',
    'request_digest',
    'action',
    'summary',
    'details',
    'sameness_digest',
    'risk_level',
    'callback_urls',
    'created_at',
  ];
  const optional = [
    'idempotency_key',
    'justification',
    'priority',
    'agent_name',
    'metadata',
    'trace',
    'arguments_schema',
    'run_url',
    'workflow_url',
    'modified_details',
    'note',
    'decided_at',
    'decided_by',
    'reason_code',
    'rule_name',
    'expires_at',
  ];
  let table: CreateTableBuilder<string, string> = database.schema
    .createTable('approvals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('status', 'text', (column) => column.notNull().check(sql`status in ('PENDING', 'APPROVED', 'REJECTED')`))
    .addColumn('risk_score', 'double precision');
  for (const name of required) table = table.addColumn(name, 'text', (column) => column.notNull());
  for (const name of optional) table = table.addColumn(name, 'text');
  await table
    .addForeignKeyConstraint('approvals_assistant', ['assistant_id'], 'assistants', ['id'])
    .addUniqueConstraint('approvals_idempotency', ['assistant_id', 'idempotency_key'])
    .addCheckConstraint(
      'approvals_decided_whole',
      sql`(status = 'PENDING') = (decided_at is null) and (status = 'PENDING') = (reason_code is null)`,
    )
    .execute();
  await database.schema
    .createIndex('approvals_by_status')
    .on('approvals')
    .columns(['status', 'created_at', 'id'])
    .execute();
  await database.schema.createIndex('approvals_by_time').on('approvals').columns(['created_at', 'id']).execute();
  await database.schema
    .createIndex('approvals_by_assistant')
    .on('approvals')
    .columns(['assistant_id', 'created_at'])
    .execute();
  await sql`create index approvals_expiring on approvals (expires_at) where status = 'PENDING' and expires_at is not null`.execute(
    database,
  );
}

// The database refuses to change the audit, also after a later mistake in this program.
async function createAudit(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  await database.schema
    .createTable('audit')
    .addColumn('sequence', 'integer', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await database.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into audit_head (id, sequence, hash) values (1, 0, '')`.execute(database);
  if (kind === 'sqlite') {
    await sql`create trigger audit_no_update before update on audit begin select raise(abort, 'the audit is append-only'); end`.execute(
      database,
    );
    await sql`create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit is append-only'); end`.execute(
      database,
    );
  } else {
    await sql`create function audit_is_append_only() returns trigger language plpgsql as $$ begin raise exception 'the audit is append-only'; end $$`.execute(
      database,
    );
    await sql`create trigger audit_no_change before update or delete on audit for each row execute function audit_is_append_only()`.execute(
      database,
    );
    await sql`create trigger audit_no_truncate before truncate on audit execute function audit_is_append_only()`.execute(
      database,
    );
  }
}
