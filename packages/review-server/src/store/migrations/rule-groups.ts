import type { Kysely } from 'kysely';

/** The groups to which a rule addresses requests. */
export async function ruleGroups(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('rules').addColumn('by', 'text').execute();
}
