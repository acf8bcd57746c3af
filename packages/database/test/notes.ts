import { openDatabase, type Database } from '@holdpoint/database';

export type NotesTables = { notes: { id: number; text: string } };

/** A small database of one table for the tests. */
export function openNotes(url: string, onLost?: (error: Error) => void): Promise<Database<NotesTables>> {
  return openDatabase<NotesTables>({
    url,
    owner: "The notebook's",
    migrations: () => ({
      '0001-notes': {
        async up(database) {
          await database.schema
            .createTable('notes')
            .addColumn('id', 'integer', (column) => column.primaryKey())
            .addColumn('text', 'text', (column) => column.notNull())
            .execute();
        },
      },
    }),
    migrationTables: { migrations: 'notes_migrations', lock: 'notes_migration_lock' },
    ...(onLost === undefined ? {} : { onLost }),
  });
}
