import { settingsSchema, type ChangeSettings, type Settings } from '../contract/settings.ts';
import type { ReviewStore } from './review-store.ts';

/** The settings of a user. Leaves out stored values that this version can't read. */
export async function readSettings({ database }: ReviewStore, userId: string): Promise<Settings> {
  const row = await database.reads
    .selectFrom('user_settings')
    .select('settings')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row === undefined ? {} : readable(parse(row.settings));
}

/** Changes some settings of a user and returns all. Null removes one. Settings of a newer version stay. */
export async function changeSettings(
  { database }: ReviewStore,
  userId: string,
  change: ChangeSettings,
): Promise<Settings> {
  return database.kysely.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('user_settings')
      .values({ user_id: userId, settings: '{}' })
      .onConflict((conflict) => conflict.column('user_id').doNothing())
      .execute();
    const { settings } = await transaction
      .selectFrom('user_settings')
      .select('settings')
      .where('user_id', '=', userId)
      .$if(database.kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirstOrThrow();
    const changed = Object.fromEntries(
      Object.entries({ ...parse(settings), ...change }).filter(([, value]) => value !== null && value !== undefined),
    );
    await transaction
      .updateTable('user_settings')
      .set({ settings: JSON.stringify(changed) })
      .where('user_id', '=', userId)
      .execute();
    return readable(changed);
  });
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

function readable(stored: Record<string, unknown>): Settings {
  return Object.fromEntries(
    Object.entries(settingsSchema.shape).flatMap(([name, field]) => {
      const { success, data } = field.safeParse(stored[name]);
      return success && data !== undefined ? [[name, data]] : [];
    }),
  );
}
