/** The only assistant of the benchmark. */
export const assistantName = 'bench';

/** Its tools: reviewed and idempotent, reviewed and `at-most-once`, reviewed with a deadline, not reviewed. */
export type ToolName = 'act' | 'act_once' | 'act_in_time' | 'act_freely';

/** Duration of a counted act in milliseconds: long enough for a kill in the middle. */
export const actMs = 20;
