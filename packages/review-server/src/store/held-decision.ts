import type { Transaction } from 'kysely';
import { parseExactJson } from '@holdpoint/json';
import type { ReviewerDecision } from '../contract/reviewer-api.ts';
import type { StepsTable } from './steps-table.ts';
import type { ReviewTables } from './tables.ts';

/** The kind of the step that makes a held decision. */
export const heldDecision = 'held-decision';

/** A whole decision, and the digest of what the person saw. */
export type HeldDecision = {
  /** Id of the user. */
  by: string;
  name: string;
  /** Id of the user whose vote it is. */
  onBehalfOf: string;
  /** The same for all decisions of one call. */
  batch?: string | undefined;
  answer: Pick<ReviewerDecision, 'decision' | 'modifiedDetails' | 'removed' | 'note'> & { shown: string };
};

/** Reads the facts of a step. Numbers keep the digits they were written with. */
export function readHeld({ facts }: Pick<StepsTable, 'facts'>): HeldDecision {
  return parseExactJson(facts) as HeldDecision;
}

/** The steps of the decisions that people hold on an approval. */
export async function readHeldSteps(transaction: Transaction<ReviewTables>, approvalId: string): Promise<StepsTable[]> {
  return transaction
    .selectFrom('steps')
    .selectAll()
    .where('approval_id', '=', approvalId)
    .where('kind', '=', heldDecision)
    .where('done_at', 'is', null)
    .execute();
}
