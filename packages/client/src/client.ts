import type { ApiCaller, CreateApiCaller, NewApiKey, NewCallerScopes, RotateApiKey } from './api-key.ts';
import type { ResultOptions } from './answer-questions.ts';
import type { Question } from './call.ts';
import type { AnswerApproval, Approval, ApprovalDecision, ApprovalList, AskApproval } from './approval.ts';
import type { ConnectionOptions } from './gateway-connection.ts';
import type { Json } from './json.ts';
import type { CreateRun, ListRuns, MessageOptions, Run, RunList } from './run.ts';
import type { RemoveRuns, RunRemovalReport } from './removals.ts';
import type { ReadUsage, UsageReport } from './run-record.ts';
import type { RunEvent, WatchOptions } from './watch-run.ts';

/** Address, API key, `fetch` and time limit. */
export type ClientOptions = ConnectionOptions;

/** A started run. Its methods are those of `client.runs` for this run. */
export type StartedRun = {
  id: string;
  /** False if the same request, with this `id` or `idempotencyKey`, started the run earlier. */
  started: boolean;
  /** The run at the time of the request. */
  run: Run;
  get(): Promise<Run>;
  result(options?: WatchOptions): Promise<Json>;
  events(options?: WatchOptions): AsyncIterable<RunEvent>;
  send(text: string, options?: MessageOptions): Promise<void>;
  cancel(): Promise<void>;
  retry(): Promise<void>;
};

/** A requested standalone approval. Its methods are those of `client.approvals` for this approval. */
export type AskedApproval = {
  id: string;
  /** False if the same request, with this `id` or `idempotencyKey`, asked for the approval earlier. */
  started: boolean;
  /** The run of the approval at the time of the request. */
  run: Run;
  /** The run of the approval now. Its one call has the `reviewUrl`. */
  get(): Promise<Run>;
  result(options?: ResultOptions): Promise<ApprovalDecision>;
  answer(answer: AnswerApproval): Promise<Question>;
  cancel(): Promise<void>;
};

/**
 * Client of a gateway. It keeps no connection and no state: any process can wait for a run by its id.
 * Methods throw `HoldpointError`. When its `passing` is true, the same call may be made again.
 */
export type Client = {
  runs: {
    /**
     * Starts a run. Give `id` or `idempotencyKey` to make the call repeatable: the same request finds the run that
     * exists. Without either, a lost answer leaves it unknown whether the run started.
     *
     * @example
     * const run = await holdpoint.runs.create({
     *   assistant: 'comms',
     *   input: 'Tell all customers about the downtime.',
     *   context: { user: 'ana' },
     *   idempotencyKey: 'downtime-2026-11-29',
     * });
     * console.log(await run.result());
     *
     * @throws HoldpointError `run-id-taken`: another request used this id or key. Use another one.
     */
    create(request: CreateRun): Promise<StartedRun>;
    /**
     * Reads the run as it is now, with its turns and calls in `record`. `turnsBefore`: shows the turns before this one
     * instead of the newest.
     *
     * @example
     * const { record } = await holdpoint.runs.get('order-17');
     * for (const { turn, model, calls } of record?.turns ?? []) console.log(turn, model, calls.length);
     *
     * @throws HoldpointError `run-not-found`.
     */
    get(id: string, options?: { turnsBefore?: number }): Promise<Run>;
    /**
     * Lists runs, newest first. The list may lag by seconds.
     *
     * @example
     * const { runs, nextPageToken } = await holdpoint.runs.list({ state: 'parked', context: 'user=ana', limit: 20 });
     */
    list(filter?: ListRuns): Promise<RunList>;
    /**
     * Waits for the final answer, for weeks if needed. It reconnects when the connection or the gateway fails.
     *
     * @example
     * const answer = await holdpoint.runs.result('order-17', { signal: AbortSignal.timeout(60_000) });
     *
     * @throws RunFailed or RunCancelled when the run ended without an answer.
     * @throws HoldpointError that no retry can fix, such as `run-not-found`; the signal's reason when it aborts.
     */
    result(id: string, options?: WatchOptions): Promise<Json>;
    /**
     * Yields the run now, at each change, and at its end. It reconnects when the connection or the gateway fails.
     *
     * @example
     * for await (const { type, run } of holdpoint.runs.events('order-17')) console.log(type, run.state);
     *
     * @throws HoldpointError that no retry can fix; the signal's reason when it aborts.
     */
    events(id: string, options?: WatchOptions): AsyncIterable<RunEvent>;
    /**
     * Sends a user message to an open run. The model gets it with the next turn. With `whenWaiting: 'supersede'` open
     * approvals are withdrawn and the next turn starts at once. Give an `idempotencyKey` to make the call repeatable.
     *
     * @example
     * await holdpoint.runs.send('order-17', 'Only customers in Europe.', { whenWaiting: 'supersede' });
     *
     * @throws HoldpointError `run-closed`: start a run with `continueFrom`. `too-many-messages`: send later.
     * `message-key-taken`: use another key.
     */
    send(id: string, text: string, options?: MessageOptions): Promise<void>;
    /**
     * The history of the run in Temporal, as `holdpoint replay` reads it. After continue-as-new: of its newest part.
     *
     * @throws HoldpointError `run-not-found`.
     */
    history(id: string): Promise<Json>;
    /** Asks the run to stop. Its open approvals are withdrawn. @throws HoldpointError `run-closed`. */
    cancel(id: string): Promise<void>;
    /** Resumes a parked run. @throws HoldpointError `run-not-parked`, `run-closed`. */
    retry(id: string): Promise<void>;
  };
  approvals: {
    /**
     * Asks for a standalone approval. Holdpoint runs no tool for it: your program acts on the decision. Give `id` or
     * `idempotencyKey` to make the call repeatable.
     *
     * @example
     * const approval = await holdpoint.approvals.request({
     *   action: 'refund',
     *   summary: 'Refund order A-17',
     *   details: { order: 'A-17', amount: 80 },
     *   idempotencyKey: 'refund A-17',
     * });
     * const decision = await approval.result();
     * if (decision.outcome === 'approved') await refund(decision.details);
     *
     * @throws HoldpointError `run-id-taken`: another request used this id or key. Use another one.
     */
    request(request: AskApproval): Promise<AskedApproval>;
    /**
     * Waits for the decision of a standalone approval, for weeks if needed. Any process may wait, any number of times.
     * Act on the decision's `details`, and only if its `outcome` is `approved`. `onQuestion` answers reviewers meanwhile.
     *
     * @example
     * const decision = await holdpoint.approvals.result(id, { onQuestion: ({ text }) => lookUp(text) });
     *
     * @throws RunFailed when no decision will come, or none that can be trusted.
     * @throws TypeError for a run of an assistant: use `runs.result`.
     * @throws HoldpointError that no retry can fix; the signal's reason when it aborts.
     */
    result(id: string, options?: ResultOptions): Promise<ApprovalDecision>;
    /**
     * Answers a reviewer's question on a standalone approval, which stays open. The first answer counts, and a later
     * call gets it. The model of an assistant answers the questions on its calls itself.
     *
     * @throws HoldpointError `question-not-found`, `approval-not-found`.
     */
    answer(id: string, answer: AnswerApproval): Promise<Question>;
    /** Withdraws a standalone approval. Its result becomes `withdrawn`. @throws HoldpointError `run-closed`. */
    cancel(id: string): Promise<void>;
    /** Lists the approvals that open runs wait for. `limit` counts runs. The list may lag by seconds. */
    list(filter?: Pick<ListRuns, 'assistant' | 'caller' | 'limit' | 'pageToken'>): Promise<ApprovalList>;
    /**
     * Reads an approval of an open run, by its id at the review service. A standalone approval is also found by its
     * own id.
     * @throws HoldpointError `approval-not-found`.
     */
    get(id: string): Promise<Approval>;
  };
  /**
   * Tokens and cost by run, assistant, caller or model: of all runs, or of its own runs for a caller that may not read
   * others.
   *
   * @example
   * const { groups } = await holdpoint.usage({ by: 'assistant', since: '2026-11-01T00:00:00Z' });
   */
  usage(filter?: ReadUsage): Promise<UsageReport>;
  /**
   * Removes closed runs for good, 500 at a time: from Temporal, and all that the workers' database has of them. Needs
   * HOLDPOINT_API_KEY, or a key with the permission `admin`.
   *
   * @example
   * const { runs, more } = await holdpoint.remove({ field: 'customer.id', value: 'c_17' });
   */
  remove(request: RemoveRuns): Promise<RunRemovalReport>;
  /** Callers and their API keys. Needs HOLDPOINT_API_KEY, or a key with the permission `admin`. */
  apiKeys: {
    /** All callers, newest first, with the removed ones. */
    list(): Promise<ApiCaller[]>;
    /** Reads one caller. @throws HoldpointError `caller-not-found`. */
    get(name: string): Promise<ApiCaller>;
    /**
     * Creates a caller with its first key. `secret` is the only copy of the key.
     *
     * @example
     * const { secret } = await holdpoint.apiKeys.create({ name: 'billing', scopes: { start: ['refunds'] } });
     *
     * @throws HoldpointError `caller-exists`: a caller has or had this name.
     */
    create(request: CreateApiCaller): Promise<NewApiKey>;
    /**
     * Makes a new key for a caller. The old one is accepted until the overlap ends.
     * @throws HoldpointError `api-key-not-active`: the key was replaced before, or an older one still retires.
     */
    rotate(name: string, options?: RotateApiKey): Promise<NewApiKey>;
    /** Replaces the permissions of a caller. Gateways act on them within two seconds. */
    setScopes(name: string, scopes: NewCallerScopes): Promise<ApiCaller>;
    /** Ends all keys of a caller and removes it. `key`: ends one of its keys only. The runs of the caller go on. */
    revoke(name: string, options?: { key?: string }): Promise<ApiCaller>;
  };
};
