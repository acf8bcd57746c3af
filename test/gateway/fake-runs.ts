import type { DecisionHint } from '../../src/domain/decision.ts';
import { RunsFailure } from '../../src/domain/runs-failure.ts';
import type { NewMessage, NewRun, RunFilter, RunsPort, Stopped } from '../../src/gateway/ports.ts';
import type { Call, Run, RunRecord } from '../../src/schemas/rest.ts';

/** A run of the port. */
export function run(id: string, changed: Partial<Run> = {}): Run {
  return {
    id,
    kind: 'assistant',
    state: 'running',
    assistant: 'comms',
    caller: 'operator',
    summary: 'Tell all customers',
    startedAt: '2026-11-22T10:00:00.000Z',
    closedAt: null,
    detail: { state: 'running', turn: 1, calls: [], parked: [], queuedMessages: 0 },
    retrying: [],
    detailMissing: null,
    output: null,
    decision: null,
    refused: false,
    turns: null,
    toolCalls: null,
    failure: null,
    ...changed,
  };
}

/** A closed run. */
export function completed(id: string, output: string): Run {
  return run(id, {
    state: 'completed',
    closedAt: '2026-11-22T11:00:00.000Z',
    detail: null,
    detailMissing: 'The run is closed.',
    output,
    turns: 2,
    toolCalls: 1,
  });
}

/** A call that waits for a person. */
export function waitingCall(approvalId: string, changed: Partial<NonNullable<Call['approval']>> = {}): Call {
  return {
    key: 'first/1/0/call_1',
    callId: 'call_1',
    tool: 'send_email_blast',
    arguments: { recipient_count: 500 },
    state: 'waiting',
    approval: {
      request: 1,
      kind: 'call',
      id: approvalId,
      reviewUrl: `https://review.example/${approvalId}`,
      waitingSince: '2026-11-22T10:00:01.000Z',
      deadlineAt: null,
      possiblyTwo: false,
      ...changed,
    },
    decision: null,
    settledAs: null,
  };
}

/** A run that waits for a person's decision on one call. */
export function waiting(id: string, ...calls: Call[]): Run {
  return run(id, { state: 'waiting', detail: { state: 'waiting', turn: 1, calls, parked: [], queuedMessages: 0 } });
}

/** Runs in memory. Records orders and hints, fails when `away`, and reports a change on `set`. */
export class FakeRuns implements RunsPort {
  readonly runs = new Map<string, Run>();
  readonly created = new Map<string, NewRun>();
  readonly orders: string[] = [];
  readonly said: NewMessage[] = [];
  readonly hints: Array<{ id: string; hint: DecisionHint }> = [];
  readonly asked: Array<{ id: string; hint: DecisionHint }> = [];
  readonly filters: RunFilter[] = [];
  readonly stops = new Map<string, Stopped>();
  readonly records = new Map<string, RunRecord>();
  readonly recordsBefore: Array<number | undefined> = [];
  away = false;
  watchers = 0;
  #version = 0;
  #wake: Array<() => void> = [];

  set(run: Run): void {
    this.runs.set(run.id, run);
    this.#version += 1;
    for (const wake of this.#wake.splice(0)) wake();
  }

  async create(request: NewRun): Promise<'started' | 'exists' | 'taken' | 'too-large'> {
    this.#reach();
    const before = this.created.get(request.id);
    if (before)
      return before.inputDigest === request.inputDigest && before.caller === request.caller ? 'exists' : 'taken';
    if (JSON.stringify(request.approval?.details ?? request.input).length > 64 * 1024) return 'too-large';
    this.created.set(request.id, request);
    this.set(
      run(request.id, {
        assistant: request.assistant,
        caller: request.caller,
        ...(request.approval && { kind: 'approval' }),
      }),
    );
    return 'started';
  }

  async get(id: string): Promise<Run | undefined> {
    this.#reach();
    return this.runs.get(id);
  }

  async callerOf(id: string): Promise<string | null | undefined> {
    this.#reach();
    return this.runs.get(id)?.caller;
  }

  async record(id: string, before?: number): Promise<RunRecord | undefined> {
    this.#reach();
    this.recordsBefore.push(before);
    return this.runs.has(id) ? this.records.get(id) : undefined;
  }

  async history(id: string): Promise<string | undefined> {
    this.#reach();
    return this.runs.has(id) ? '{"events":[]}' : undefined;
  }

  async stopped(id: string) {
    this.#reach();
    return this.stops.get(id);
  }

  async list(filter: RunFilter) {
    this.#reach();
    this.filters.push(filter);
    if (filter.pageToken === 'bad')
      throw new RunsFailure('refused', 'Temporal refused the request: Invalid NextPageToken.');
    const runs = [...this.runs.values()].filter(
      (each) =>
        (filter.caller === undefined || each.caller === filter.caller) &&
        (!filter.approvalId || each.detail?.calls.some(({ approval }) => approval?.id === filter.approvalId)),
    );
    return { runs, nextPageToken: null };
  }

  async *changes(_id: string, signal: AbortSignal): AsyncGenerator<void> {
    this.watchers += 1;
    try {
      while (!signal.aborted) {
        const seen = this.#version;
        yield;
        if (seen !== this.#version) continue;
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    } finally {
      this.watchers -= 1;
    }
  }

  async cancel(id: string) {
    return await this.#order(`cancel ${id}`, id);
  }

  async retry(id: string) {
    return await this.#order(`retry ${id}`, id);
  }

  async send(id: string, message: NewMessage) {
    this.#reach();
    const run = this.runs.get(id);
    if (!run) return 'not-found';
    if (run.closedAt !== null) return 'closed';
    const before = this.said.find((each) => each.id === message.id);
    if (before) return before.digest === message.digest ? 'exists' : 'taken';
    if (this.said.length >= 2) return 'too-many';
    if (message.text.length > 64 * 1024) return 'too-large';
    this.said.push(message);
    return 'sent';
  }

  async signalAsked(id: string, hint: DecisionHint): Promise<'delivered' | 'closed'> {
    this.#reach();
    this.asked.push({ id, hint });
    return this.runs.get(id)?.closedAt === null ? 'delivered' : 'closed';
  }

  async signalDecided(id: string, hint: DecisionHint): Promise<'delivered' | 'closed'> {
    this.#reach();
    this.hints.push({ id, hint });
    return this.runs.get(id)?.closedAt === null ? 'delivered' : 'closed';
  }

  async health(): Promise<void> {
    this.#reach();
  }

  async #order(order: string, id: string): Promise<'ordered' | 'closed'> {
    this.#reach();
    this.orders.push(order);
    return this.runs.get(id)?.closedAt === null ? 'ordered' : 'closed';
  }

  #reach(): void {
    if (this.away) throw new RunsFailure('unavailable', 'Temporal did not answer in time. Try again.');
  }
}
