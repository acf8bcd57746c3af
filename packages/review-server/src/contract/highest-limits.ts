/** Upper bounds for the limits of an assistant. This file imports nothing, so the inbox loads it without zod. */
export const highestLimits = {
  /** Requests in an hour, in a day, or identical ones. */
  requests: 1_000_000,
  /** The span of a loop protection, in seconds: a day. */
  withinSeconds: 24 * 3600,
} as const;
