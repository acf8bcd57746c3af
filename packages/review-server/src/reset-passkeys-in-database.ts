import { openReviewDatabase } from './store/database.ts';
import { resetPasskeys } from './store/manage-passkeys.ts';

/**
 * Removes all passkeys of a user and ends the sessions, with the database as the only proof. Servers on it may run.
 * Undefined for an unknown user.
 */
export async function resetPasskeysInDatabase(
  databaseUrl: string,
  name: string,
): Promise<{ passkeys: number; sessions: number } | undefined> {
  const database = await openReviewDatabase(databaseUrl, () => undefined);
  try {
    return await resetPasskeys({ database, clock: () => new Date() }, name, null);
  } finally {
    await database.close();
  }
}
