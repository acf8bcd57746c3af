/** Looks at what waits, in case the news of a decision was lost. */
export type ReconcileInput = {
  /** Milliseconds since the epoch up to which an earlier look came; null for the first. */
  since: number | null;
  /** Cheqpoint can't reach us, so everything that waits is looked at every time. */
  everything: boolean;
  /** What the last look found decided; absent for the first. */
  decided?: Decided;
  /** Assistants whose review service could not be asked last time. */
  behind?: Behind;
};

/** Up to when the approvals of an assistant were looked at, in milliseconds since the epoch, where that is less than of all others. */
export type Behind = { [assistant: string]: number };

/** Requests that a look found decided, and when it began, in milliseconds since the epoch. */
export type Decided = { at: number; approvalIds: string[] };

/**
 * `lookedUntil` and `behind` go into the next look, so that an outage leaves no gap, and that of one service costs no
 * other; so does `decided`, since a run that was told may still show its request: its tool runs, or it is parked.
 * Telling it every time would fill its history.
 */
export type ReconcileResult = {
  lookedUntil: number;
  looked: number;
  told: number;
  withdrawn: number;
  decided: Decided;
  behind?: Behind;
};

export type ReconcileActivities = { reconcile(input: ReconcileInput): Promise<ReconcileResult> };

const minute = 60_000;
/** A waiting approval is looked at when it gets this old, in milliseconds … */
const ages = [2 * minute, 5 * minute, 15 * minute, 60 * minute];
/** … and from the last of these on, all together, every six hours. */
const everyAfterwards = 6 * 60 * minute;

/** Spans of time, in milliseconds since the epoch: what began to wait in one of them is due for a look. */
export type Span = { after: number | null; until: number };

/** Whether what began to wait at this time is due between two looks. */
export function isDue(waitingSince: number, since: number, now: number): boolean {
  return dueSpans(since, now).some(
    ({ after, until }) => (after === null || waitingSince > after) && waitingSince <= until,
  );
}

/** Which waiting approvals are due between two looks. */
export function dueSpans(since: number, now: number): Span[] {
  const spans: Span[] = ages.map((age) => ({ after: since - age, until: now - age }));
  const oldest = ages.at(-1) as number;
  if (Math.floor(now / everyAfterwards) > Math.floor(since / everyAfterwards))
    spans.push({ after: null, until: now - oldest });
  return spans;
}
