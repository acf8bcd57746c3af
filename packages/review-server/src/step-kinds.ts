import { executeHeldDecision } from './store/execute-held-decision.ts';
import type { StepKinds } from './store/execute-step.ts';
import { heldDecision } from './store/held-decision.ts';

/** All kinds of timed steps, by the name that stands in the table. */
export const stepKinds: StepKinds = { [heldDecision]: executeHeldDecision };
