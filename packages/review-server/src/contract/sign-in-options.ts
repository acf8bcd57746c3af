import { z } from 'zod';

/** `GET /sign-in`: the ways to sign in at this server. Open to all. */
export const signInOptionsSchema = z.object({
  /** False: passwords are switched off. */
  password: z.boolean(),
  /** Where people sign in with the identity provider. `start` is the address of a link. */
  provider: z.object({ name: z.string(), start: z.string() }).nullable(),
  /** Why the last sign-in with the provider failed, for the page it returned to. */
  problem: z.string().nullable(),
});
export type SignInOptions = z.output<typeof signInOptionsSchema>;

/** The query: `problem` of the page's address, which only this server can write. */
export const signInOptionsQuery = z.object({ problem: z.string().max(2000).optional() });

/** `DELETE /session`. `continueAt`: address that signs out at the identity provider too. */
export const signedOutSchema = z.object({ signedOut: z.literal(true), continueAt: z.string().optional() });
export type SignedOut = z.output<typeof signedOutSchema>;
