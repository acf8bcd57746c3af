import type { ReviewDatabase } from './database.ts';

/** What every operation of the store needs. */
export interface ReviewStore {
  database: ReviewDatabase;
  clock: () => Date;
  /** Called after the commit of every close, in the process that made it. */
  onClosed: (approvalId: string) => void;
}
