import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import { dropTraces, isLastAdmin, lockUsers } from './users.ts';

/**
 * Result of a link. `not-of-provider`: the other user did not come from the identity provider, or has a password.
 * `has-votes`: an open approval has a vote or an edit of the other user, so the person would count twice.
 */
export type LinkResult = { outcome: 'done' | 'not-found' | 'same' | 'not-of-provider' | 'has-votes' | 'last-admin' };

/**
 * Gives a user the sign-in of another one, whom the identity provider's first sign-in added, and removes that other one.
 * The person decides with one name from then on.
 */
export async function linkUser(
  { database, clock }: ReviewStore,
  { name, other: otherName, by }: { name: string; other: string; by: string },
): Promise<LinkResult> {
  return database.kysely.transaction().execute(async (transaction) => {
    const users = await lockUsers(transaction, database.kind);
    const user = users.find((each) => each.name === name);
    const other = users.find((each) => each.name === otherName);
    if (user === undefined || other === undefined) return { outcome: 'not-found' };
    if (user === other) return { outcome: 'same' };
    if (isLastAdmin(other, users)) return { outcome: 'last-admin' };
    const vote = await transaction
      .selectFrom('votes')
      .innerJoin('approvals', 'approvals.id', 'votes.approval_id')
      .select('votes.approval_id')
      .where((eb) => eb.or([eb('votes.voter', '=', other.id), eb('votes.on_behalf_of', '=', other.id)]))
      .where('approvals.status', '=', 'PENDING')
      .executeTakeFirst();
    const edit = await transaction
      .selectFrom('approvals')
      .select('id')
      .where('proposed_by', '=', other.id)
      .where('status', '=', 'PENDING')
      .executeTakeFirst();
    if (vote !== undefined || edit !== undefined) return { outcome: 'has-votes' };
    const identity = await transaction
      .selectFrom('provider_identities')
      .select('subject')
      .where('user_id', '=', other.id)
      .executeTakeFirst();
    if (other.password_hash !== '' || identity === undefined) return { outcome: 'not-of-provider' };
    await transaction
      .updateTable('provider_identities')
      .set({ user_id: user.id })
      .where('user_id', '=', other.id)
      .execute();
    const at = clock().toISOString();
    await dropTraces(transaction, other.id, at);
    await transaction.updateTable('users').set({ removed_at: at }).where('id', '=', other.id).execute();
    const actor = `reviewer:${by}`;
    await appendAudit(transaction, { at, actor, event: 'user-linked', subject: name, facts: { from: otherName } });
    await appendAudit(transaction, { at, actor, event: 'user-removed', subject: otherName, facts: { linkedTo: name } });
    return { outcome: 'done' };
  });
}
