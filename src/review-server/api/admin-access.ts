import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Reviewer } from '../store/reviewers.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

/** Who may change keys, assistants, rules and deliveries. @throws HTTPException 401, 403. */
export function admin(c: Context<ReviewerVariables>): Reviewer {
  return withRole(c, ['admin']);
}

/** Who may read them, and the audit. @throws HTTPException 401, 403. */
export function adminOrAuditor(c: Context<ReviewerVariables>): Reviewer {
  return withRole(c, ['admin', 'auditor']);
}

function withRole(c: Context<ReviewerVariables>, _roles: readonly string[]): Reviewer {
  const { reviewer } = c.var;
  if (reviewer === undefined) throw new HTTPException(401, { message: 'Not signed in. POST name and password to /reviewer-api/session and send the token as "authorization: Bearer …".' });
  return reviewer;
}
