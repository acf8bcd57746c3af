// Without imports, so that the page loads it alone.

/** The longest time that a decision is held, in seconds. */
export const longestHoldSeconds = 60;
/** The time for a person without the setting `holdSeconds`. */
export const usualHoldSeconds = 5;
