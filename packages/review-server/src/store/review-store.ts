import type { ApprovalChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import type { ReviewDatabase } from './database.ts';
import type { PasswordCost } from './password.ts';

/** What every operation of the store needs. */
export interface ReviewStore {
  database: ReviewDatabase;
  clock: () => Date;
  passwordCost: PasswordCost;
  /** The body of the message that tells people of a new request. Default: nobody is told. */
  notification?: ((approval: StoredApproval) => string) | undefined;
  /** Called after the commit of every change, in the process that made it. */
  onChange: (change: ApprovalChange) => void;
}
