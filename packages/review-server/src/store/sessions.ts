import { randomBytes } from 'node:crypto';
import { hmacSha256 } from '@holdpoint/json/digest';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import { readRoles, type Reviewer } from './users.ts';

/** Lifetime of a session, in seconds. */
export const sessionSeconds = 12 * 3600;
/** Lifetime of a session that began at the identity provider, whose roles are renewed by the next sign-in only. */
export const providerSessionSeconds = 8 * 3600;

/** A session in force. */
export type OpenSession = {
  id: string;
  reviewer: Reviewer;
  createdAt: string;
  expiresAt: string;
  /** The client's `user-agent`. */
  agent: string | null;
  /** True if it began at the identity provider. */
  byProvider: boolean;
};

/** The provider's side of a session. */
export type ProviderSession = {
  issuer: string;
  subject: string;
  sid: string | undefined;
  sealedIdToken: string;
};

/** More about a new session. `facts` join the audit entry. */
export type SessionFacts = { facts?: Record<string, string> | undefined; provider?: ProviderSession };

/** Sessions of browsers and programs. The database holds only the HMAC of a token. */
export type Sessions = {
  /** Opens a session and returns the only copy of its token. */
  open(reviewer: Reviewer, agent?: string, more?: SessionFacts): Promise<{ token: string; expiresAt: string }>;
  /** The session of a token. Undefined if it is unknown, expired or closed, or its user was removed. */
  find(token: string): Promise<OpenSession | undefined>;
  /** The reviewer's own sessions, newest first. */
  list(reviewer: Reviewer): Promise<OpenSession[]>;
  /** Ends one of the reviewer's own sessions. False if none in force has this id. */
  close(reviewer: Reviewer, id: string): Promise<boolean>;
  /** Ends all other sessions of the reviewer. Returns their number. */
  closeOthers(reviewer: Reviewer, kept: string): Promise<number>;
};

export function createSessions({ database: { kysely, reads }, clock }: ReviewStore, secret: string): Sessions {
  const hash = (token: string) => hmacSha256(secret, token).toString('hex');
  const inForce = () =>
    reads
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .where('users.removed_at', 'is', null)
      .where('sessions.expires_at', '>', clock().toISOString())
      .select([
        'sessions.id',
        'sessions.user_id',
        'sessions.created_at',
        'sessions.expires_at',
        'sessions.agent',
        'sessions.provider_issuer',
        'users.name',
        'users.roles',
      ]);
  const read = ({
    id,
    user_id,
    created_at,
    expires_at,
    agent,
    provider_issuer,
    name,
    roles,
  }: Awaited<ReturnType<ReturnType<typeof inForce>['executeTakeFirstOrThrow']>>): OpenSession => ({
    id,
    reviewer: { id: user_id, name, roles: readRoles(roles) },
    createdAt: created_at,
    expiresAt: expires_at,
    agent,
    byProvider: provider_issuer !== null,
  });
  const end = (reviewer: Reviewer, which: '=' | '!=', id: string): Promise<number> =>
    kysely.transaction().execute(async (transaction) => {
      const at = clock().toISOString();
      const ended = await transaction
        .deleteFrom('sessions')
        .where('user_id', '=', reviewer.id)
        .where('id', which, id)
        .where('expires_at', '>', at)
        .returning('id')
        .execute();
      if (ended.length > 0)
        await appendAudit(transaction, {
          at,
          actor: `reviewer:${reviewer.name}`,
          event: 'signed-out',
          subject: reviewer.name,
          facts: { sessions: ended.length },
        });
      return ended.length;
    });
  return {
    async open(reviewer, agent, { facts = {}, provider } = {}) {
      const token = `rvw_${randomBytes(32).toString('base64url')}`;
      const now = clock();
      const at = now.toISOString();
      const seconds = provider === undefined ? sessionSeconds : providerSessionSeconds;
      const expiresAt = new Date(now.getTime() + seconds * 1000).toISOString();
      await kysely.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('sessions').where('expires_at', '<=', at).execute();
        await transaction
          .insertInto('sessions')
          .values({
            id: `session_${randomBytes(12).toString('hex')}`,
            token_hash: hash(token),
            user_id: reviewer.id,
            created_at: at,
            expires_at: expiresAt,
            agent: agent?.slice(0, 300) ?? null,
            provider_issuer: provider?.issuer ?? null,
            provider_subject: provider?.subject ?? null,
            provider_sid: provider?.sid ?? null,
            provider_id_token: provider?.sealedIdToken ?? null,
          })
          .execute();
        await transaction.updateTable('users').set({ last_sign_in_at: at }).where('id', '=', reviewer.id).execute();
        await appendAudit(transaction, {
          at,
          actor: `reviewer:${reviewer.name}`,
          event: 'signed-in',
          subject: reviewer.name,
          facts: { ...facts, ...(provider !== undefined && { by: 'provider' }) },
        });
      });
      return { token, expiresAt };
    },
    async find(token) {
      const row = await inForce().where('sessions.token_hash', '=', hash(token)).executeTakeFirst();
      return row && read(row);
    },
    async list({ id }) {
      return (
        await inForce()
          .where('sessions.user_id', '=', id)
          .orderBy('sessions.created_at', 'desc')
          .orderBy('sessions.id')
          .execute()
      ).map(read);
    },
    close: async (reviewer, id) => (await end(reviewer, '=', id)) === 1,
    closeOthers: (reviewer, kept) => end(reviewer, '!=', kept),
  };
}
