import type { Marks, StoredApproval } from './approval.ts';
import { readClaims } from './claims.ts';
import { readHolds } from './read-holds.ts';
import { countOpenQuestions } from './questions.ts';
import type { ReviewStore } from './review-store.ts';
import { readDueTimes } from './read-times.ts';
import { readTurns } from './show-votes.ts';

/** The marks of these approvals. Closed ones show turns only, so the rest is not read for them. */
export async function readMarks(store: ReviewStore, approvals: readonly StoredApproval[]): Promise<Marks> {
  const { reads } = store.database;
  const ids = approvals.flatMap(({ id, status }) => (status === 'PENDING' ? [id] : []));
  return {
    claims: ids.length === 0 ? new Map() : await readClaims(store, ids.length === 1 ? ids[0] : undefined),
    holds: await readHolds(reads, ids),
    turns: await readTurns(reads, approvals),
    openQuestions: await countOpenQuestions(store, ids),
    dueTimes: await readDueTimes(reads, approvals),
  };
}
