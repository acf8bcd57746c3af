import { hmacSha256, sha256 } from '@holdpoint/json/digest';
import { signInTokenExpiry } from '../contract/sign-in-token.ts';
import type { ReviewStore } from './review-store.ts';

/** How long the token of the settings is valid, from the first start with it. */
const validForMs = 24 * 3_600_000;

/** One-time links of the first reviewer. The database has the SHA-256 of each token, its expiry and its use. */
export type SignInLinks = {
  /** Makes the token of the settings valid for a day. A later start with the same token changes nothing. */
  register(token: string): Promise<void>;
  /** Uses a token up. False for an unknown, expired or used one. */
  take(token: string): Promise<boolean>;
};

/**
 * Tokens are random, with at least 128 bits, so a plain hash is enough. It does not depend on the session secret: a new
 * secret makes no used link valid again.
 */
export function createSignInLinks({ database: { kysely }, clock }: ReviewStore, sessionSecret: string): SignInLinks {
  return {
    async register(token) {
      const now = clock();
      // Versions before this one stored another hash of used tokens.
      const used = await kysely
        .selectFrom('used_login_tokens')
        .select('used_at')
        .where('token_hash', '=', hmacSha256(sessionSecret, token).toString('hex'))
        .executeTakeFirst();
      await kysely
        .insertInto('sign_in_links')
        .values({
          token_hash: sha256(token),
          expires_at: new Date(now.getTime() + validForMs).toISOString(),
          used_at: used?.used_at ?? null,
        })
        .onConflict((conflict) => conflict.column('token_hash').doNothing())
        .execute();
    },
    async take(token) {
      const at = clock().toISOString();
      const sealedUntil = signInTokenExpiry(sessionSecret, token);
      if (sealedUntil === undefined) {
        const taken = await kysely
          .updateTable('sign_in_links')
          .set({ used_at: at })
          .where('token_hash', '=', sha256(token))
          .where('used_at', 'is', null)
          .where('expires_at', '>', at)
          .returning('token_hash')
          .executeTakeFirst();
        return taken !== undefined;
      }
      if (clock().getTime() >= sealedUntil) return false;
      // A sealed token gets its row when it is used.
      const taken = await kysely
        .insertInto('sign_in_links')
        .values({ token_hash: sha256(token), expires_at: new Date(sealedUntil).toISOString(), used_at: at })
        .onConflict((conflict) => conflict.column('token_hash').doNothing())
        .returning('token_hash')
        .executeTakeFirst();
      return taken !== undefined;
    },
  };
}
