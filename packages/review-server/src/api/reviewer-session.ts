import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { Role } from '../contract/session.ts';
import type { OpenSession, Sessions } from '../store/sessions.ts';
import { readPerson } from '../store/people.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { Reviewer } from '../store/users.ts';
import type { Person } from '../policy/may-decide.ts';
import { readSessionCookie } from './session-cookie.ts';

/** The sign-in, for the routes behind `readSession`. */
export type ReviewerVariables = { Variables: { reviewer?: Reviewer; session?: OpenSession; sessionToken?: string } };

/** Reads the sign-in from a bearer token or the browser's cookie. Each route decides whether it needs one. */
export function readSession(sessions: Sessions, secureCookies: boolean) {
  return createMiddleware<ReviewerVariables>(async (c, next) => {
    const token =
      /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? readSessionCookie(c, secureCookies);
    const session = token === undefined ? undefined : await sessions.find(token);
    if (token !== undefined && session !== undefined) {
      c.set('reviewer', session.reviewer);
      c.set('session', session);
      c.set('sessionToken', token);
    }
    await next();
  });
}

/** The signed-in person, with any role. @throws HTTPException 401. */
export function signedIn(c: Context<ReviewerVariables>): Reviewer {
  if (c.var.reviewer === undefined)
    throw new HTTPException(401, {
      message:
        'Not signed in. POST name and password to /reviewer-api/session and send the token as "authorization: Bearer …".',
    });
  return c.var.reviewer;
}

/**
 * The signed-in person as the policy sees one, who must have one of the roles if there are any. @throws HTTPException
 * 401, 403.
 */
export async function personSignedIn(
  { database, clock }: Pick<ReviewStore, 'database' | 'clock'>,
  c: Context<ReviewerVariables>,
  ...roles: readonly Role[]
): Promise<Person> {
  const { id } = roles.length === 0 ? signedIn(c) : withRole(c, ...roles);
  const person = await readPerson(database.reads, id, clock());
  if (person === undefined) throw new HTTPException(401, { message: 'This user was removed.' });
  return person;
}

/** The signed-in person, who must have one of the roles. @throws HTTPException 401, 403. */
export function withRole(c: Context<ReviewerVariables>, ...roles: readonly Role[]): Reviewer {
  const reviewer = signedIn(c);
  if (!roles.some((role) => reviewer.roles.includes(role)))
    throw new HTTPException(403, {
      message: `This needs the role ${roles.join(' or ')}, which ${reviewer.name} does not have. An administrator can grant it.`,
    });
  return reviewer;
}
