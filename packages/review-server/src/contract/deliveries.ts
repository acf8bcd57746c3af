import { z } from 'zod';
import { pageFields } from './page-fields.ts';

/** One attempt to call back. */
const deliveryAttemptSchema = z.object({
  /** From 1. */
  number: z.number(),
  at: z.string(),
  /** Milliseconds. */
  tookMs: z.number(),
  /** HTTP status. Null without an answer. */
  status: z.number().nullable(),
  /** Null if the receiver accepted it (2xx). */
  problem: z.string().nullable(),
});
/** The delivery of one decision to one address. */
export const deliverySchema = z.object({
  id: z.string(),
  approvalId: z.string(),
  /** Scheme, host and port only: the rest of the address may hold a secret. */
  to: z.string(),
  /** `due`: retried until received. `given-up`: not received within 72 hours. */
  state: z.enum(['due', 'delivered', 'given-up']),
  createdAt: z.string(),
  nextAttemptAt: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  givenUpAt: z.string().nullable(),
  /** The last 50, oldest first. */
  attempts: z.array(deliveryAttemptSchema),
});
export type Delivery = z.output<typeof deliverySchema>;
/** The query of `GET /deliveries`. Newest first. */
export const listDeliveriesSchema = z.object({
  ...pageFields,
  approval: z.string().max(200).optional(),
  state: z.enum(['due', 'delivered', 'given-up']).optional(),
});
export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema), nextCursor: z.string().nullable() });
