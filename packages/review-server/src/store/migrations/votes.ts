import { sql, type Kysely } from 'kysely';

/** Groups, aliases of users, and the requirement, versions and votes of approvals. */
export async function votes(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('groups')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('visible_to', 'text', (column) => column.notNull().check(sql`visible_to in ('everyone', 'members')`))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'text')
    .execute();
  await sql`create unique index groups_by_name on groups (name_key) where removed_at is null`.execute(database);
  await schema
    .createTable('group_members')
    .addColumn('group_id', 'text', (column) => column.notNull().references('groups.id'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('added_at', 'text', (column) => column.notNull())
    .addColumn('added_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('group_members_key', ['group_id', 'user_id'])
    .execute();
  await schema.createIndex('group_members_by_user').on('group_members').column('user_id').execute();
  await schema
    .alterTable('users')
    .addColumn('aliases', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();

  for (const [name, start] of [
    ['version', 1],
    ['stage', 1],
    ['addressed', 0],
    ['allow_self', 0],
  ] as const)
    await schema
      .alterTable('approvals')
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(start))
      .execute();
  for (const name of ['proposed_details', 'proposed_by'])
    await schema.alterTable('approvals').addColumn(name, 'text').execute();

  await schema
    .createTable('stages')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('needed', 'integer', (column) => column.notNull().check(sql`needed > 0`))
    .addColumn('reason', 'text')
    .addColumn('opened_at', 'text')
    .addColumn('closed_at', 'text')
    .addPrimaryKeyConstraint('stages_key', ['approval_id', 'number'])
    .execute();
  await schema
    .createTable('addressees')
    .addColumn('approval_id', 'text', (column) => column.notNull())
    .addColumn('stage', 'integer', (column) => column.notNull())
    .addColumn('addressee', 'text', (column) => column.notNull())
    .addColumn('added_at', 'text')
    .addPrimaryKeyConstraint('addressees_key', ['approval_id', 'stage', 'addressee'])
    .addForeignKeyConstraint('addressees_stage', ['approval_id', 'stage'], 'stages', ['approval_id', 'number'])
    .execute();
  await schema
    .createTable('versions')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('edited_by', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('note', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('versions_key', ['approval_id', 'version'])
    .execute();
  await schema
    .createTable('votes')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('stage', 'integer', (column) => column.notNull())
    .addColumn('voter', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('on_behalf_of', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('vote', 'text', (column) => column.notNull().check(sql`vote in ('approve', 'reject')`))
    .addColumn('shown', 'text', (column) => column.notNull())
    .addColumn('note', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('votes_key', ['approval_id', 'version', 'voter'])
    .addUniqueConstraint('votes_person', ['approval_id', 'version', 'on_behalf_of'])
    .execute();
}
