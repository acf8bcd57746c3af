/** The most that limits of an assistant may be. No part of the schema's own file, so that the inbox shows them without loading zod. */
export const HIGHEST_LIMITS = {
  /** Requests in an hour, in a day, or identical ones. */
  requests: 1_000_000,
  /** The span of a loop protection, in seconds: a day. */
  withinSeconds: 24 * 3600,
} as const;
