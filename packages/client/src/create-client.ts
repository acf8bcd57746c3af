import { createApiKeys } from './api-keys.ts';
import type { Approval, ApprovalDecision, ApprovalList } from './approval.ts';
import type { Client, ClientOptions } from './client.ts';
import { RunCancelled, RunFailed } from './errors.ts';
import { questionAnswers } from './answer-questions.ts';
import type { Question } from './call.ts';
import { GatewayConnection } from './gateway-connection.ts';
import type { Json } from './json.ts';
import { pathSegment } from './path-segment.ts';
import type { Run, RunList } from './run.ts';
import type { RunRemovalReport } from './removals.ts';
import type { UsageReport } from './run-record.ts';
import { watchRun } from './watch-run.ts';

/**
 * Creates a client of the gateway at `url`.
 *
 * @example
 * const holdpoint = createClient({ url: 'http://127.0.0.1:7341', apiKey: process.env.HOLDPOINT_API_KEY! });
 *
 * @throws TypeError when `url` is not an http(s) address or `apiKey` is empty.
 */
export function createClient(options: ClientOptions): Client {
  const connection = new GatewayConnection(options);
  const runs = createRuns(connection);
  return {
    runs,
    approvals: createApprovals(connection, runs),
    usage: async (filter = {}) => (await connection.json<UsageReport>(`/v1/usage${query(filter)}`)).body,
    remove: async (request) =>
      (await connection.json<RunRemovalReport>('/v1/removals', { method: 'POST', body: request })).body,
    apiKeys: createApiKeys(connection),
  };
}

function createRuns(connection: GatewayConnection): Client['runs'] {
  const path = (id: string, rest = '') => `/v1/runs/${pathSegment(id)}${rest}`;
  const runs: Client['runs'] = {
    async create(request) {
      const started = await start(connection, '/v1/runs', request);
      const { id } = started;
      return {
        ...started,
        get: () => runs.get(id),
        result: (options) => runs.result(id, options),
        events: (options) => runs.events(id, options),
        send: (text, options) => runs.send(id, text, options),
        cancel: () => runs.cancel(id),
        retry: () => runs.retry(id),
      };
    },
    get: async (id, options = {}) => (await connection.json<Run>(path(id, query(options)))).body,
    list: async (filter = {}) => (await connection.json<RunList>(`/v1/runs${query(filter)}`)).body,
    async result(id, options) {
      for await (const { type, run } of runs.events(id, options)) if (type === 'end') return outputOf(run);
      throw new RunFailed(id, 'Unknown', `The run "${id}" can no longer be watched. Check it with runs.get.`);
    },
    events: (id, options) => watchRun(connection, id, options),
    send: async (id, text, options) =>
      void (await connection.json(path(id, '/messages'), { method: 'POST', body: { text, ...options } })),
    history: async (id) => (await connection.json<Json>(path(id, '/history'))).body,
    cancel: async (id) => void (await connection.json(path(id, '/cancel'), { method: 'POST' })),
    retry: async (id) => void (await connection.json(path(id, '/retry'), { method: 'POST' })),
  };
  return runs;
}

function createApprovals(connection: GatewayConnection, runs: Client['runs']): Client['approvals'] {
  const approvals: Client['approvals'] = {
    async request(request) {
      const started = await start(connection, '/v1/approvals', request);
      const { id } = started;
      return {
        ...started,
        get: () => runs.get(id),
        result: (options) => approvals.result(id, options),
        answer: (answer) => approvals.answer(id, answer),
        cancel: () => runs.cancel(id),
      };
    },
    async result(id, { onQuestion, ...options } = {}) {
      const [failed, over] = [new AbortController(), new AbortController()];
      const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
      const answerOpen =
        onQuestion &&
        questionAnswers({
          onQuestion,
          send: (question, answer) => approvals.answer(id, { question, answer }),
          signal: AbortSignal.any([signal, over.signal]),
        });
      try {
        for await (const { type, run } of runs.events(id, { ...options, signal })) {
          if (type === 'run') void answerOpen?.(run).catch((error: unknown) => failed.abort(error));
          if (run.kind !== 'approval')
            throw new TypeError(`"${id}" is a run of an assistant, not an approval. Use runs.result.`);
          if (type === 'end') return decisionOf(run);
        }
      } finally {
        over.abort();
      }
      throw new RunFailed(id, 'Unknown', `The approval "${id}" can no longer be watched. Check it with runs.get.`);
    },
    answer: async (id, answer) =>
      (await connection.json<Question>(`/v1/approvals/${pathSegment(id)}/answers`, { method: 'POST', body: answer }))
        .body,
    cancel: (id) => runs.cancel(id),
    list: async (filter = {}) => (await connection.json<ApprovalList>(`/v1/approvals${query(filter)}`)).body,
    get: async (id) => (await connection.json<Approval>(`/v1/approvals/${pathSegment(id)}`)).body,
  };
  return approvals;
}

/** Starts a run, or returns the one of the same id and input. The gateway answers 201 only for a new one. */
async function start(connection: GatewayConnection, path: string, request: object) {
  const { status, body: run } = await connection.json<Run>(path, { method: 'POST', body: request });
  return { id: run.id, run, started: status === 201 };
}

/** @throws RunFailed when the decision can't be read or trusted. */
function decisionOf({ id, state, decision, failure, detailMissing }: Run): ApprovalDecision {
  if (decision !== null) return decision;
  if (state === 'completed')
    throw new RunFailed(id, 'ReviewUnreadable', detailMissing ?? `The decision of "${id}" can't be read.`);
  throw new RunFailed(id, failure?.type ?? 'Unknown', failure?.message ?? `The approval "${id}" failed.`);
}

/** The answer of a closed run. @throws RunCancelled, RunFailed. */
function outputOf(run: Run): Json {
  const { id, state, output, failure } = run;
  if (state === 'completed') return run.kind === 'approval' ? decisionOf(run) : output;
  if (state === 'cancelled') throw new RunCancelled(id);
  throw new RunFailed(id, failure?.type ?? 'Unknown', failure?.message ?? `The run "${id}" failed.`);
}

function query(filter: Record<string, string | number | string[] | undefined>): string {
  const set = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => [name, String(each)] as [string, string]),
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}
