import type { Transaction } from 'kysely';
import { nameKey } from '../policy/person-names.ts';
import { appendAudit } from './audit.ts';
import type { ReviewTables } from './tables.ts';

/** `added_by` of memberships that follow the provider. Administrators' names can't begin so. */
const addedByProvider = '(identity provider)';

/**
 * Makes the user a member of the groups that have the names of the provider's groups, and of no other by the provider.
 * Memberships by an administrator stay.
 */
export async function followGroups(
  transaction: Transaction<ReviewTables>,
  { userId, name, groups, at }: { userId: string; name: string; groups: readonly string[]; at: string },
): Promise<void> {
  const keys = [...new Set(groups.map(nameKey))];
  const ours =
    keys.length === 0
      ? []
      : (
          await transaction
            .selectFrom('groups')
            .select(['id', 'name', 'name_key'])
            .where('removed_at', 'is', null)
            .execute()
        ).filter(({ name_key }) => keys.includes(name_key));
  const ids = ours.map(({ id }) => id);
  const left = await transaction
    .deleteFrom('group_members')
    .where('user_id', '=', userId)
    .where('added_by', '=', addedByProvider)
    .$if(ids.length > 0, (query) => query.where('group_id', 'not in', ids))
    .returning('group_id')
    .execute();
  const joined =
    ids.length === 0
      ? []
      : await transaction
          .insertInto('group_members')
          .values(ids.map((group_id) => ({ group_id, user_id: userId, added_at: at, added_by: addedByProvider })))
          .onConflict((conflict) => conflict.doNothing())
          .returning('group_id')
          .execute();
  for (const [rows, change] of [
    [left, 'left'],
    [joined, 'joined'],
  ] as const)
    for (const { group_id } of rows)
      await appendAudit(transaction, {
        at,
        actor: 'system',
        event: 'group-changed',
        subject: group_id,
        facts: { by: 'provider', [change]: name },
      });
}
