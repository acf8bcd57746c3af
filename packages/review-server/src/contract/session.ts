import { z } from 'zod';
import { presentPasswordSchema } from './password.ts';

/**
 * Roles: `reviewer` claims and decides, `admin` manages users, keys and rules, `auditor` reads everything, `operator`
 * reads runs and resumes parked ones.
 */
export const roleNames = ['reviewer', 'admin', 'auditor', 'operator'] as const;
export type Role = (typeof roleNames)[number];

/** The body of `POST /session`. With `browser` the token is set as an HttpOnly cookie and left out of the answer. */
export const signInSchema = z.object({
  name: z.string().min(1),
  password: presentPasswordSchema,
  browser: z.boolean().default(false),
});
/** The body of `POST /session/link`: the one-time token of a sign-in link. */
export const signInByLinkSchema = z.object({ token: z.string().min(1), browser: z.boolean().default(false) });

/** `GET /session`: the signed-in user. */
export const sessionSchema = z.object({
  reviewer: z.object({ name: z.string(), roles: z.array(z.enum(roleNames)) }),
  expiresAt: z.string(),
  server: z.object({ version: z.string() }),
  /** Present if it began at the identity provider. */
  byProvider: z.literal(true).optional(),
});
export type Session = z.output<typeof sessionSchema>;

/** The answer to both sign-ins. `token` is for programs: send it as `authorization: Bearer …`. */
export const signedInSchema = sessionSchema.extend({ token: z.string().optional() });
export type SignedIn = z.output<typeof signedInSchema>;

/**
 * `GET /sessions`: the user's own, newest first. `DELETE /sessions/{id}` ends one, `DELETE /session` the current one,
 * `DELETE /sessions` all others.
 */
export const sessionListSchema = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      createdAt: z.string(),
      expiresAt: z.string(),
      /** The client's `user-agent`. */ agent: z.string().nullable(),
      current: z.boolean(),
    }),
  ),
});
export type SessionList = z.output<typeof sessionListSchema>;

/** `DELETE /sessions`: the number of ended sessions. */
export const sessionsEndedSchema = z.object({ ended: z.number() });
export type SessionsEnded = z.output<typeof sessionsEndedSchema>;
