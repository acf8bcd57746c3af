import { sql } from 'kysely';
import type { ExecuteStep } from '../src/store/execute-step.ts';

/** A kind of step that counts its executions in the approval's row: one letter each. */
export const countingStep: ExecuteStep = async ({ transaction, approval }) => {
  await transaction
    .updateTable('approvals')
    .set({ run_url: sql<string>`coalesce(run_url, '') || 'x'` })
    .where('id', '=', approval.id)
    .execute();
  return { result: 'executed' };
};
