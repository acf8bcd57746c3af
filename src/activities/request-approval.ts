import { Context } from '@temporalio/activity';
import type { RequestApprovalInput, RequestedApproval, RunActivities } from '../domain/activities.ts';
import { ReviewFailure, type ReviewAnswer, type ReviewRequest } from '@holdpoint/cheqpoint';
import { composeReviewRequest } from './compose-review-request.ts';
import { requesterNamed, ownCall, toolOf, type ActivityDependencies } from './context.ts';
import { createBeginRun } from './record-run.ts';
import { sealedDeadline } from '../signing/envelope.ts';
import { failure, toTemporalFailure } from './failure.ts';
import { withHeartbeats, type AttemptLease } from './attempt-lease.ts';
import { fromPayload } from './payloads.ts';
import { ownEntry } from './own-conversation.ts';
import { openReason } from './sealed-reason.ts';
import { checkDetails } from './standalone-approval.ts';
import type { RequestRow } from './ports.ts';
import { keepEntries } from './keep-entries.ts';
import { waitForAssistant } from './wait-for-assistant.ts';

/** Milliseconds until a request is repeated whose reply was lost, at a service without idempotency keys. */
const doubtMs = 30_000;
/** Clocks that differ less count as equal. */
const smallDifferenceMs = 1000;
/** Characters of the text that says who may decide. */
const longestDeciders = 500;

/**
 * Sends one numbered request of a call's Approval to Cheqpoint. Safe to retry: a request that was made is answered from
 * the database. One whose reply was lost is repeated word for word under its idempotency key. Where the service has no
 * such keys, it is made again under the next number.
 * @throws ReviewUnavailable, ReviewDoubtful, AttemptTooOld (retried); ReviewAccessDenied, ReviewRequestRefused,
 * ReviewUnreadable (park); InvalidRunInput for a malformed standalone approval.
 */
export function createRequestApproval(dependencies: ActivityDependencies): RunActivities['requestApproval'] {
  const { config, review, requests, runs, values, envelopes, now } = dependencies;
  const beginRun = createBeginRun(dependencies);

  return async (input) => await withHeartbeats(async (lease) => await ask(input, lease));

  async function ask(input: RequestApprovalInput, lease: AttemptLease): Promise<RequestedApproval> {
    const { key } = input.call;
    const { firstRunId } = await ownCall(runs, key);
    const attempt = { ...dependencies, transcripts: keepEntries(dependencies.transcripts) };
    if (input.conversation) await ownEntry(attempt, input.conversation, firstRunId);
    await waitForAssistant(dependencies, input.assistant, { begun: input.call.approval === undefined });
    const requester = requesterNamed(config, input.assistant);
    const tool = toolOf(requester, input.call);
    if (input.call.approval) await beginRun({ firstRunId, assistant: input.assistant, context: input.context });
    const all = await requests.list(key);
    const rows = all.filter((row) => row.number >= input.number);
    // After a reset the run starts from the first number again, and the newest request counts.
    const made = rows.findLast((row) => row.answered);
    if (made) return requested(made, input, now());
    // A deploy removed the tool: there is nothing to decide, and `settleToolCall` answers the call.
    if (rows.length === 0 && input.kind === 'call' && !tool) return { number: input.number, status: 'decided' };

    if (input.call.approval && tool) await checkDetails(tool, await fromPayload(input.arguments, values));

    let number = input.number;
    let opened = false;
    try {
      const service = review(requester);
      const { idempotency, withdraw } = await service.capabilities();
      // A local Activity ends after two seconds. Without such keys a slower answer would mean a second request.
      if (!idempotency && Context.current().info.isLocal) return { number, status: 'deferred' };
      const lost = rows.at(-1);
      if (lost && !idempotency) {
        waitOutDoubt(lost);
        number = lost.number + 1;
      }
      const repeated = idempotency ? rows.find((row) => row.number === number) : undefined;
      const request =
        repeated?.request ?? (await composeReviewRequest(attempt, trusted(input, all), requester, number, withdraw));
      // After a lost lease or a cancellation, this request would stay open.
      lease.throwIfLost();
      opened =
        !repeated &&
        (await requests.open({ callKey: key, number, kind: input.kind, request, openedAt: now() })) === 'opened';
      lease.throwIfLost();

      // A cancellation does not abort this call, since a request without an id can't be withdrawn. The service has a
      // timeout.
      const answer = await service.request(request);
      const decided = answer.status === 'approved' || answer.status === 'rejected';
      if (answer.status === 'unknown') {
        throw failure(
          'ReviewUnreadable',
          `The review service answered a new request with the unknown status "${answer.statusWord}".`,
        );
      }
      if (!decided && answer.id === null) {
        throw failure(
          'ReviewUnreadable',
          "The review service accepted a request without giving its id, so the decision can't be read.",
        );
      }
      const reply = { id: answer.id, reviewUrl: answer.reviewUrl, atOnce: decided ? answer : null };
      await requests.answered(key, number, reply);
      return requested({ number, request, ...reply }, input, now(), decidersOf(answer, request));
    } catch (error) {
      // An earlier attempt's request may have arrived, so its row stays. So does this row, if a later attempt has
      // begun.
      if (opened && !lease.lost && error instanceof ReviewFailure && !error.sent) await requests.abandon(key, number);
      throw toTemporalFailure(error);
    }
  }

  /**
   * The input with a reason only if a worker sealed it, and with the deadline that the first recorded request fixed.
   */
  function trusted(input: RequestApprovalInput, recorded: RequestRow[]): RequestApprovalInput {
    const { because: _, deadlineAt: __, draft, ...rest } = input;
    const because = openReason(envelopes, input);
    const first = recorded.find(({ kind }) => kind === 'call');
    const deadlineAt = first && sealedDeadline(first.request.details);
    return {
      ...rest,
      ...(because !== undefined && { because }),
      // The seal of the reason covers the draft, so a draft without a sealed reason is made up.
      ...(because !== undefined && because === input.because && draft && { draft }),
      ...(deadlineAt != null && { deadlineAt }),
    };
  }

  function waitOutDoubt(lost: RequestRow): void {
    const left = lost.openedAt + doubtMs - now();
    if (left <= 0) return;
    throw failure(
      'ReviewDoubtful',
      `The reply to request ${lost.number} was lost, so Cheqpoint may have it. A new one follows in ${Math.ceil(left / 1000)} s.`,
      {
        retryAfterMs: left,
      },
    );
  }
}

function requested(
  row: Pick<RequestRow, 'number' | 'request' | 'id' | 'reviewUrl' | 'atOnce'>,
  { number: asked, askedAt }: Pick<RequestApprovalInput, 'number' | 'askedAt'>,
  now: number,
  deciders = decidersOf({}, row.request),
): RequestedApproval {
  const deadline = sealedDeadline(row.request.details);
  return {
    number: row.number,
    status: row.atOnce ? 'decided' : 'pending',
    ...(row.id === null ? {} : { id: row.id }),
    ...(row.reviewUrl === null ? {} : { reviewUrl: row.reviewUrl }),
    ...(deciders === undefined ? {} : { deciders }),
    ...(row.number > asked ? { possiblyTwo: true as const } : {}),
    ...(deadline === null ? {} : { deadlineAt: deadline + behindTemporal(now, askedAt), expiresInMs: deadline - now }),
  };
}

/** Such as `2 of marketing, then 1 of legal`. Undefined if neither the service nor the tool says. */
function decidersOf({ stages }: Pick<ReviewAnswer, 'stages'>, { by }: Pick<ReviewRequest, 'by'>): string | undefined {
  const asked = stages ?? by?.map(({ group, approvals }) => ({ of: [group], needed: approvals }));
  return asked
    ?.map(({ of, needed }) => {
      const names = of.join(' or ');
      return needed === 1 && /^an? /.test(names) ? names : `${needed} of ${names}`;
    })
    .join(', then ')
    .slice(0, longestDeciders);
}

/**
 * How far the clock of this worker is behind Temporal's at least, in milliseconds: no Activity begins before its time.
 * A local Activity is scheduled by the worker, so it is told Temporal's time.
 */
function behindTemporal(now: number, askedAt: number | undefined): number {
  const behindMs = (askedAt ?? Context.current().info.currentAttemptScheduledTimestampMs) - now;
  return behindMs > smallDifferenceMs ? behindMs : 0;
}
