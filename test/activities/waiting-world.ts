import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { type DecisionsReply, ReviewFailure, type ReviewAnswer, type ReviewService } from '@holdpoint/cheqpoint';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import type { WaitingRun } from '../../src/activities/ports.ts';
import { createReconcile } from '../../src/activities/reconcile.ts';
import type { ReconcileInput, ReconcileResult } from '../../src/domain/reconcile.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const start = 1_800_000_000_000;

/** Many waiting runs, a review service and a clock, all simulated. Requests are counted. */
export class WaitingWorld {
  readonly requests = { reads: 0, feed: 0 };
  readonly queries = { oldest: 0, waitingFor: 0 };
  readonly told: string[] = [];
  /** When each run was read last, by its number. */
  readonly readAt = new Map<number, number>();
  /** Ids of decided requests in the order of their decisions. */
  readonly decisions: string[] = [];
  readonly environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  /** Milliseconds that passed. */
  clock = 0;
  longestRoundMs = 0;
  /** The service has a feed. */
  hasFeed = true;
  /** The service fails. */
  isAway = false;
  /** The runs of decisions that are not visible yet. */
  readonly invisible = new Set<string>();
  /** Changes when the database is restored. */
  epoch = 1;
  pageSize = 1000;
  readonly #taken = new Set<string>();
  readonly #decided = new Set<string>();
  readonly #waitingSince: number[];
  #last: ReconcileResult | undefined;

  constructor(waitingSince: number[]) {
    this.#waitingSince = waitingSince.toSorted((one, other) => one - other);
  }

  static of(runs: number, age: (index: number) => number): WaitingWorld {
    return new WaitingWorld(Array.from({ length: runs }, (_, index) => start - age(index)));
  }

  get now(): number {
    return start + this.clock;
  }

  /** Decides run `index`. Its callback is lost. */
  decide(index: number): void {
    this.decisions.push(`req_${number(index)}`);
    this.#decided.add(`req_${number(index)}`);
  }

  /** One round, and the pause after it, as the Workflow makes them. */
  async round(input: Partial<ReconcileInput> = {}): Promise<ReconcileResult> {
    const last = this.#last;
    const { lookedUntil: since = null, ...state } = last ?? {};
    const begun = this.clock;
    this.#last = await this.activity({ everything: false, ...state, since, ...input });
    this.longestRoundMs = Math.max(this.longestRoundMs, this.clock - begun);
    this.clock += this.#last.unfinished ? 1_000 : minute;
    return this.#last;
  }

  activity(input: ReconcileInput): Promise<ReconcileResult> {
    const reconcile = createReconcile(this.#dependencies(), {
      elapsed: () => this.clock,
      pause: async (ms, signal) => {
        signal.throwIfAborted();
        this.clock += ms;
      },
    });
    return this.environment.run<[ReconcileInput], ReconcileResult, typeof reconcile>(reconcile, input);
  }

  /** The open questions at the review service. */
  openQuestions: Array<{ id: string; approvalId: string }> = [];
  /** The `asked` Signals. */
  readonly asked: string[] = [];

  /** Calls `work` in place of the next Signal. */
  onSignal: (() => void) | undefined;

  #dependencies(): ActivityDependencies {
    const service: ReviewService = {
      capabilities: async () => ({ idempotency: true, withdraw: true, pause: true, questions: true }),
      paused: async () => null,
      readRecord: () => Promise.reject(new Error('nothing is read here')),
      request: () => Promise.reject(new Error('nothing is requested here')),
      close: () => Promise.reject(new Error('nothing is closed here')),
      openQuestions: async () => ({ questions: this.openQuestions, cursor: null }),
      answerQuestion: () => Promise.reject(new Error('nothing is answered here')),
      read: async (id) => {
        this.requests.reads += 1;
        if (this.isAway) throw new ReviewFailure('unavailable', 'away', { sent: false });
        this.readAt.set(Number(id.slice(4)), this.now);
        return { status: this.#decided.has(id) ? 'approved' : 'pending' } as ReviewAnswer;
      },
      decisions: async (from) => {
        if (!this.hasFeed) return { type: 'no-feed' };
        this.requests.feed += 1;
        if (this.isAway) throw new ReviewFailure('unavailable', 'away', { sent: false });
        return this.#page(from);
      },
    };
    return {
      config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [] })] }),
      review: () => service,
      now: () => this.now,
      waitingRuns: {
        waiting: async ({ after, until }) => this.#runs(this.#countUntil(after ?? -1), this.#countUntil(until)),
        oldest: async ({ after, until, limit }) => {
          this.queries.oldest += 1;
          const begin = after === null ? 0 : Number(after.workflowId.slice(4)) + 1;
          const runs = this.#runs(begin, this.#countUntil(until), limit + 1);
          return { runs: runs.slice(0, limit), last: runs.length <= limit };
        },
        waitingFor: async (ids) => {
          this.queries.waitingFor += 1;
          return ids.flatMap((id) => (this.invisible.has(id) ? [] : (this.#run(Number(id.slice(4))) ?? [])));
        },
        closedWaiting: async () => [],
        signalDecided: async (workflowId) => {
          if (this.onSignal) return this.onSignal();
          this.told.push(workflowId);
          this.#taken.add(workflowId);
        },
        signalAsked: async (workflowId) => void this.asked.push(workflowId),
      },
    } as Partial<ActivityDependencies> as ActivityDependencies;
  }

  #page(from: { after: string } | { since: string }): DecisionsReply {
    const [epoch, place] = 'after' in from ? from.after.split('/').map(Number) : [this.epoch, 0];
    if (epoch !== this.epoch) return { type: 'unknown-cursor' };
    const ids = this.decisions.slice(place, place! + this.pageSize);
    return {
      type: 'decisions',
      ids,
      cursor: `${this.epoch}/${place! + ids.length}`,
      more: ids.length === this.pageSize,
    };
  }

  /** The runs in this range that did not take a decision, up to `limit`. */
  #runs(from: number, to: number, limit = Infinity): WaitingRun[] {
    const runs: WaitingRun[] = [];
    for (let index = Math.max(from, 0); index < to && runs.length < limit; index += 1) {
      const run = this.#run(index);
      if (run) runs.push(run);
    }
    return runs;
  }

  #run(index: number): WaitingRun | undefined {
    const waitingSince = this.#waitingSince[index];
    const workflowId = `run_${number(index)}`;
    if (waitingSince === undefined || this.#taken.has(workflowId)) return undefined;
    return { workflowId, runId: workflowId, assistant: 'comms', approvalIds: [`req_${number(index)}`], waitingSince };
  }

  /** Number of runs that began to wait at `time` or before. */
  #countUntil(time: number): number {
    let [low, high] = [0, this.#waitingSince.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#waitingSince[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sorts as text, too. */
function number(index: number): string {
  return String(index).padStart(6, '0');
}
