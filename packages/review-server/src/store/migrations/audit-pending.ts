import { sql, type Kysely } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';

/** The audit's entries that are committed and not yet in the hash chain, and on PostgreSQL the function that links them. */
export async function auditPending(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { schema } = database;
  const texts = ['at', 'actor', 'event', 'subject', 'facts'];
  let table = schema
    .createTable('audit_pending')
    .addColumn('entry', 'integer', (column) =>
      kind === 'postgres' ? column.primaryKey().generatedAlwaysAsIdentity() : column.primaryKey(),
    );
  for (const name of texts) table = table.addColumn(name, 'text', (column) => column.notNull());
  await table.execute();
  await schema.createIndex('audit_pending_by_subject').on('audit_pending').column('subject').execute();
  // Null for rows that were linked in their own transaction.
  await schema.alterTable('audit').addColumn('entry', 'integer').execute();
  await schema.createIndex('audit_by_entry').on('audit').column('entry').unique().execute();
  if (kind === 'postgres')
    for (const statement of [...protection, linkAudit]) await sql.raw(statement).execute(database);
}

// An entry leaves the table only as it was written, and only into the chain.
const protection = [
  `create function audit_pending_is_linked() returns trigger language plpgsql as $$
begin
  if not exists (
    select from audit where audit.entry = old.entry and audit.at = old.at and audit.actor = old.actor
      and audit.event = old.event and audit.subject = old.subject and audit.facts = old.facts
  ) then
    raise exception 'the audit is append-only';
  end if;
  return old;
end $$`,
  `create trigger audit_pending_no_delete before delete on audit_pending for each row execute function audit_pending_is_linked()`,
  `create trigger audit_pending_no_update before update on audit_pending for each row execute function audit_is_append_only()`,
  `create trigger audit_pending_no_truncate before truncate on audit_pending execute function audit_is_append_only()`,
];

// One statement for its client, so the end of a client at any moment leaves it undone or whole. The text under the hash
// is that of `auditHash`. The advisory lock keeps other servers from waiting in line. Servers of the version before
// link in their own transactions under the lock of the head. Each statement sees what is committed when it begins, so
// rows that were linked while this one waited for the head are not read again.
const linkAudit = `create function link_audit(most integer) returns integer language plpgsql as $$
declare
  head record;
  next record;
  linked integer := 0;
  next_hash text;
begin
  if not exists (select from audit_pending) then return 0; end if;
  if not pg_try_advisory_xact_lock('audit_head'::regclass::oid::bigint) then return 0; end if;
  select sequence, hash into strict head from audit_head where id = 1 for update;
  for next in select * from audit_pending order by entry limit most loop
    head.sequence := head.sequence + 1;
    next_hash := encode(sha256(convert_to(
      '[' || to_json(head.hash)::text || ',' || head.sequence || ',' || to_json(next.at)::text || ',' ||
      to_json(next.actor)::text || ',' || to_json(next.event)::text || ',' || to_json(next.subject)::text || ',' ||
      to_json(next.facts)::text || ']', 'UTF8')), 'hex');
    insert into audit (sequence, at, actor, event, subject, facts, previous_hash, hash, entry)
      values (head.sequence, next.at, next.actor, next.event, next.subject, next.facts, head.hash, next_hash, next.entry);
    delete from audit_pending where entry = next.entry;
    head.hash := next_hash;
    linked := linked + 1;
  end loop;
  update audit_head set sequence = head.sequence, hash = head.hash where id = 1;
  return linked;
end $$`;
