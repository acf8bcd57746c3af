import type { RemoveRuns, RunRemovalReport } from '@holdpoint/client';
import { z } from 'zod';

const dayMs = 86_400_000;

/** Shortest age of what a retention removes, in milliseconds. */
export const shortestRetentionMs = dayMs;

/** The body of `POST /v1/removals`. */
export const removeRunsSchema = z
  .union([
    z
      .object({
        quietSince: z.iso
          .datetime({ offset: true })
          .meta({ description: 'Removes closed runs that did nothing since. A day ago at least.' }),
        dryRun: z.boolean().optional(),
      })
      .strict(),
    z
      .object({
        field: z.string().min(1).max(200).meta({ description: 'A path in the context, such as customer.id.' }),
        value: z.string().min(1).max(1000),
        dryRun: z.boolean().optional(),
      })
      .strict(),
  ])
  .meta({ id: 'RemoveRuns' }) satisfies z.ZodType<RemoveRuns>;

export const runRemovalReportSchema = z
  .object({
    dryRun: z.boolean(),
    runs: z.number().int(),
    rows: z.record(z.string(), z.number().int()),
    open: z.array(z.string()),
    more: z.boolean(),
  })
  .meta({ id: 'RunRemovalReport' }) satisfies z.ZodType<RunRemovalReport>;
