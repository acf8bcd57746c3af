import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { TranscriptEntry } from '../../src/activities/ports.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import type { RunView } from '../../src/domain/run.ts';
import { defineTool, type Assistant, type Tool } from '../../src/index.ts';
import type { Item } from '@holdpoint/openai-stand-in';
import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import { whimsicalConversation } from '../support/conversation.ts';
import { startStage, type Stage, type StagedRun } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { startHastyWorker, type HastyWorker } from './hasty-worker.ts';
import { replyOf, toolNames, type Crash, type Event, type Plan, type Point, type ToolName } from './plan.ts';

const minute = 60_000;
/** Time limit for the longest retry on a busy machine, in milliseconds. */
const patienceMs = 30_000;

/** A run that is not over after so many decisions asks without end. */
const mostDecisions = 50;

/** One time that a tool acted, as the outside world saw it. */
export type Act = { key: string; tool: ToolName; amount: number };
/** A person's decision on a request. */
export type Said = { how: 'approve' | 'edit' | 'reject'; note: string };

/** All that there is to see of a run when it is over. */
export type Played = {
  firstRunId: string;
  /** The end of the run, or the state in which it waits. */
  ended: 'completed' | 'failed' | 'parked' | 'stuck';
  why: string;
  acts: Act[];
  /** Every request, as the review server has it. */
  asked: ApprovalAnswer[];
  said: Map<string, Said>;
  /** The transcript: one entry a turn. */
  entries: TranscriptEntry[];
  /** The model's last input. */
  seen: readonly Item[];
};

export type World = { play(plan: Plan): Promise<Played>; stop(): Promise<void> };

/** A real Temporal, worker, review server and stand-in, in which plans are played one after the other. */
export async function startWorld(api: Assistant['api']): Promise<World> {
  let armed: Crash[] = [];
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const acts: Act[] = [];

  function pass(at: Point, when: Crash['when'], failing: () => Error): void {
    const struck = armed.findIndex((crash) => crash.at === at && crash.when === when);
    if (struck === -1) return;
    armed.splice(struck, 1);
    throw failing();
  }
  /** As if the process had gone there: nothing of the attempt runs any more, and Temporal starts another, soon. */
  const brokenOff = (): Error =>
    ApplicationFailure.create({ message: 'The attempt broke off.', type: 'Crash', nextRetryDelay: 10 });
  function breakable<T extends object>(name: string, part: T): T {
    return new Proxy(part, {
      get(target, method) {
        const value = Reflect.get(target, method) as unknown;
        if (typeof value !== 'function') return value;
        const point = `${name}.${String(method)}` as Point;
        return async (...args: unknown[]) => {
          pass(point, 'before', brokenOff);
          const result: unknown = await (value as (...args: unknown[]) => unknown).apply(target, args);
          pass(point, 'after', brokenOff);
          return result;
        };
      },
    });
  }

  const tools = toolNames.map((name): Tool =>
    defineTool({
      name,
      description: 'Does something that can be counted.',
      parameters: z.object({ amount: z.number().int() }),
      effect: name === 'pay_once' ? 'at-most-once' : 'idempotent',
      review: name === 'read' ? 'never' : { when: () => true, ...(name === 'hurry' && { expiresIn: 60 * minute }) },
      execute: ({ amount }, { idempotencyKey }) => {
        pass('tool', 'before', () => new Error('The tool failed before it acted.'));
        acts.push({ key: idempotencyKey, tool: name, amount });
        pass('tool', 'after', () => new Error('The tool failed after it had acted.'));
        return { done: amount, key: idempotencyKey };
      },
    }),
  );
  const database = await openDatabase('sqlite::memory:');
  const stage = await startStage(tools, {
    api,
    callbacks: false,
    worker: false,
    review: { clock: () => new Date(now()) },
    dependencies: {
      now,
      values: database.values,
      transcripts: breakable('transcripts', database.transcripts),
      requests: breakable('requests', database.requests),
      effects: breakable('effects', database.effects),
    },
  });
  const { review, surface } = stage.dependencies;
  stage.dependencies.review = (assistant) => breakable('review', review(assistant));
  stage.dependencies.surface = (assistant) => breakable('surface', surface(assistant));
  const worker = await startHastyWorker(stage);

  return {
    async play({ turns, events }) {
      stage.control.reset();
      ahead = 0;
      acts.length = 0;
      armed = [];
      const run = await stage.start((text) => whimsicalConversation(text, turns.map(replyOf)));
      const playing = new Playing(
        stage,
        worker,
        run,
        acts,
        (crash) => armed.push(crash),
        (milliseconds) => (ahead += milliseconds),
      );
      for (const event of events) await playing.happen(event);
      return await playing.end();
    },
    async stop() {
      await worker.stop();
      await stage.stop();
      await database.close();
    },
  };
}

/** One plan at work. */
class Playing {
  readonly #stage: Stage;
  readonly #worker: HastyWorker;
  readonly #run: StagedRun;
  readonly #acts: Act[];
  readonly #arm: (crash: Crash) => unknown;
  readonly #advance: (milliseconds: number) => unknown;
  readonly #said = new Map<string, Said>();
  #over: { state: 'completed' | 'failed'; why: string } | undefined;

  constructor(
    stage: Stage,
    worker: HastyWorker,
    run: StagedRun,
    acts: Act[],
    arm: (crash: Crash) => unknown,
    advance: (milliseconds: number) => unknown,
  ) {
    this.#stage = stage;
    this.#worker = worker;
    this.#run = run;
    this.#acts = acts;
    this.#arm = arm;
    this.#advance = advance;
    run.result().then(
      () => (this.#over = { state: 'completed', why: '' }),
      (error: unknown) =>
        (this.#over = { state: 'failed', why: String((error as { cause?: unknown }).cause ?? error) }),
    );
  }

  async happen(event: Event): Promise<void> {
    if (this.#over) return;
    switch (event.type) {
      case 'decides': {
        await this.#calm();
        const waiting = (await this.#run.asked()).filter(({ status }) => status === 'PENDING');
        const request = waiting[event.which % waiting.length];
        if (request) await this.#decide(request, event.how);
        return;
      }
      case 'news':
        return await this.#tell(event);
      case 'OpenAI expires':
        return this.#stage.control.advanceClock(10 * minute + 1_000);
      case 'deadlines pass':
        this.#advance(120 * minute);
        return await this.#tellAll();
      case 'worker restarts':
        return await this.#worker.restart();
      case 'crash':
        return void this.#arm(event.crash);
      case 'OpenAI loses':
        this.#stage.control.fault({
          kind: event.what === 'request' ? 'drop' : 'drop_after_commit',
          match: { method: 'POST' },
        });
    }
  }

  /** Decides all open requests and sends their hints, until the run has ended or is parked. */
  async end(): Promise<Played> {
    const deadline = Date.now() + patienceMs;
    let parked: string | undefined;
    while (!this.#over && parked === undefined && Date.now() < deadline && this.#said.size < mostDecisions) {
      const view = await this.#calm();
      parked = view?.parked[0]?.type;
      for (const request of await this.#run.asked())
        if (request.status === 'PENDING') await this.#decide(request, 'approve');
      await this.#tellAll();
    }
    const { conversation } =
      this.#over?.state === 'completed' ? ((await this.#run.result()) as { conversation: { entry: string } }) : {};
    const over =
      this.#over ??
      (parked === undefined
        ? { state: 'stuck' as const, why: 'it does not end' }
        : { state: 'parked' as const, why: parked });
    if (!this.#over) await this.#stage.client.workflow.getHandle(this.#run.id).terminate();
    return {
      firstRunId: this.#run.firstRunId,
      ended: over.state,
      why: over.why,
      acts: [...this.#acts],
      asked: await this.#run.asked(),
      said: this.#said,
      entries: conversation ? ((await this.#stage.dependencies.transcripts.read(conversation.entry)) ?? []) : [],
      seen: this.#run.seen(),
    };
  }

  /** Waits until the run is over, parked, or has nothing to do but wait. */
  async #calm(): Promise<RunView | undefined> {
    return await until(
      'the run comes to rest',
      async () => {
        if (this.#over) return { parked: [] } as unknown as RunView;
        const view = await this.#run.view();
        const rests =
          view.calls.length > 0 &&
          view.calls.every(({ state }) => state === 'waiting' || state === 'done') &&
          view.calls.some(({ state }) => state === 'waiting');
        return (rests || view.parked.length > 0) && view;
      },
      patienceMs,
    );
  }

  async #decide({ id, details, action }: ApprovalAnswer, how: Said['how']): Promise<void> {
    const note = `The note of ${id}.`;
    this.#said.set(id, { how, note });
    const decision = action.endsWith(':outcome-unknown')
      ? this.#outcome(callKeyOf(details), how)
      : how === 'reject'
        ? { decision: 'reject' as const, note }
        : {
            decision: 'approve' as const,
            note,
            ...(how === 'edit' && { modifiedDetails: { amount: Number(details['amount']) + 10 } }),
          };
    // Another decision or the expiry may have come first.
    await this.#run.decide(id, decision).catch(() => this.#said.delete(id));
  }

  /** A person checks the outcome and reports it, or gives up. */
  #outcome(callKey: string, how: Said['how']): Parameters<StagedRun['decide']>[1] {
    if (how === 'reject') return { decision: 'give-up' };
    return { decision: this.#acts.some(({ key }) => key === callKey) ? 'happened' : 'not-happened' };
  }

  async #tell({ kind, which }: Extract<Event, { type: 'news' }>): Promise<void> {
    const asked = await this.#run.asked();
    const one = asked[which % asked.length];
    const other = asked[(which + 1) % asked.length];
    if (!one || !other || kind === 'made up') {
      const inventions = [
        null,
        'text',
        {},
        { callKey: 1 },
        { callKey: one && callKeyOf(one.details), request: 7, approvalId: 'req_made_up' },
        { approvalId: '' },
      ];
      return await this.#signal(inventions[which % inventions.length]);
    }
    const news = { callKey: callKeyOf(one.details), request: numberOf(one.details), approvalId: one.id };
    if (kind === 'only an id') return await this.#signal({ approvalId: one.id });
    if (kind === 'mixed up') return await this.#signal({ ...news, approvalId: other.id });
    await this.#signal(news);
    if (kind === 'twice') await this.#signal(news);
  }

  async #tellAll(): Promise<void> {
    for (const { id, details } of await this.#run.asked())
      await this.#signal({ callKey: callKeyOf(details), request: numberOf(details), approvalId: id });
  }

  async #signal(news: unknown): Promise<void> {
    // A run that has just ended takes none.
    await this.#run.signal(decidedSignal, news).catch(() => undefined);
  }
}

type Sealed = { holdpoint: { callKey: string; number: number; kind: string } };
export const callKeyOf = (details: ApprovalAnswer['details']): string => (details as Sealed).holdpoint.callKey;
export const numberOf = (details: ApprovalAnswer['details']): number => (details as Sealed).holdpoint.number;
export const kindOf = (details: ApprovalAnswer['details']): string => (details as Sealed).holdpoint.kind;
