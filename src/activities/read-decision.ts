import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import type { OpenRequest } from '../domain/activities.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { type Envelopes, sealedDeadline } from '../signing/envelope.ts';
import type { Approved, Clearance, Decided, Refused } from './clearance.ts';
import { failure } from './failure.ts';
import type { RequestRow } from './ports.ts';
import type { Ahead } from './read-ahead.ts';

export type Reading = {
  /** Name of the assistant whose call it is. */
  assistant: string;
  service: ReviewService;
  envelopes: Envelopes;
  /** All requests of one kind of the call's Approval, oldest first, at least one. The newest counts. */
  rows: RequestRow[];
  /** Ids that hints gave for requests whose reply was lost. */
  lost: Array<{ number: number; id: string }>;
  /** Close the request if it is still open: the deadline has passed, or a newer message replaces the call. */
  close: 'expired' | 'superseded' | null;
  signal: AbortSignal;
  now: number;
  /** A read that has begun. @default none */
  ahead?: Ahead['read'];
};

/** Characters of the names of reviewers. */
const longestNames = 300;

/** The newest request that can be read, with its answer. */
type Found = { row: RequestRow; answer: ReviewAnswer };

/**
 * Reads the decision on a call at its source, and accepts only a decision that is bound to this request.
 * @throws ReviewFailure; ReviewUnreadable (parks) for an answer that can't be trusted.
 */
export async function readDecision(
  reading: Reading,
): Promise<Decided | Extract<Clearance, { type: 'wait' | 'review' }>> {
  const found = (await readLost(reading)) ?? (await readNewest(reading));
  // The reply to the newest request is unknown: the request is made again.
  if (!found) return { type: 'review', args: withoutReserved((reading.rows.at(-1) as RequestRow).request.details) };
  const { row, answer } = found;
  const deadline = sealedDeadline(row.request.details);
  // A service that keeps the deadline does so by its own clock.
  const passed = answer.expiresAt === undefined && deadline !== null && reading.now >= deadline;
  const expires = reading.close === 'expired' || passed;
  const reason = expires ? 'expired' : reading.close;
  const closed = answer.status === 'pending' && reason ? await close(reading, answer, reason) : answer;
  switch (closed.status) {
    case 'pending':
      return { type: 'wait', request: openRequest(row) };
    case 'unknown':
      throw failure(
        'ReviewUnreadable',
        `The answer of the review service for request ${row.number} (${closed.id ?? 'no id'}) can't be read as a decision: the status is "${closed.statusWord}", or the edit is not an object. Nothing was carried out.`,
      );
    case 'rejected':
      return named(refusal(closed, row, expires), closed, row);
    case 'approved':
      return named(
        isBeforeDeadline(closed, deadline, reading.now) ? approval(closed, row, reading) : expired(closed),
        closed,
        row,
      );
  }
}

/** A request whose reply was lost counts if a hint gave its id, we sealed what it holds, and it is decided. */
async function readLost({ rows, lost, service, envelopes, signal }: Reading): Promise<Found | undefined> {
  const newestKnown = rows.findLastIndex((row, index) => row.answered && index < rows.length - 1);
  for (const row of rows.slice(newestKnown + 1)) {
    const named = row.answered ? undefined : lost.find(({ number }) => number === row.number);
    if (!named) continue;
    try {
      const answer = await service.read(named.id, signal);
      const opened = answer.details && envelopes.open(answer.details);
      const ours = opened && opened.envelope.callKey === row.callKey && opened.envelope.number === row.number;
      if (ours && (answer.status === 'approved' || answer.status === 'rejected')) return { row, answer };
    } catch (error) {
      if (!(error instanceof ReviewFailure)) throw error;
    }
  }
  return undefined;
}

async function readNewest({ rows, service, signal, ahead }: Reading): Promise<Found | undefined> {
  const row = rows.at(-1);
  if (!row?.answered) return undefined;
  if (row.id !== null) {
    const begun = await ahead;
    return { row, answer: begun?.id === row.id ? begun.answer : await service.read(row.id, signal) };
  }
  // Decided at once and without an id: there is nothing to GET, so the stored reply counts.
  return row.atOnce ? { row, answer: { ...row.atOnce, details: row.request.details } } : undefined;
}

/** Closes the request where the service can, so that an earlier decision wins. Hosted Cheqpoint can't close. */
async function close(
  { service, signal }: Reading,
  answer: ReviewAnswer,
  reason: 'expired' | 'superseded',
): Promise<ReviewAnswer> {
  const { withdraw } = await service.capabilities();
  if (withdraw && answer.id !== null) return await service.close(answer.id, reason, signal);
  return { ...answer, status: 'rejected', reasonCode: reason };
}

/** Adds the names that the record of the run shows. */
function named<Read extends Decided | { type: 'wait' }>(
  read: Read,
  answer: ReviewAnswer,
  { number }: RequestRow,
): Read {
  if (read.type === 'wait') return read;
  const { id, ruleName } = answer;
  const decider = { reviewer: reviewersOf(answer), rule: ruleName };
  return { ...read, request: { number, id }, decider };
}

/** Where several approved: all of them, in the order of their votes. A rejection is one person's. */
function reviewersOf({ status, decidedBy, votes = [] }: ReviewAnswer): string | null {
  const names = votes
    .filter(({ vote }) => status === 'approved' && vote === 'approve')
    .map(({ by, onBehalfOf }) => (onBehalfOf === null ? by : `${by} for ${onBehalfOf}`));
  return names.length > 0 ? [...new Set(names)].join(', ').slice(0, longestNames) : (decidedBy ?? null);
}

function refusal(answer: ReviewAnswer, row: RequestRow, expires: boolean): Refused | { type: 'wait' } {
  const { decidedAt, reasonCode } = answer;
  const rejected = (by: 'person' | 'rule' | 'system'): Refused =>
    refused({ outcome: 'rejected', by, decidedAt }, by === 'person' ? answer.note : null);
  switch (reasonCode) {
    case 'expired':
      return expired(answer);
    case 'withdrawn':
    case 'superseded':
      return refused({ outcome: 'withdrawn', by: 'system', decidedAt, superseded: reasonCode === 'superseded' });
    case 'limit':
    case 'loop':
    case 'paused':
      return rejected('system');
    case 'person':
      return rejected('person');
    default:
  }
  // Hosted Cheqpoint rejects unanswered requests automatically and marks them `retryable`.
  if (answer.retryable) return expires ? expired(answer) : { type: 'wait' };
  if (answer.autoDecided || reasonCode === 'rule') return rejected('rule');
  return rejected(row.atOnce ? 'system' : 'person');
}

function approval(answer: ReviewAnswer, row: RequestRow, { envelopes, assistant }: Reading): Approved {
  if (!answer.details) {
    throw failure(
      'ReviewUnreadable',
      `Request ${row.number} is approved, but the answer of the review service has no details, so the approved arguments are unknown. Nothing was carried out.`,
    );
  }
  const opened = envelopes.open(answer.details);
  const { envelope } = opened ?? {};
  if (
    !opened ||
    envelope?.callKey !== row.callKey ||
    envelope.number !== row.number ||
    envelope.kind !== row.kind ||
    envelope.assistant !== assistant
  ) {
    throw failure(
      'ReviewUnreadable',
      `The approval that the review service shows for request ${row.number} is not bound to this call: it was altered, is of another call, or was sealed with a HOLDPOINT_SECRET that this worker no longer knows. Nothing was carried out.`,
    );
  }
  const byRule = answer.autoDecided || answer.reasonCode === 'rule' || row.atOnce !== null;
  const modified = answer.modifiedDetails && withoutReserved(answer.modifiedDetails);
  return {
    type: 'approved',
    decision: {
      outcome: 'approved',
      by: byRule ? 'rule' : 'person',
      decidedAt: answer.decidedAt,
      edited: modified !== null,
    },
    note: byRule ? null : answer.note,
    envelope: opened.envelope,
    args: opened.args,
    modified,
    removed: answer.removed ?? [],
    request: { number: row.number, id: answer.id },
  };
}

function expired({ decidedAt }: ReviewAnswer): Refused {
  return refused({ outcome: 'expired', by: 'system', decidedAt });
}

function refused(decision: Refused['decision'], note: string | null = null): Refused {
  return { type: 'refused', decision, note };
}

/**
 * A decision counts if it was made before the deadline, however late it is read. Both times are of one clock where the
 * service keeps the deadline. A decision without a time counts until the deadline.
 */
function isBeforeDeadline({ decidedAt, expiresAt }: ReviewAnswer, deadline: number | null, now: number): boolean {
  if (deadline === null) return true;
  const at = decidedAt === null ? Number.NaN : Date.parse(decidedAt);
  if (Number.isNaN(at)) return now < deadline;
  const kept = Date.parse(expiresAt ?? '');
  return at <= (Number.isNaN(kept) ? deadline : kept);
}

function openRequest(row: RequestRow): OpenRequest {
  const { number, kind, id, reviewUrl } = row;
  const deadline = sealedDeadline(row.request.details);
  return {
    number,
    kind,
    ...(id !== null && { id }),
    ...(reviewUrl !== null && { reviewUrl }),
    ...(deadline !== null && { deadlineAt: deadline }),
  };
}
