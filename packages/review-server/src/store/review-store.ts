import type { ApprovalChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import type { PasskeySite } from '../passkey-site.ts';
import type { ReviewDatabase } from './database.ts';
import type { PasswordCost } from './password.ts';

/** Context of every store operation. */
export type ReviewStore = {
  database: ReviewDatabase;
  clock: () => Date;
  passwordCost: PasswordCost;
  /** Body of the notification of a new request. @default no notifications */
  notification?: ((approval: StoredApproval) => string) | undefined;
  /** Where passkeys work, or why they can't. @default nowhere */
  passkeySite?: () => PasskeySite | { problem: string };
  /** Called after the commit of every change, in the process that made it. */
  onChange: (change: ApprovalChange) => void;
};
