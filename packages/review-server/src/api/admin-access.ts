import type { Context } from 'hono';
import type { Reviewer } from '../store/users.ts';
import { withRole, type ReviewerVariables } from './reviewer-session.ts';

/**
 * The signed-in administrator, who may change users, keys, assistants, rules and deliveries. @throws HTTPException 401,
 * 403.
 */
export function admin(c: Context<ReviewerVariables>): Reviewer {
  return withRole(c, 'admin');
}

/** The signed-in administrator or auditor, who may read these and the audit. @throws HTTPException 401, 403. */
export function adminOrAuditor(c: Context<ReviewerVariables>): Reviewer {
  return withRole(c, 'admin', 'auditor');
}
