import { z } from 'zod';
import { requestOptionsSchema } from './passkeys.ts';
import { decideSchema } from './reviewer-api.ts';

/** The body of `POST /approvals/{id}/step-up`: the decision that is to be confirmed, as `POST …/decide` takes it. */
export const beginStepUpSchema = z.object({
  decision: decideSchema.shape.decision,
  modifiedDetails: decideSchema.shape.modifiedDetails,
  removed: decideSchema.shape.removed,
  /** `shown` of the approval as it was read. */
  shown: z.string().max(200),
});

/**
 * Its answer. Where a passkey is needed, send its answer to `options` as `stepUp` of exactly this decision, within two
 * minutes. 403: the user needs a passkey and has none.
 */
export const stepUpOptionsSchema = z.union([
  z.object({ needed: z.literal(false) }),
  z.object({ needed: z.literal(true), origin: z.string(), options: requestOptionsSchema }),
]);
export type StepUpOptions = z.output<typeof stepUpOptionsSchema>;
