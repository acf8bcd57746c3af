import type { Transaction } from 'kysely';
import type { StoredApproval } from './approval.ts';
import type { ReviewTables } from './tables.ts';

/** Why the assistant's requests can't be approved now, and the number of open steps of the locked approval. */
export async function readPauseAndSteps(
  transaction: Transaction<ReviewTables>,
  { id, assistant_id, assistant }: StoredApproval,
): Promise<{ paused: string | undefined; openSteps: number }> {
  const { paused_at, paused_by, steps } = await transaction
    .selectFrom('assistants')
    .select([
      'paused_at',
      'paused_by',
      (eb) =>
        eb
          .selectFrom('steps')
          .select(({ fn }) => fn.countAll().as('count'))
          .where('approval_id', '=', id)
          .where('done_at', 'is', null)
          .as('steps'),
    ])
    .where('id', '=', assistant_id)
    .executeTakeFirstOrThrow();
  const paused =
    paused_at === null
      ? undefined
      : `The assistant "${assistant}" was paused by ${paused_by} at ${paused_at}, so its requests can't be approved. Reject this one, or ask an administrator to resume the assistant.`;
  return { paused, openSteps: Number(steps) };
}
