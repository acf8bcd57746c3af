import { z } from 'zod';
import { longestHoldSeconds } from './hold-limits.ts';
import { outcomeAnswers } from './outcome-answers.ts';

export const holdSeconds = z.number().int().min(0).max(longestHoldSeconds);

/** Fields of a call that decides. */
export const holdFields = {
  held: z
    .boolean()
    .optional()
    .describe(
      'Holds the decision for the seconds of the person’s setting `holdSeconds`, 5 by default. Until then the person can undo it. Default: false.',
    ),
  holdSeconds: holdSeconds.optional().describe('Holds the decision for these seconds instead.'),
};

/** A decision that is made at `dueAt`, unless it is undone before. */
export const holdSchema = z.object({
  /** Name of the person. */
  by: z.string(),
  decision: z.enum(['approve', 'reject', ...outcomeAnswers]),
  /** Approves with changed arguments. */
  edited: z.boolean(),
  /** The same for all decisions of one call. Null for a single one. */
  batch: z.string().nullable(),
  heldAt: z.string(),
  dueAt: z.string(),
});
export type Hold = z.output<typeof holdSchema>;

/** `GET /holds`: the held decisions of the signed-in person, in the order of their times. */
export const ownHoldsSchema = z.object({
  holds: z.array(holdSchema.extend({ id: z.string(), action: z.string(), summary: z.string() })),
});
export type OwnHolds = z.output<typeof ownHoldsSchema>;

/** The body of `POST /approvals/undo`: undoes what the signed-in person holds on these approvals. */
export const undoManySchema = z.object({ ids: z.array(z.string()).min(1).max(100) });
/** `nothing-held`: it was undone, dropped or decided before. `not-yours`: another person holds a decision. */
export const undoManyAnswerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['undone', 'nothing-held', 'already-closed', 'not-yours', 'not-found']),
      error: z.string().optional(),
    }),
  ),
});
export type UndoManyAnswer = z.output<typeof undoManyAnswerSchema>;
