/** The benchmark's one assistant. */
export const assistantName = 'bench';

/** Its tools: reviewed and idempotent, reviewed and `at-most-once`, reviewed with a deadline, not reviewed. */
export type ToolName = 'act' | 'act_once' | 'act_in_time' | 'act_freely';

/** How long an act takes where acts are counted: time to be killed in the middle. In milliseconds. */
export const actMs = 20;
