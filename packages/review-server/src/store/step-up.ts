import type { Transaction } from 'kysely';
import { stableJson } from '@holdpoint/json';
import { sha256 } from '@holdpoint/json/digest';
import type { Assertion } from '../contract/passkeys.ts';
import type { ReviewerDecision } from '../contract/reviewer-api.ts';
import { siteOf } from '../passkey-site.ts';
import type { StoredApproval } from './approval.ts';
import { checkAssertion, recordRefusal, refusalTexts } from './check-assertion.ts';
import { listPasskeys, rulesIn } from './passkeys.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** A passkey's answer for one decision, and the session that asked for it. */
export type StepUp = { response: Assertion; sessionId: string };

/** The act that a passkey confirms. */
export type ConfirmedAct = Pick<ReviewerDecision, 'decision' | 'modifiedDetails' | 'removed'> & {
  approval: Pick<StoredApproval, 'id' | 'version'>;
  /** Digest of what the person saw. */
  shown: string;
};

/** Digest of an act, which its challenge is bound to. Another request, version, decision or edit has another one. */
export function actDigest({ approval, decision, modifiedDetails = null, removed = [], shown }: ConfirmedAct): string {
  const { id, version } = approval;
  return sha256(stableJson({ id, version, decision, shown, modifiedDetails, removed: [...removed].toSorted() }));
}

/** True if this decision is an approval that may need a passkey. Rejecting never does. */
export function isCriticalApproval(
  { risk_level }: Pick<StoredApproval, 'risk_level'>,
  decision: ReviewerDecision['decision'],
): boolean {
  return risk_level.toLowerCase() === 'critical' && decision !== 'reject' && decision !== 'give-up';
}

/** Whether a critical approval of this user needs a passkey, or why the user can't give one. */
export async function stepUpFor(
  store: ReviewStore,
  transaction: Pick<Transaction<ReviewTables>, 'selectFrom'>,
  userId: string,
): Promise<'none' | 'needed' | { problem: string }> {
  const { stepUp } = await rulesIn(transaction);
  if (stepUp === 'off') return 'none';
  const own = await listPasskeys({ kysely: transaction }, userId);
  if (own.length === 0 && stepUp === 'enrolled') return 'none';
  const site = siteOf(store);
  if ('problem' in site) return { problem: `Approving a critical request needs a passkey. ${site.problem}` };
  if (own.length > 0) return 'needed';
  return {
    problem: `Approving a critical request needs a passkey, and you have none. Add one in the inbox at ${site.origin}: user menu, Your passkeys. Rejecting needs none.`,
  };
}

/**
 * Checks the passkey for the approval of a critical request, in the transaction of the decision. Returns the id of the
 * passkey, undefined where none is needed, or the reason for a refusal, which is recorded.
 */
export async function checkStepUp(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  { act, user, stepUp }: { act: ConfirmedAct; user: { id: string; name: string }; stepUp: StepUp | undefined },
): Promise<{ passkey: string | undefined } | { problem: string }> {
  const need = await stepUpFor(store, transaction, user.id);
  if (typeof need === 'object') return need;
  if (need === 'none') return { passkey: undefined };
  if (stepUp === undefined)
    return {
      problem: `Approving a critical request needs your passkey. Approve it in the inbox: a program can't.`,
    };
  const check = await checkAssertion(store, transaction, stepUp.response, {
    kinds: ['step-up'],
    userId: user.id,
    sessionId: stepUp.sessionId,
    boundDigest: actDigest(act),
  });
  if (check.ok) return { passkey: check.passkey.id };
  await recordRefusal(store, transaction, { user: user.name, purpose: 'step-up', check, subject: act.approval.id });
  return { problem: `${refusalTexts[check.reason]} Nothing was decided.` };
}
