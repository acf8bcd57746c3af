import type { Assertion } from '../../src/contract/passkeys.ts';
import type { StepUpOptions } from '../../src/contract/step-up.ts';
import { request } from '../api/request.ts';
import { askPasskey, canUsePasskeys, PasskeyProblem } from '../session/passkey.ts';
import type { Answer } from './answer.ts';

/**
 * Confirms the approval of a critical request with a passkey, where the server wants one. Undefined where it does not.
 *
 * @throws PasskeyProblem, RequestProblem.
 */
export async function confirmCritical(id: string, act: Answer & { shown: string }): Promise<Assertion | undefined> {
  if (act.decision === 'reject' || act.decision === 'give-up') return undefined;
  const asked = await request<StepUpOptions>('POST', `/approvals/${encodeURIComponent(id)}/step-up`, act);
  if (!asked.needed) return undefined;
  if (!canUsePasskeys(asked.origin))
    throw new PasskeyProblem(`Your passkey works at ${asked.origin} only. Open the request there to approve it.`);
  return askPasskey(asked.options);
}
