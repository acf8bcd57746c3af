/** The body of `POST /v1/removals`. */
export type RemoveRuns = (
  | {
      /** Closed runs that did nothing since this time, a day ago at least. ISO 8601 with an offset. */
      quietSince: string;
    }
  | {
      /** A path in the context of runs, such as `customer.id`. */
      field: string;
      /** The value as text. */
      value: string;
    }
) & {
  /** @default false */
  dryRun?: boolean | undefined;
};

/** The answer of `POST /v1/removals`. */
export type RunRemovalReport = {
  dryRun: boolean;
  /** Removed runs. With `dryRun`: those that would be. */
  runs: number;
  /** Removed rows by table of the database. */
  rows: Record<string, number>;
  /** Open runs about the subject, or that continue a run about it: they stay, and so does the run. 100 at most. */
  open: string[];
  /** True if a further call removes more. Temporal may need half a minute for the removal of a run. */
  more: boolean;
};
