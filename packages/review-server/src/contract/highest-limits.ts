/** Upper bounds for the limits of an assistant. In a file of their own, so that the inbox loads them without zod. */
export const highestLimits = {
  /** Requests in an hour, in a day, or identical ones. */
  requests: 1_000_000,
  /** The span of a loop protection, in seconds: a day. */
  withinSeconds: 24 * 3600,
} as const;
