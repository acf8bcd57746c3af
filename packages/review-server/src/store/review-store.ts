import type { ApprovalChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import type { DueDelivery } from './due-delivery.ts';
import type { PasskeySite } from '../passkey-site.ts';
import type { ReviewDatabase } from './database.ts';
import type { PasswordCost } from './password.ts';

/** Context of every store operation. */
export type ReviewStore = {
  database: ReviewDatabase;
  clock: () => Date;
  passwordCost: PasswordCost;
  /** Body of a notification. @default no notifications */
  notification?: ((approval: StoredApproval, cause: NotificationCause) => string) | undefined;
  /** Where passkeys work, or why they can't. @default nowhere */
  passkeySite?: () => PasskeySite | { problem: string };
  /**
   * Sends deliveries that were leased to this process, after their commit. Resolves when they were tried.
   * @default the next round sends them
   */
  deliver?: ((leased: readonly DueDelivery[]) => Promise<void> | undefined) | undefined;
  /** Called after the commit of every change, in the process that made it. */
  onChange: (change: ApprovalChange) => void;
};

/** Why people are told of a request. `to`: the group that may decide now, too. */
export type NotificationCause = { kind: 'new' | 'reminder' | 'overdue' } | { kind: 'escalation'; to: string };
