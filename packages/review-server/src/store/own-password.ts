import { appendAudit } from './audit.ts';
import { hashPassword } from './password.ts';
import type { ReviewStore } from './review-store.ts';
import type { Reviewer } from './users.ts';

/**
 * Replaces the password of a signed-in user, who has proved the present one, and ends the other sessions. Returns their
 * number. Undefined if the user was removed meanwhile.
 */
export async function changeOwnPassword(
  { database, clock, passwordCost }: ReviewStore,
  { id, name }: Reviewer,
  { password, keptSession }: { password: string; keptSession: string },
): Promise<number | undefined> {
  const password_hash = await hashPassword(password, passwordCost);
  return database.kysely.transaction().execute(async (transaction) => {
    const changed = await transaction
      .updateTable('users')
      .set({ password_hash })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) return undefined;
    const ended = await transaction
      .deleteFrom('sessions')
      .where('user_id', '=', id)
      .where('id', '!=', keptSession)
      .returning('expires_at')
      .execute();
    const at = clock().toISOString();
    const sessions = ended.filter(({ expires_at }) => expires_at > at).length;
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${name}`,
      event: 'password-changed',
      subject: name,
      facts: { sessions },
    });
    return sessions;
  });
}
