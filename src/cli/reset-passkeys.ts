import { processEnvironment } from '../config/environment.ts';
import { reviewDatabaseSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import { plain } from './plain.ts';

/**
 * `holdpoint review-server --reset-passkeys`: removes the passkeys of a user in the database itself, for the last
 * administrator who lost a device. Expected failures become one line on standard error.
 */
export async function resetPasskeys(name: string): Promise<void> {
  try {
    const { reviewDatabaseUrl } = readConfig(processEnvironment(), reviewDatabaseSchema);
    // Other commands don't load the review server.
    const { resetPasskeysInDatabase } = await import('@holdpoint/review-server');
    const ended = await resetPasskeysInDatabase(reviewDatabaseUrl.reveal(), name);
    if (ended === undefined)
      throw new Error(`There is no user ${plain(name)} in the database of HOLDPOINT_REVIEW_DATABASE_URL.`);
    process.stdout.write(
      `${plain(name)} has no passkeys now (${ended.passkeys} removed). ${ended.sessions} sessions ended. The audit has it.\n`,
    );
  } catch (error) {
    process.stderr.write(`holdpoint: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
