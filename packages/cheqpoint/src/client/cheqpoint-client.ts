import type { ReviewAnswer } from '../review.ts';
import type { JsonObject } from '@holdpoint/json';
import { MAX_HOLD_MS } from '../wire/cheqpoint-wire.ts';
import { checkMilliseconds, jsonDetails } from './check-input.ts';
import { CheqpointConnection } from './connection.ts';
import { CheqpointError, CheqpointTimeoutError } from './errors.ts';
import { resolveOptions, type CheqpointClientOptions, type ResolvedOptions } from './options.ts';
import { checkpointResult, pendingResult, requestResult, requestStatus } from './read-result.ts';
import type {
  ApprovalQuestion,
  AsyncRequest,
  CheckpointRequest,
  CheckpointResult,
  RequestResult,
  RequestStatus,
  SyncRequest,
} from './requests.ts';
import { isDecided, waitForDecision } from './wait-for-decision.ts';

const CALL_TIMEOUT_MS = 10_000;
const TIME_BEYOND_HOLD_MS = 5000;

/**
 * Asks people for approval, in the shape that Cheqpoint's guides use (app.cheqpoint.co/docs/nodejs), against hosted
 * Cheqpoint or Holdpoint's review server. It lives as long as your process: for waits that outlive it, use a run.
 *
 * It fails closed: only a decision that was read whole as an approval is one. A request is never sent twice by itself,
 * since Cheqpoint can't tell a repeat from a second request.
 *
 * @example
 * const cheqpoint = new CheqpointClient({ apiKey: 'cq_live_…' });
 * const { status, modifiedDetails } = await cheqpoint.requestSync({ action: 'refund', summary: 'Refund 20 euros', details: { amount: 20 } });
 */
export class CheqpointClient {
  readonly #connection: CheqpointConnection;
  readonly #options: Omit<ResolvedOptions, 'key'>;

  /** @throws Error or TypeError for an option that can't be used. */
  constructor(options: CheqpointClientOptions) {
    const { key, ...rest } = resolveOptions(options);
    this.#connection = new CheqpointConnection({ key, ...rest });
    this.#options = rest;
  }

  /**
   * Asks and waits: up to ten seconds in the call itself (`maxWaitMs`, www.cheqpoint.co/docs/http), then by looking.
   * `pending` when nobody decided in time; the request stays open. A rejection is a result, no error.
   *
   * @throws CheqpointError; with `mayHaveArrived` the request may stand in the inbox. TypeError for bad input.
   */
  async requestSync({ timeoutMs = 30_000, ...question }: SyncRequest): Promise<RequestResult> {
    const endsAt = performance.now() + checkMilliseconds('timeoutMs', timeoutMs);
    const maxWaitMs = Math.floor(Math.min(timeoutMs, MAX_HOLD_MS));
    const answer = await this.#connection.post(
      '/api/webhooks/inbound',
      { ...asked(question), maxWaitMs },
      Math.max(CALL_TIMEOUT_MS, maxWaitMs + TIME_BEYOND_HOLD_MS),
    );
    if (isDecided(answer)) return requestResult(answer, answer.id);
    const id = idOf(answer);
    const { pollIntervalMs } = this.#options;
    const end = await waitForDecision(this.#connection, id, { endsAt, firstPauseMs: pollIntervalMs, pollIntervalMs });
    return end.status === 'undecided' ? pendingResult(id) : requestResult(end, id);
  }

  /** The same as `requestSync`, under the name of another guide (www.cheqpoint.co/docs/shopify). */
  async request(request: SyncRequest): Promise<RequestResult> {
    return this.requestSync(request);
  }

  /**
   * Asks and does not wait. A rule may have decided at once: `status` says so. Confirm a callback by `getRequest` before
   * you act on it.
   *
   * @throws as `requestSync`.
   */
  async requestAsync({ callbackUrl, ...question }: AsyncRequest): Promise<RequestResult> {
    const answer = await this.#connection.post(
      '/api/webhooks/inbound',
      { ...asked(question), callbackUrl },
      CALL_TIMEOUT_MS,
    );
    return requestResult(answer, isDecided(answer) ? answer.id : idOf(answer));
  }

  /**
   * Asks, waits, and goes on only when approved (app.cheqpoint.co/docs/nodejs). Act with `effectiveDetails`.
   *
   * @throws RejectedError; CheqpointTimeoutError, which is no approval; CheqpointError; TypeError for bad input.
   */
  async checkpoint({
    riskScore,
    webhookUrl,
    timeoutMs = this.#options.timeoutMs,
    ...question
  }: CheckpointRequest): Promise<CheckpointResult> {
    checkMilliseconds('timeoutMs', timeoutMs);
    const body = asked(question);
    const id = idOf(
      await this.#connection.post('/api/approvals/request', { ...body, riskScore, webhookUrl }, CALL_TIMEOUT_MS),
    );
    const { pollIntervalMs, edits } = this.#options;
    // The answer to this POST is not said to hold a decision; the first look shows one that a rule made.
    const end = await waitForDecision(this.#connection, id, {
      endsAt: performance.now() + timeoutMs,
      firstPauseMs: 0,
      pollIntervalMs,
    });
    if (end.status === 'undecided') throw new CheqpointTimeoutError(id, timeoutMs, end);
    return checkpointResult(end, id, body.details, edits);
  }

  /** A request as it stands now. @throws CheqpointError. */
  async getRequest(id: string): Promise<RequestStatus> {
    return requestStatus(await this.#connection.read(id, CALL_TIMEOUT_MS), id);
  }
}

/** The fields that both endpoints know. */
function asked({
  action,
  summary,
  details,
  justification,
  riskLevel,
}: ApprovalQuestion): ApprovalQuestion & { details: JsonObject } {
  return { action, summary, details: jsonDetails(details), justification, riskLevel };
}

function idOf({ id, statusWord }: ReviewAnswer): string {
  if (id !== null) return id;
  throw new CheqpointError(
    `Cheqpoint took the request and gave no id (status "${statusWord}"), so its decision can't be read. Look into the inbox before you ask again.`,
    { status: 200, mayHaveArrived: true },
  );
}
