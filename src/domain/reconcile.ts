/** One round of checking the waiting approvals, in case a callback was lost. */
export type ReconcileInput = ReconcileState & {
  /** The end of the last round, in milliseconds since the epoch. Null for the first. */
  since: number | null;
  /** Check every waiting approval in every round, since Cheqpoint can't call back. */
  everything: boolean;
};

/**
 * State that a round gives to the next one. Each field is absent for the first round and in rounds of earlier
 * versions. Maps have the name of an assistant as key. `feeds` and `walks` have one entry for each Connection Key,
 * under the first of its assistants in alphabetical order.
 */
export type ReconcileState = {
  /** The requests that the last rounds found decided by reading them. */
  decided?: Decided;
  /** Assistants whose approvals of certain ages wait for a check: the service failed, or the round was over. */
  behind?: Behind;
  /** The places in the decision feeds of our review servers. */
  feeds?: { [assistant: string]: FeedState };
  /** The places in the walks over all waiting approvals. */
  walks?: { [assistant: string]: WalkState };
  /** Open questions of reviewers that were signalled, for each Connection Key as in `feeds`. */
  questions?: { [assistant: string]: ToldQuestions };
  /** Closed runs were checked up to this close time, in milliseconds since the epoch. Absent: all of them. */
  closedUntil?: number;
};

/** When questions were signalled, by their id, in milliseconds since the epoch. */
export type ToldQuestions = { [question: string]: number };

/** The time up to which the approvals of an assistant were checked, in milliseconds since the epoch. */
export type Behind = { [assistant: string]: number };

/** The requests that rounds found decided. `at`: when the last round began, in milliseconds since the epoch. */
export type Decided = { at: number; approvalIds: string[] };

/** A start in the decision feed: a cursor, or an ISO 8601 time. */
export type FeedStart = { after: string } | { since: string };

/**
 * A place in a decision feed. The run of a decision is found by Temporal's visibility, which lags. So a pass begins at
 * `from` and reads the decisions of the last minutes again.
 */
export type FeedState = {
  from: FeedStart;
  /** The cursor at the end of the pass that began at `at`. Null before the first one. */
  reached: string | null;
  at: number;
  /** Signalled approvals of this stretch. They are not signalled again. */
  told: string[];
  /** A pass that did not end in its round. */
  pass?: { cursor: string; at: number };
};

/** A place in the walk over all waiting runs, oldest first. */
export type WalkState = {
  startedAt: number;
  /** The last run that was checked. Null at the beginning. */
  after: WalkPosition | null;
  done: boolean;
  /** The service failed meanwhile, so the next walk begins at once. */
  again?: true;
};
export type WalkPosition = { waitingSince: number; workflowId: string };

/**
 * The next round continues from `lookedUntil` and the state, so that an outage leaves no gap and affects one service
 * only. `looked`: approvals read. `told`: Signals sent. `unfinished`: there is more to do now.
 */
export type ReconcileResult = ReconcileState & {
  lookedUntil: number;
  looked: number;
  told: number;
  withdrawn: number;
  decided: Decided;
  unfinished?: true;
};

export type ReconcileActivities = { reconcile(input: ReconcileInput): Promise<ReconcileResult> };

const minute = 60_000;
/** A waiting approval is checked when it reaches one of these ages, in milliseconds … */
const ages = [2 * minute, 5 * minute, 15 * minute, 60 * minute];
/** … and after the last of them by walks over all waiting approvals, which begin at least this far apart. */
const walkEvery = 6 * 60 * minute;

/** A span of time, in milliseconds since the epoch. Approvals that began to wait in it are due. */
export type Span = { after: number | null; until: number };

/** True if an approval that began to wait at `waitingSince` reaches one of the ages in the round from `since` to `now`. */
export function isDue(waitingSince: number, since: number, now: number): boolean {
  return dueAt(waitingSince, since, now) !== undefined;
}

/** The first time after `since`, up to `now`, at which the approval reaches one of the ages. Undefined without one. */
export function dueAt(waitingSince: number, since: number, now: number): number | undefined {
  return ages.map((age) => waitingSince + age).find((due) => due > since && due <= now);
}

/** The approvals that are due in the round from `since` to `now`. */
export function dueSpans(since: number, now: number): Span[] {
  return ages.map((age) => ({ after: since - age, until: now - age }));
}

/** The walk to continue at `now`: the last one, or a new one when it is done and a new one is due. */
export function walkAt(last: WalkState | undefined, now: number, everything: boolean): WalkState {
  const fresh: WalkState = { startedAt: now, after: null, done: false };
  if (last === undefined) return fresh;
  const isNextDue = everything || last.again === true || now - last.startedAt >= walkEvery;
  return last.done && isNextDue ? fresh : last;
}

/** The approvals of a walk began to wait up to this time. Younger ones are checked by age. */
export function walkUntil({ startedAt }: WalkState, everything: boolean): number {
  return everything ? startedAt : startedAt - ages.at(-1)!;
}

/** Visibility may lag, and clocks may differ by so much: a decision is looked up again after this time. */
const feedOverlapMs = 2 * minute;

/** The place after a whole pass which began at `at` and ended at `cursor`. */
export function afterPass(last: FeedState, cursor: string, at: number, told: string[]): FeedState {
  if (last.reached === null) return { from: last.from, reached: cursor, at, told };
  if (at - last.at < feedOverlapMs) return { from: last.from, reached: last.reached, at: last.at, told };
  return { from: { after: last.reached }, reached: cursor, at, told };
}
