/** How often a background response is looked at: the first wait, doubling up to the longest. */
export type PollIntervals = { firstMs: number; longestMs: number };
