/** Waits between polls, in milliseconds: the first one, doubled after each poll up to the longest. */
export type PollIntervals = { firstMs: number; longestMs: number };
