import type { ApprovalChange } from './approval-changes.ts';
import type { ReviewDatabase } from './database.ts';

/** What every operation of the store needs. */
export interface ReviewStore {
  database: ReviewDatabase;
  clock: () => Date;
  /** Called after the commit of every change, in the process that made it. */
  onChange: (change: ApprovalChange) => void;
}
