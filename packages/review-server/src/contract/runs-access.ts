import { z } from 'zod';

/**
 * The answer of `POST /runs-access`: the gateway's address for this browser, and a token for it. Null: this server
 * knows no gateway. `mayRetry`: the person may resume parked runs.
 */
export const runsAccessSchema = z.object({
  access: z.object({ url: z.string(), token: z.string(), expiresAt: z.string(), mayRetry: z.boolean() }).nullable(),
});
export type RunsAccess = z.output<typeof runsAccessSchema>;

/** The gateway's answer to a request for a token. */
export const inboxTokenSchema = z.object({ token: z.string(), expiresAt: z.string(), mayRetry: z.boolean() });
