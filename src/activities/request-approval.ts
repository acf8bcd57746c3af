import type { RequestApprovalInput, RequestedApproval, RunActivities } from '../domain/activities.ts';
import { ReviewFailure } from '@holdpoint/cheqpoint';
import { composeReviewRequest } from './compose-review-request.ts';
import { requesterNamed, ownCall, toolOf, type ActivityDependencies } from './context.ts';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import type { Envelope } from '../signing/envelope.ts';
import { failure, toTemporalFailure } from './failure.ts';
import { withHeartbeats, type AttemptLease } from './attempt-lease.ts';
import { fromPayload } from './payloads.ts';
import { checkStandalone } from './standalone-approval.ts';
import type { RequestRow } from './ports.ts';

/** After a reply was lost at a service without idempotency keys, the same question is asked again after this. */
const doubtMs = 30_000;

/**
 * Sends one numbered request of a call's Approval to Cheqpoint. Safe to repeat: a request that was made is answered
 * from the database, and one whose reply was lost is repeated word for word under its idempotency key, or, where the
 * service has none, made again under the next number.
 * @throws ReviewUnavailable, ReviewDoubtful, AttemptTooOld (tried again); ReviewAccessDenied, ReviewRequestRefused,
 * ReviewUnreadable (park); InvalidRunInput for a standalone approval and can't be.
 */
export function createRequestApproval(dependencies: ActivityDependencies): RunActivities['requestApproval'] {
  const { config, review, requests, runs, values, now } = dependencies;

  return async (input) => await withHeartbeats(async (lease) => await ask(input, lease));

  async function ask(input: RequestApprovalInput, lease: AttemptLease): Promise<RequestedApproval> {
    const { key } = input.call;
    await ownCall(runs, key);
    const requester = requesterNamed(config, input.assistant);
    const tool = toolOf(requester, input.call);
    const rows = (await requests.list(key)).filter((row) => row.number >= input.number);
    // After a reset the run asks from the first number again; the newest request is the one that counts.
    const made = rows.findLast((row) => row.answered);
    if (made) return requested(made, input.number);
    // The tool went with a deploy: there is nothing to decide, and settling the call says so.
    if (rows.length === 0 && input.kind === 'call' && !tool) return { number: input.number, status: 'decided' };

    if (input.call.approval && tool) await checkStandalone(tool, await fromPayload(input.arguments, values));

    let number = input.number;
    let opened = false;
    try {
      const service = review(requester);
      const { idempotency, withdraw } = await service.capabilities();
      const lost = rows.at(-1);
      if (lost && !idempotency) {
        waitOutDoubt(lost);
        number = lost.number + 1;
      }
      const repeated = idempotency ? rows.find((row) => row.number === number) : undefined;
      const request =
        repeated?.request ?? (await composeReviewRequest(dependencies, input, requester, number, withdraw));
      // Another attempt may ask, or the run be cancelled, and nobody would withdraw what this one asked.
      lease.throwIfLost();
      opened =
        !repeated &&
        (await requests.open({ callKey: key, number, kind: input.kind, request, openedAt: now() })) === 'opened';
      lease.throwIfLost();

      // Not broken off by a cancellation any more: what was asked could not be withdrawn. The service bounds each call itself.
      const answer = await service.request(request);
      const decided = answer.status === 'approved' || answer.status === 'rejected';
      if (answer.status === 'unknown') {
        throw failure(
          'ReviewUnreadable',
          `The review service answered a new request with the status "${answer.statusWord}", which is none of Cheqpoint's.`,
        );
      }
      if (!decided && answer.id === null) {
        throw failure(
          'ReviewUnreadable',
          'The review service took a request but gave no id for it, so its decision can never be read.',
        );
      }
      const reply = { id: answer.id, reviewUrl: answer.reviewUrl, atOnce: decided ? answer : null };
      await requests.answered(key, number, reply);
      return requested({ number, request, ...reply }, input.number);
    } catch (error) {
      // A row that an earlier attempt opened may stand for a request that did arrive; so may ours, where a later one began.
      if (opened && !lease.lost && error instanceof ReviewFailure && !error.sent) await requests.abandon(key, number);
      throw toTemporalFailure(error);
    }
  }

  function waitOutDoubt(lost: RequestRow): void {
    const left = lost.openedAt + doubtMs - now();
    if (left <= 0) return;
    throw failure(
      'ReviewDoubtful',
      `The reply to request ${lost.number} was lost, so it may stand at Cheqpoint already. A new one follows in ${Math.ceil(left / 1000)} s.`,
      {
        retryAfterMs: left,
      },
    );
  }
}

function requested(
  row: Pick<RequestRow, 'number' | 'request' | 'id' | 'reviewUrl' | 'atOnce'>,
  asked: number,
): RequestedApproval {
  const { deadline } = row.request.details[RESERVED_DETAILS_KEY] as unknown as Envelope;
  return {
    number: row.number,
    status: row.atOnce ? 'decided' : 'pending',
    ...(row.id === null ? {} : { id: row.id }),
    ...(row.reviewUrl === null ? {} : { reviewUrl: row.reviewUrl }),
    ...(row.number > asked ? { possiblyTwo: true as const } : {}),
    ...(typeof deadline === 'number' ? { deadlineAt: deadline } : {}),
  };
}
