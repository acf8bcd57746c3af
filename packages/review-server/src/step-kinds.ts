import { executeHeldDecision } from './store/execute-held-decision.ts';
import type { StepKinds } from './store/execute-step.ts';
import { executeEscalation, executeReminder } from './store/execute-times.ts';
import { heldDecision } from './store/held-decision.ts';
import { escalation, reminder } from './store/plan-times.ts';

/** All kinds of timed steps, by the name that stands in the table. */
export const stepKinds: StepKinds = {
  [heldDecision]: executeHeldDecision,
  [reminder]: executeReminder,
  [escalation]: executeEscalation,
};
