import { RunCancelled, RunFailed } from './client/errors.ts';
import { GatewayConnection, type ConnectionOptions } from './client/gateway-connection.ts';
import { watchRun, type RunEvent, type WatchOptions } from './client/watch-run.ts';
import type { ApprovalDecision } from './domain/standalone-approval.ts';
import type { Json } from '@holdpoint/json';
import type { AskApproval } from './schemas/rest-approvals.ts';
import type { Approval, ApprovalList, CreateRun, ListRuns, MessageOptions, Run, RunList } from './schemas/rest.ts';

export { HoldpointError, RunCancelled, RunFailed } from './client/errors.ts';
export type { RunEvent, WatchOptions } from './client/watch-run.ts';
export type {
  Approval,
  ApprovalList,
  Call,
  CreateRun,
  ListRuns,
  MessageOptions,
  Run,
  RunList,
  RunSummary,
} from './schemas/rest.ts';
export type { AskApproval } from './schemas/rest-approvals.ts';
export type { ApprovalDecision } from './domain/standalone-approval.ts';
export type { Json } from '@holdpoint/json';

/** Where the gateway is, and who asks. */
export type ClientOptions = ConnectionOptions;

/** A started run, in hand. Its methods are those of `client.runs`, for this run. */
export type StartedRun = {
  id: string;
  /** False when the same request, under this id or idempotency key, had started it before. */
  started: boolean;
  /** The run as it was when it was started. */
  run: Run;
  get(): Promise<Run>;
  result(options?: WatchOptions): Promise<Json>;
  events(options?: WatchOptions): AsyncIterable<RunEvent>;
  send(text: string, options?: MessageOptions): Promise<void>;
  cancel(): Promise<void>;
  retry(): Promise<void>;
};

/** An approval that was asked for, in hand. Its methods are those of `client.approvals`, for this one. */
export type AskedApproval = {
  id: string;
  /** False when the same request, under this id or idempotency key, had asked for it before. */
  started: boolean;
  /** The run that carries it, as it was when it was asked for. */
  run: Run;
  /** The run as it is now: its one call has the link to where a person decides. */
  get(): Promise<Run>;
  result(options?: WatchOptions): Promise<ApprovalDecision>;
  cancel(): Promise<void>;
};

/**
 * A client of the gateway. Holds no connection and no state: what one process started, another can wait for by its id,
 * after any number of restarts.
 * Every method throws HoldpointError; with `passing` true the same call may be made again.
 */
export type Client = {
  runs: {
    /**
     * Starts a run. With `id` or `idempotencyKey` it may be called again without harm, and finds the run that exists;
     * another request under the same one throws (`run-id-taken`). Without either, a lost answer leaves it unknown
     * whether a run was started. With `continueFrom` it goes on with the conversation of a completed run.
     */
    create(request: CreateRun): Promise<StartedRun>;
    /** The run as it is now. @throws HoldpointError `run-not-found`. */
    get(id: string): Promise<Run>;
    /** A page of runs, newest first, 50 unless `limit` says otherwise (at most 200); may lag by seconds. */
    list(filter?: ListRuns): Promise<RunList>;
    /**
     * Waits for the final answer, for weeks if need be, over lost connections and restarts of the gateway.
     * @throws RunFailed, RunCancelled; HoldpointError for what no waiting can mend; the signal's reason.
     */
    result(id: string, options?: WatchOptions): Promise<Json>;
    /** The run now, at each change, and its end; over lost connections too. @throws as `result`, but for the run's own end. */
    events(id: string, options?: WatchOptions): AsyncIterable<RunEvent>;
    /**
     * Says something to an open run: the model is told with the next turn. With `whenWaiting: 'supersede'` it does not
     * wait for approvals that are open: these are withdrawn. With an `idempotencyKey` it may be called again without harm.
     * @throws HoldpointError `run-closed`: start a run with `continueFrom`; `too-many-messages`, `message-key-taken`.
     */
    send(id: string, text: string, options?: MessageOptions): Promise<void>;
    /** Asks the run to stop; its open approvals are withdrawn. @throws HoldpointError `run-closed`. */
    cancel(id: string): Promise<void>;
    /** Lets a parked run go on. @throws HoldpointError `run-not-parked`, `run-closed`. */
    retry(id: string): Promise<void>;
  };
  approvals: {
    /**
     * Asks for an approval from a loop of your own; nothing is executed here. With `id` or `idempotencyKey` it may be
     * called again without harm, and finds the approval that exists; another request under the same one throws
     * (`run-id-taken`).
     */
    request(request: AskApproval): Promise<AskedApproval>;
    /**
     * Waits for the decision of an approval that was asked for, for weeks if need be; any process may, as often as it
     * likes. Act on the decision's `details`, and only if its `outcome` is `approved`.
     * @throws RunFailed when there will be no decision, or none that can be trusted; HoldpointError; TypeError for a run
     * of an assistant; the signal's reason.
     */
    result(id: string, options?: WatchOptions): Promise<ApprovalDecision>;
    /** Withdraws an approval that was asked for: its result is `withdrawn`. @throws HoldpointError `run-closed`. */
    cancel(id: string): Promise<void>;
    /** What open runs wait for, a page of 50 runs unless `limit` says otherwise; may lag by seconds. */
    list(filter?: Omit<ListRuns, 'state'>): Promise<ApprovalList>;
    /** An approval of an open run, by the id of its request, or the id that it was asked for under. @throws HoldpointError `approval-not-found`. */
    get(id: string): Promise<Approval>;
  };
};

/**
 * Makes a client of the gateway at `url`.
 * @throws TypeError for an address or key that can't be one.
 */
export function createClient(options: ClientOptions): Client {
  const connection = new GatewayConnection(options);
  const address = (id: string, more = '') => `/v1/runs/${encodeURIComponent(id)}${more}`;
  const runs: Client['runs'] = {
    async create(request) {
      const { status, body } = await connection.json('/v1/runs', { method: 'POST', body: request });
      const run = body as Run;
      const { id } = run;
      return {
        id,
        run,
        started: status === 201,
        get: () => runs.get(id),
        result: (options) => runs.result(id, options),
        events: (options) => runs.events(id, options),
        send: (text, options) => runs.send(id, text, options),
        cancel: () => runs.cancel(id),
        retry: () => runs.retry(id),
      };
    },
    get: async (id) => (await connection.json(address(id))).body as Run,
    list: async (filter = {}) => (await connection.json(`/v1/runs${query(filter)}`)).body as RunList,
    async result(id, options) {
      for await (const { type, run } of runs.events(id, options)) if (type === 'end') return outputOf(run);
      throw new RunFailed(id, 'Unknown', `The run "${id}" can't be watched any more.`);
    },
    events: (id, options) => watchRun(connection, id, options),
    send: async (id, text, options) =>
      void (await connection.json(address(id, '/messages'), { method: 'POST', body: { text, ...options } })),
    cancel: async (id) => void (await connection.json(address(id, '/cancel'), { method: 'POST' })),
    retry: async (id) => void (await connection.json(address(id, '/retry'), { method: 'POST' })),
  };
  const approvals: Client['approvals'] = {
    async request(request) {
      const { status, body } = await connection.json('/v1/approvals', { method: 'POST', body: request });
      const run = body as Run;
      const { id } = run;
      return {
        id,
        run,
        started: status === 201,
        get: () => runs.get(id),
        result: (options) => approvals.result(id, options),
        cancel: () => runs.cancel(id),
      };
    },
    async result(id, options) {
      for await (const { type, run } of runs.events(id, options)) {
        if (run.kind !== 'approval')
          throw new TypeError(`"${id}" is a run of an assistant and no approval. Its answer comes from runs.result.`);
        if (type === 'end') return decisionOf(run);
      }
      throw new RunFailed(id, 'Unknown', `The approval "${id}" can't be watched any more.`);
    },
    cancel: (id) => runs.cancel(id),
    list: async (filter = {}) => (await connection.json(`/v1/approvals${query(filter)}`)).body as ApprovalList,
    get: async (id) => (await connection.json(`/v1/approvals/${encodeURIComponent(id)}`)).body as Approval,
  };
  return { runs, approvals };
}

/** What came of an approval. One that can't be read, or is not to be trusted, is no approval. */
function decisionOf({ id, state, decision, failure, detailMissing }: Run): ApprovalDecision {
  if (decision !== null) return decision;
  if (state === 'completed')
    throw new RunFailed(id, 'ReviewUnreadable', detailMissing ?? `The decision of "${id}" can't be read.`);
  throw new RunFailed(id, failure?.type ?? 'Unknown', failure?.message ?? `The approval "${id}" failed.`);
}

/** What a closed run came to. */
function outputOf(run: Run): Json {
  const { id, state, output, failure } = run;
  if (state === 'completed') return run.kind === 'approval' ? decisionOf(run) : output;
  if (state === 'cancelled') throw new RunCancelled(id);
  throw new RunFailed(id, failure?.type ?? 'Unknown', failure?.message ?? `The run "${id}" failed.`);
}

function query(filter: Record<string, string | number | undefined>): string {
  const set = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}
