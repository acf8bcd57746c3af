import { randomBytes } from 'node:crypto';
import { hmacSha256 } from '../digest.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { Reviewer } from './reviewers.ts';

/** How long a sign-in lasts, in seconds. */
export const SESSION_SECONDS = 12 * 3600;

/** Sign-ins, for browsers and for tokens alike. The database holds only what `secret` makes of a token. */
export interface Sessions {
  /** Signs in and returns the token, whose only copy is the caller's. */
  open(reviewer: Reviewer): Promise<{ token: string; expiresAt: string }>;
  /** Who the token speaks for; nothing for an unknown, old or closed one. */
  find(token: string): Promise<Reviewer | undefined>;
  close(token: string): Promise<void>;
  /** Takes a one-time token; false when it was taken before. */
  takeLoginToken(token: string): Promise<boolean>;
}

export function createSessions({ database: { kysely }, clock }: ReviewStore, secret: string): Sessions {
  const hash = (token: string) => hmacSha256(secret, token);
  return {
    async open(reviewer) {
      const token = `rvw_${randomBytes(32).toString('base64url')}`;
      const now = clock();
      const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1000).toISOString();
      await kysely.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('sessions').where('expires_at', '<=', now.toISOString()).execute();
        await transaction.insertInto('sessions').values({ token_hash: hash(token), user_id: reviewer.id, created_at: now.toISOString(), expires_at: expiresAt }).execute();
        await appendAudit(transaction, { at: now.toISOString(), actor: `reviewer:${reviewer.name}`, event: 'signed-in', subject: reviewer.name, facts: {} });
      });
      return { token, expiresAt };
    },
    async find(token) {
      return kysely.selectFrom('sessions').innerJoin('users', 'users.id', 'sessions.user_id')
        .where('token_hash', '=', hash(token)).where('expires_at', '>', clock().toISOString()).select(['users.id', 'users.name']).executeTakeFirst();
    },
    async close(token) {
      await kysely.deleteFrom('sessions').where('token_hash', '=', hash(token)).execute();
    },
    async takeLoginToken(token) {
      const taken = await kysely.insertInto('used_login_tokens').values({ token_hash: hash(token), used_at: clock().toISOString() }).onConflict((conflict) => conflict.column('token_hash').doNothing()).returning('token_hash').executeTakeFirst();
      return taken !== undefined;
    },
  };
}
