import { sha256 } from '@holdpoint/json/digest';
import type { LogoutToken } from '../oidc/identity-provider.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';

/** Used logout tokens are kept longer than such a token is valid, in milliseconds. */
const keepTokensMs = 15 * 60_000;

/** The sealed ID token of a session that began at the provider. */
export async function findIdToken({ database }: ReviewStore, sessionId: string): Promise<string | undefined> {
  const row = await database.reads
    .selectFrom('sessions')
    .select('provider_id_token')
    .where('id', '=', sessionId)
    .executeTakeFirst();
  return row?.provider_id_token ?? undefined;
}

/**
 * Ends the sessions that a logout token names: those of its `sid`, or all of its subject. Undefined for a token that was
 * used before.
 */
export async function endProviderSessions(
  { database, clock }: ReviewStore,
  { issuer, subject, sid, jti }: LogoutToken,
): Promise<number | undefined> {
  return database.kysely.transaction().execute(async (transaction) => {
    const now = clock();
    const at = now.toISOString();
    const isNew = await transaction
      .insertInto('used_logout_tokens')
      .values({
        token_id_hash: sha256(JSON.stringify([issuer, jti])),
        forgotten_at: new Date(now.getTime() + keepTokensMs).toISOString(),
      })
      .onConflict((conflict) => conflict.column('token_id_hash').doNothing())
      .returning('token_id_hash')
      .executeTakeFirst();
    if (isNew === undefined) return undefined;
    await transaction.deleteFrom('used_logout_tokens').where('forgotten_at', '<', at).execute();
    const ended = await transaction
      .deleteFrom('sessions')
      .where('provider_issuer', '=', issuer)
      .$if(sid !== undefined, (query) => query.where('provider_sid', '=', sid!))
      .$if(subject !== undefined, (query) => query.where('provider_subject', '=', subject!))
      .returning(['user_id', 'expires_at'])
      .execute();
    const inForce = ended.filter(({ expires_at }) => expires_at > at);
    for (const userId of new Set(inForce.map(({ user_id }) => user_id))) {
      const { name } = await transaction
        .selectFrom('users')
        .select('name')
        .where('id', '=', userId)
        .executeTakeFirstOrThrow();
      await appendAudit(transaction, {
        at,
        actor: 'system',
        event: 'signed-out',
        subject: name,
        facts: { by: 'provider', sessions: inForce.filter(({ user_id }) => user_id === userId).length },
      });
    }
    return inForce.length;
  });
}
