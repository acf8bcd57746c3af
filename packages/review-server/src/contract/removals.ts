import { z } from 'zod';

/*
 * `POST /reviewer-api/removals` removes closed approvals with all their parts: those decided before a time, or those about
 * a subject. The audit keeps its entries. They hold digests by a key that is removed, too.
 */

const dayMs = 86_400_000;

/** Shortest age of what a retention removes, in milliseconds. */
export const shortestRetentionMs = dayMs;

export const removeApprovalsSchema = z.union([
  z.strictObject({
    /** ISO 8601, a day ago at least. */
    decidedBefore: z.iso.datetime({ offset: true }),
    dryRun: z.boolean().default(false),
  }),
  z.strictObject({
    /** Path in the arguments, the context or the metadata, such as `customer.id`. Or `subject` or `onBehalfOf`. */
    field: z.string().min(1).max(200),
    value: z.string().min(1).max(1000),
    dryRun: z.boolean().default(false),
  }),
]);
export type RemoveApprovals = z.input<typeof removeApprovalsSchema>;

export const removalReportSchema = z.object({
  dryRun: z.boolean(),
  /** Removed approvals. With `dryRun`: those that would be. */
  approvals: z.number(),
  /** Removed rows by table. */
  rows: z.record(z.string(), z.number()),
  /** Ids of open approvals about the subject, 100 at most. They stay. Decide or withdraw them, then erase again. */
  open: z.array(z.string()),
  /** True if a further call removes more. */
  more: z.boolean(),
});
export type RemovalReport = z.output<typeof removalReportSchema>;
