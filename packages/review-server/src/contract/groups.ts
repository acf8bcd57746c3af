import { z } from 'zod';

/*
 * Schemas of groups under `/reviewer-api`. The role admin changes, every signed-in person reads the names, admins and
 * auditors read the members.
 */

/** Who sees approvals addressed to a group, beside its members, administrators and auditors. */
const groupVisibilities = ['members', 'everyone'] as const;

const groupName = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u,
    'must be 1 to 100 letters, digits, spaces or . _ - and begin with a letter or digit',
  );
const fields = {
  name: groupName,
  visibleTo: z.enum(groupVisibilities),
  /** Names of users. Replaces all members. */
  members: z.array(z.string()).max(1000),
};

/** One group, in `GET /groups` as `{ groups: Group[] }`, by name. */
export const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  visibleTo: z.enum(groupVisibilities),
  /** Names of users, in alphabetical order. */
  members: z.array(z.string()),
  /** Approvals that wait for it. */
  waiting: z.number(),
  createdAt: z.string(),
  createdBy: z.string(),
});
export type Group = z.output<typeof groupSchema>;
export const groupListSchema = z.object({ groups: z.array(groupSchema) });

/** The body of `POST /groups`; answers with the Group. 409 when the name is taken, also in another letter case. */
export const createGroupSchema = z.strictObject({
  ...fields,
  visibleTo: fields.visibleTo.default('members'),
  members: fields.members.default([]),
});
export type CreateGroup = z.output<typeof createGroupSchema>;
/** The body of `PATCH /groups/{id}`. Omitted fields stay. Open approvals keep the group under its new name. */
export const changeGroupSchema = z.strictObject(fields).partial();
export type ChangeGroup = z.output<typeof changeGroupSchema>;
// `DELETE /groups/{id}` removes the group; 409 while approvals wait for it.
