import type { OpenRequest } from '../domain/activities.ts';
import type { Decision } from '../domain/decision.ts';
import type { JsonObject } from '@holdpoint/json';
import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { withoutEnvelope, type Envelope, type Envelopes } from '../signing/envelope.ts';
import { failure } from './failure.ts';
import type { RequestRow } from './ports.ts';

/** What a request's answer means. Nothing but `approved` ever lets a call act. */
export type Verdict =
  | { type: 'open'; row: RequestRow }
  /** No reply to the newest request is known, so it has to be made again. */
  | { type: 'unanswered'; row: RequestRow }
  | {
      type: 'approved';
      envelope: Envelope;
      args: JsonObject;
      modified: JsonObject | null;
      note: string | null;
      decision: Decision;
      request: RequestRow;
      id: string | null;
    }
  | { type: 'rejected'; note: string | null; decision: Decision }
  | { type: 'ask-again' };

export type Reading = {
  /** Whose call it is. */
  assistant: string;
  service: ReviewService;
  envelopes: Envelopes;
  /** All requests of the call's Approval of one kind, oldest first, at least one; the newest counts. */
  rows: RequestRow[];
  /** Requests whose reply was lost, as news named them. */
  lost: Array<{ number: number; id: string }>;
  /** Close what is still open: time is up, or a newer message replaces the call. */
  close: 'expired' | 'superseded' | null;
  signal: AbortSignal;
  now: number;
};

/**
 * Reads what people decided, at its source, and believes only what is bound to this very request.
 * @throws ReviewFailure; ReviewUnreadable (parks) for an answer that can't be trusted.
 */
export async function readDecision(reading: Reading): Promise<Verdict> {
  const found = (await readLost(reading)) ?? (await readNewest(reading));
  if (!found) return { type: 'unanswered', row: reading.rows.at(-1) as RequestRow };
  const { row, answer } = found;
  const sealed = (row.request.details[RESERVED_DETAILS_KEY] ?? {}) as unknown as Envelope;
  const timeIsUp = reading.close === 'expired' || (sealed.deadline !== null && reading.now >= sealed.deadline);
  const reason = timeIsUp ? 'expired' : reading.close;
  const settled = answer.status === 'pending' && reason ? await close(reading, answer, reason) : answer;
  switch (settled.status) {
    case 'pending':
      return { type: 'open', row };
    case 'unknown':
      throw failure(
        'ReviewUnreadable',
        `What the review service shows of request ${row.number} (${settled.id ?? 'no id'}) can't be read as a decision: status "${settled.statusWord}", or an edit that is not an object. Nothing was carried out.`,
      );
    case 'rejected':
      return rejection(settled, row, timeIsUp);
    case 'approved':
      return isBeforeDeadline(settled, sealed.deadline, reading.now)
        ? approval(settled, row, reading)
        : expired(settled);
  }
}

/** A request whose reply was lost counts once news named its id, what it holds is sealed by us, and it is decided. */
async function readLost({
  rows,
  lost,
  service,
  envelopes,
  signal,
}: Reading): Promise<{ row: RequestRow; answer: ReviewAnswer } | undefined> {
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

async function readNewest({
  rows,
  service,
  signal,
}: Reading): Promise<{ row: RequestRow; answer: ReviewAnswer } | undefined> {
  const row = rows.at(-1);
  if (!row?.answered) return undefined;
  if (row.id !== null) return { row, answer: await service.read(row.id, signal) };
  // Decided at once and without an id: there is nothing to GET, so what was said then is what counts.
  return row.atOnce ? { row, answer: { ...row.atOnce, details: row.request.details } } : undefined;
}

/** Where the service can close a request it does, and a decision made in time wins. Hosted Cheqpoint has no close. */
async function close(
  { service, signal }: Reading,
  answer: ReviewAnswer,
  reason: 'expired' | 'superseded',
): Promise<ReviewAnswer> {
  const { withdraw } = await service.capabilities();
  if (withdraw && answer.id !== null) return await service.close(answer.id, reason, signal);
  return { ...answer, status: 'rejected', reasonCode: reason };
}

function rejection(answer: ReviewAnswer, row: RequestRow, timeIsUp: boolean): Verdict {
  const { decidedAt, reasonCode } = answer;
  switch (reasonCode) {
    case 'expired':
      return expired(answer);
    case 'withdrawn':
    case 'superseded':
      return {
        type: 'rejected',
        note: null,
        decision: { outcome: 'withdrawn', by: 'system', decidedAt, superseded: reasonCode === 'superseded' },
      };
    case 'limit':
    case 'loop':
    case 'paused':
      return { type: 'rejected', note: null, decision: { outcome: 'rejected', by: 'system', decidedAt } };
    case 'person':
      return { type: 'rejected', note: answer.note, decision: { outcome: 'rejected', by: 'person', decidedAt } };
    default:
  }
  // Hosted Cheqpoint rejects by itself what nobody answered, and says so by `retryable`.
  if (answer.retryable) return timeIsUp ? expired(answer) : { type: 'ask-again' };
  if (answer.autoDecided || reasonCode === 'rule')
    return { type: 'rejected', note: null, decision: { outcome: 'rejected', by: 'rule', decidedAt } };
  if (row.atOnce) return { type: 'rejected', note: null, decision: { outcome: 'rejected', by: 'system', decidedAt } };
  return { type: 'rejected', note: answer.note, decision: { outcome: 'rejected', by: 'person', decidedAt } };
}

function approval(answer: ReviewAnswer, row: RequestRow, { envelopes, assistant }: Reading): Verdict {
  if (!answer.details) {
    throw failure(
      'ReviewUnreadable',
      `Request ${row.number} is approved, but the review service does not say what: its answer has no details. Nothing was carried out.`,
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
  const modified = answer.modifiedDetails && withoutEnvelope(answer.modifiedDetails);
  return {
    type: 'approved',
    envelope: opened.envelope,
    args: opened.args,
    modified,
    note: byRule ? null : answer.note,
    decision: {
      outcome: 'approved',
      by: byRule ? 'rule' : 'person',
      decidedAt: answer.decidedAt,
      edited: modified !== null,
    },
    request: row,
    id: answer.id,
  };
}

function expired({ decidedAt }: ReviewAnswer): Verdict {
  return { type: 'rejected', note: null, decision: { outcome: 'expired', by: 'system', decidedAt } };
}

/** Made before the deadline, however late its news. Without a time it counts only while there still is time. */
function isBeforeDeadline({ decidedAt }: ReviewAnswer, deadline: number | null, now: number): boolean {
  if (deadline === null) return true;
  const at = decidedAt === null ? Number.NaN : Date.parse(decidedAt);
  return Number.isNaN(at) ? now < deadline : at <= deadline;
}

/** An open request as the Workflow remembers it. */
export function openRequest({ number, kind, id, reviewUrl, request }: RequestRow): OpenRequest {
  const { deadline } = request.details[RESERVED_DETAILS_KEY] as unknown as Envelope;
  return {
    number,
    kind,
    ...(id !== null && { id }),
    ...(reviewUrl !== null && { reviewUrl }),
    ...(typeof deadline === 'number' && { deadlineAt: deadline }),
  };
}
