import { z } from 'zod';

const fewest = 12;
const most = 1000;

// Counts what a person typed, and what is hashed: one ligature may become 18 letters.
function isLong(password: string): boolean {
  return [password, password.normalize('NFKC')].every((text) => Array.from(text).length >= fewest);
}

/** A new password. A length check only, as NIST SP 800-63B advises. Passwords are compared in the form NFKC. */
export const passwordSchema = z
  .string()
  .max(most, `must have at most ${most} characters`)
  .refine(isLong, `must have at least ${fewest} characters`)
  .refine((password) => password.isWellFormed(), 'must be Unicode text')
  .meta({ minLength: fewest });

/** A password at a sign-in. Older passwords may be shorter. */
export const presentPasswordSchema = z.string().min(1).max(4096);

/** The body of `PUT /password`: the user's own. Other sessions end. 403 when `current` is wrong. */
export const changePasswordSchema = z
  .object({ current: presentPasswordSchema, password: passwordSchema })
  .refine(({ current, password }) => current.normalize('NFKC') !== password.normalize('NFKC'), {
    path: ['password'],
    message: 'must differ from the current password',
  });

/** The answer: the number of ended sessions. */
export const passwordChangedSchema = z.object({ ended: z.number() });
export type PasswordChanged = z.output<typeof passwordChangedSchema>;
