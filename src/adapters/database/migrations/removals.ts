import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Finds the runs that continue another one. */
export const removals: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createIndex('holdpoint_transcripts_parent')
      .on('holdpoint_transcripts')
      .column('parent')
      .execute();
  },
};
