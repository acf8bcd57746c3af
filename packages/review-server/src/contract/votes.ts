import { z } from 'zod';

/*
 * Schemas of the requirement and the votes of an approval. An approval without a requirement takes one decision of any
 * reviewer.
 */

/** Whose turn it is, in lists. */
export const turnSchema = z.object({
  /** Number of the stage that takes votes, from 1, and the number of stages. */
  stage: z.number(),
  stages: z.number(),
  /** The addressees of the stage as people name them, such as `finance`. */
  of: z.array(z.string()),
  /** Approvals that the stage takes, and those it has. */
  needed: z.number(),
  given: z.number(),
});
export type Turn = z.output<typeof turnSchema>;

/** One stage of the requirement. */
const stageSchema = z.object({
  number: z.number(),
  of: z.array(z.string()),
  needed: z.number(),
  given: z.number(),
  /** `open` takes votes. An edit sets passed stages back. */
  state: z.enum(['passed', 'open', 'to-come', 'ended']),
  /** Why it is addressed to the administrators, as a sentence. */
  reason: z.string().nullable(),
});

/** One vote. Those with `counts: false` were cast before an edit. */
const voteSchema = z.object({
  by: z.string(),
  /** The person whose vote a deputy cast. */
  onBehalfOf: z.string().nullable(),
  vote: z.enum(['approve', 'reject']),
  version: z.number(),
  stage: z.number(),
  counts: z.boolean(),
  note: z.string().nullable(),
  at: z.string(),
});

/** The requirement of an approval with its votes. */
export const votingSchema = z.object({
  stages: z.array(stageSchema),
  /** Oldest first, of all versions. */
  votes: z.array(voteSchema),
  /** Edits that began the votes again, oldest first. The request is version 1. */
  edits: z.array(z.object({ version: z.number(), by: z.string(), note: z.string().nullable(), at: z.string() })),
});
export type Voting = z.output<typeof votingSchema>;

/** Whether the signed-in person may decide now. `reason`: why not, as a sentence. */
export const canDecideSchema = z.object({
  approve: z.boolean(),
  reject: z.boolean(),
  reason: z.string().nullable(),
  /** Name of the person whose vote it is, for a deputy. */
  insteadOf: z.string().nullable(),
});
export type CanDecide = z.output<typeof canDecideSchema>;
