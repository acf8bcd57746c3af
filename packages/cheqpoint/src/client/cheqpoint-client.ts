import type { ReviewAnswer } from '../review.ts';
import type { JsonObject } from '@holdpoint/json';
import { MAX_HOLD_MS } from '../wire/wire-names.ts';
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

const callTimeoutMs = 10_000;
/** How long an answer may take beyond the time that the server holds the call. */
const holdMarginMs = 5000;

/**
 * Asks people for approval, with the names of Cheqpoint's guides (app.cheqpoint.co/docs/nodejs). Works with hosted
 * Cheqpoint and with Holdpoint's review server.
 *
 * It fails closed: an answer that is incomplete, unknown or late never counts as an approval. It sends each request
 * once, because Cheqpoint can't tell a retry from a second request. Every HTTP call has a time-out. A wait ends with
 * your process. For a wait that survives it, use `client.approvals.request` of `holdpoint/client`.
 *
 * @example
 * import { CheqpointClient } from 'holdpoint/cheqpoint';
 *
 * const cheqpoint = new CheqpointClient({ apiKey: process.env.CHEQPOINT_CONNECTION_KEY });
 * const { effectiveDetails } = await cheqpoint.checkpoint({
 *   action: 'refund',
 *   summary: 'Refund 20 euros for order A-17',
 *   details: { order: 'A-17', amount: 20 },
 * });
 * await refund(effectiveDetails);
 */
export class CheqpointClient {
  readonly #connection: CheqpointConnection;
  readonly #options: Omit<ResolvedOptions, 'key'>;

  /** @throws Error or TypeError for an invalid option. The message names the option and never shows the key. */
  constructor(options: CheqpointClientOptions) {
    const { key, ...rest } = resolveOptions(options);
    this.#connection = new CheqpointConnection({ key, ...rest });
    this.#options = rest;
  }

  /**
   * Asks, and waits for the decision up to `timeoutMs`. The server holds the call for the first 10 seconds
   * (`maxWaitMs`, www.cheqpoint.co/docs/http). Then the client polls.
   *
   * A rejection is a result, not an error. Without a decision in time the status is `pending`, and the request stays
   * open.
   *
   * @throws CheqpointError when the service can't be reached, refuses, or gives no usable answer. If `mayHaveArrived`
   * is true, look into the inbox before you ask again.
   * @throws TypeError for invalid input; nothing was sent.
   *
   * @example
   * const { status, modifiedDetails, decisionNote } = await cheqpoint.requestSync({
   *   action: 'refund',
   *   summary: 'Refund 20 euros for order A-17',
   *   details: { order: 'A-17', amount: 20 },
   *   timeoutMs: 60_000,
   * });
   * if (status === 'approved') await refund(modifiedDetails ?? { order: 'A-17', amount: 20 });
   */
  async requestSync({ timeoutMs = 30_000, ...question }: SyncRequest): Promise<RequestResult> {
    const endsAt = performance.now() + checkMilliseconds('timeoutMs', timeoutMs);
    const maxWaitMs = Math.floor(Math.min(timeoutMs, MAX_HOLD_MS));
    const answer = await this.#connection.post(
      '/api/webhooks/inbound',
      { ...questionBody(question), maxWaitMs },
      Math.max(callTimeoutMs, maxWaitMs + holdMarginMs),
    );
    if (isDecided(answer)) return requestResult(answer, answer.id);
    const id = requireId(answer);
    const { pollIntervalMs } = this.#options;
    const end = await waitForDecision(this.#connection, id, { endsAt, firstPauseMs: pollIntervalMs, pollIntervalMs });
    return end.status === 'undecided' ? pendingResult(id) : requestResult(end, id);
  }

  /** `requestSync` under the name of another guide (www.cheqpoint.co/docs/shopify). */
  async request(request: SyncRequest): Promise<RequestResult> {
    return this.requestSync(request);
  }

  /**
   * Asks, and returns at once. The decision is POSTed to `callbackUrl`. Read it with `getRequest` before you act: a
   * callback proves nothing.
   *
   * Check `status` first. If a rule decided at once, the answer already has the decision.
   *
   * @throws CheqpointError and TypeError, as `requestSync`.
   *
   * @example
   * const { approvalId, status } = await cheqpoint.requestAsync({
   *   action: 'refund',
   *   summary: 'Refund 20 euros for order A-17',
   *   details: { order: 'A-17', amount: 20 },
   *   callbackUrl: 'https://shop.example/cheqpoint',
   * });
   */
  async requestAsync({ callbackUrl, ...question }: AsyncRequest): Promise<RequestResult> {
    const answer = await this.#connection.post(
      '/api/webhooks/inbound',
      { ...questionBody(question), callbackUrl },
      callTimeoutMs,
    );
    return requestResult(answer, isDecided(answer) ? answer.id : requireId(answer));
  }

  /**
   * Asks, waits, and returns only when approved (app.cheqpoint.co/docs/nodejs). Act with `effectiveDetails`.
   *
   * @throws RejectedError when the action was rejected.
   * @throws CheqpointTimeoutError without a decision in time. The request stays open.
   * @throws CheqpointError and TypeError, as `requestSync`.
   *
   * @example
   * try {
   *   const { effectiveDetails } = await cheqpoint.checkpoint({
   *     action: 'refund',
   *     summary: 'Refund 20 euros for order A-17',
   *     details: { order: 'A-17', amount: 20 },
   *     timeoutMs: 10 * 60_000,
   *   });
   *   await refund(effectiveDetails);
   * } catch (error) {
   *   if (!(error instanceof RejectedError)) throw error;
   *   console.log(`Not refunded: ${error.note ?? 'no reason given'}`);
   * }
   */
  async checkpoint({
    riskScore,
    webhookUrl,
    timeoutMs = this.#options.timeoutMs,
    ...question
  }: CheckpointRequest): Promise<CheckpointResult> {
    checkMilliseconds('timeoutMs', timeoutMs);
    const body = questionBody(question);
    const id = requireId(
      await this.#connection.post('/api/approvals/request', { ...body, riskScore, webhookUrl }, callTimeoutMs),
    );
    const { pollIntervalMs, edits } = this.#options;
    // No page says that the answer to this POST holds a decision. The first poll reads one that a rule made.
    const end = await waitForDecision(this.#connection, id, {
      endsAt: performance.now() + timeoutMs,
      firstPauseMs: 0,
      pollIntervalMs,
    });
    if (end.status === 'undecided') throw new CheqpointTimeoutError(id, timeoutMs, end);
    return checkpointResult(end, { id, sentDetails: body.details, edits });
  }

  /**
   * Reads a request: its status, and the decision if there is one.
   *
   * @throws CheqpointError when the request is unknown or can't be read.
   *
   * @example
   * const { status, details, modifiedDetails } = await cheqpoint.getRequest(approvalId);
   * if (status === 'APPROVED') await refund(modifiedDetails ?? details);
   */
  async getRequest(id: string): Promise<RequestStatus> {
    return requestStatus(await this.#connection.read(id, callTimeoutMs), id);
  }
}

/** The body fields that both endpoints accept. */
function questionBody({
  action,
  summary,
  details,
  justification,
  riskLevel,
}: ApprovalQuestion): ApprovalQuestion & { details: JsonObject } {
  return { action, summary, details: jsonDetails(details), justification, riskLevel };
}

function requireId({ id, statusWord }: ReviewAnswer): string {
  if (id !== null) return id;
  throw new CheqpointError(
    `Cheqpoint accepted the request but gave no id (status "${statusWord}"), so its decision can't be read. Look into the inbox before you ask again.`,
    { status: 200, mayHaveArrived: true },
  );
}
