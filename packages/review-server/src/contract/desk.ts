import { z } from 'zod';
import { forPeople } from '@holdpoint/cheqpoint/wire';

/** Characters of a comment, and comments of an approval. */
const longestComment = 2000;
export const mostComments = 200;

const text = forPeople.pipe(
  z
    .string()
    .max(longestComment)
    .refine((each) => each.trim() !== '', 'must not be empty'),
);

/** A comment of a reviewer. It can't be changed or removed, and goes to no assistant and no requester. */
export const commentSchema = z.object({
  /** From 1. */
  number: z.number(),
  by: z.string(),
  text: z.string(),
  at: z.string(),
});
export type Comment = z.output<typeof commentSchema>;
/** The body of `POST /approvals/{id}/comments`; answers with the Comment. 409 when the approval has 200. */
export const addCommentSchema = z.strictObject({ text });

/**
 * Shows other reviewers who works on an approval. Others may still decide. It lapses after 15 minutes, unless one
 * person handed the approval over.
 */
export const claimSchema = z.object({
  /** Name of the user or group. */
  by: z.string(),
  isGroup: z.boolean(),
  /** Name of the user who handed it over. Null for a claim of one's own. */
  assignedBy: z.string().nullable(),
  at: z.string(),
});
export type Claim = z.output<typeof claimSchema>;

/** The body of `PUT /approvals/{id}/assignment`: hands the approval over. Rights to decide stay as they are. */
export const assignSchema = z.strictObject({
  to: z.union([z.strictObject({ user: z.string().min(1) }), z.strictObject({ group: z.string().min(1) })]),
  comment: text.nullish(),
});
export type Assign = z.output<typeof assignSchema>;
export const assignedSchema = z.object({ claim: claimSchema });
export type Assigned = z.output<typeof assignedSchema>;

/** `GET /approvals/{id}/assignees`: those who may decide it now, and groups with such a member, by name. */
export const assigneesSchema = z.object({ users: z.array(z.string()), groups: z.array(z.string()) });
export type Assignees = z.output<typeof assigneesSchema>;

/** `GET /assigned`: open approvals that others handed over to the signed-in person, newest first. */
export const assignedListSchema = z.object({
  assigned: z.array(claimSchema.extend({ id: z.string(), action: z.string(), summary: z.string() })),
});
export type AssignedList = z.output<typeof assignedListSchema>;
