/** One round of checking the waiting approvals, in case a callback was lost. */
export type ReconcileInput = {
  /** The end of the last round, in milliseconds since the epoch. Null for the first. */
  since: number | null;
  /** Check every waiting approval in every round, since Cheqpoint can't call back. */
  everything: boolean;
  /** The requests that the last round found decided. Absent for the first. */
  decided?: Decided;
  /** Assistants whose review service failed in the last round. */
  behind?: Behind;
};

/** For assistants that lag: the time up to which their approvals were checked, in milliseconds since the epoch. */
export type Behind = { [assistant: string]: number };

/** The requests that a round found decided. `at`: when the round began, in milliseconds since the epoch. */
export type Decided = { at: number; approvalIds: string[] };

/**
 * The next round continues from `lookedUntil` and `behind`, so that an outage leaves no gap and affects one service
 * only. It skips the requests in `decided`: a signalled run may show its request for a while, and a Signal in every
 * round would fill its history. `told`: runs that were signalled.
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
/** A waiting approval is checked when it reaches one of these ages, in milliseconds … */
const ages = [2 * minute, 5 * minute, 15 * minute, 60 * minute];
/** … and after the last of them together with all others, every six hours. */
const everyAfterwards = 6 * 60 * minute;

/** A span of time, in milliseconds since the epoch. Approvals that began to wait in it are due. */
export type Span = { after: number | null; until: number };

/** True if an approval that began to wait at `waitingSince` is due in the round from `since` to `now`. */
export function isDue(waitingSince: number, since: number, now: number): boolean {
  return dueSpans(since, now).some(
    ({ after, until }) => (after === null || waitingSince > after) && waitingSince <= until,
  );
}

/** The approvals that are due in the round from `since` to `now`. */
export function dueSpans(since: number, now: number): Span[] {
  const spans: Span[] = ages.map((age) => ({ after: since - age, until: now - age }));
  const oldest = ages.at(-1) as number;
  if (Math.floor(now / everyAfterwards) > Math.floor(since / everyAfterwards))
    spans.push({ after: null, until: now - oldest });
  return spans;
}
