import { z } from 'zod';
import { passwordSchema } from './password.ts';
import { roleNames } from './session.ts';
import { userNamePattern } from './user-name.ts';

/* Schemas of users under `/reviewer-api`. The role admin changes, the role auditor reads. */

/** One user, in `GET /users` as `{ users: User[] }`. */
export const userSchema = z.object({
  name: z.string(),
  roles: z.array(z.enum(roleNames)),
  /** Null for users created before this was recorded. */
  createdAt: z.string().nullable(),
  /** Null: never. */
  lastSignInAt: z.string().nullable(),
  /** Further names of the person, such as e-mail addresses. Only for the separation of duties. */
  aliases: z.array(z.string()),
});
export type User = z.output<typeof userSchema>;
export const userListSchema = z.object({ users: z.array(userSchema) });

const userName = z
  .string()
  .regex(userNamePattern, 'must be 1 to 100 letters, digits, spaces or . _ @ + - and begin with a letter or digit');
const roles = z
  .array(z.enum(roleNames))
  .min(1, 'must have at least one role')
  .transform((list) => [...new Set(list)]);

const aliases = z
  .array(
    z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(300)
      .transform((text) => text.replaceAll('\0', '\uFFFD')),
  )
  .max(20)
  .transform((list) => [...new Set(list)]);

/** The body of `POST /users`; answers with the User. 409 when the name is taken. */
export const addUserSchema = z.object({ name: userName, password: passwordSchema, roles });
/** The body of `PATCH /users/{name}`; answers with the User. A new password ends the user's sessions. */
export const changeUserSchema = z
  .object({ password: passwordSchema.optional(), roles: roles.optional(), aliases: aliases.optional() })
  .refine(
    ({ password, roles: newRoles, aliases: newAliases }) =>
      password !== undefined || newRoles !== undefined || newAliases !== undefined,
    'must change the password, the roles or the aliases',
  );
// `DELETE /users/{name}` removes the user and ends the sessions; 409 for the last admin, as with a PATCH of the roles.

/** The body of `POST /users/{name}/link`; answers with the User. `user` is removed, and its sign-in belongs to the first. */
export const linkUserSchema = z.object({ user: z.string().min(1).max(100) });
