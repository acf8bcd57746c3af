import type { StepKinds } from './store/execute-step.ts';

/** All kinds of timed steps, by the name that stands in the table. */
export const stepKinds: StepKinds = {};
