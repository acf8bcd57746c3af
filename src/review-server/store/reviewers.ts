import { randomUUID } from 'node:crypto';
import type { ReviewerSeed } from '../options.ts';
import { appendAudit } from './audit.ts';
import { hashPassword, verifyPassword } from './password.ts';
import type { ReviewStore } from './review-store.ts';

/** A signed-in person. */
export interface Reviewer {
  id: string;
  name: string;
}

/** What came of a sign-in; `blocked` says for how many seconds more. */
export type SignInResult = { outcome: 'signed-in'; reviewer: Reviewer } | { outcome: 'wrong' } | { outcome: 'blocked'; seconds: number };

const FREE_FAILURES = 5;
const LONGEST_BLOCK_SECONDS = 60;

/** Adds reviewers, and replaces a password that changed. Safe when several processes do so at once. */
export async function seedReviewers({ database, clock }: ReviewStore, seeds: readonly ReviewerSeed[]): Promise<void> {
  for (const { name, password } of seeds) {
    const known = await database.kysely.selectFrom('users').select('password_hash').where('name', '=', name).executeTakeFirst();
    if (known !== undefined && (await verifyPassword(password, known.password_hash))) continue;
    const password_hash = await hashPassword(password);
    await database.kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('users').values({ id: `user_${randomUUID()}`, name, password_hash, failed_sign_ins: 0 }).onConflict((conflict) => conflict.column('name').doUpdateSet({ password_hash })).execute();
      await appendAudit(transaction, { at: clock().toISOString(), actor: 'system', event: known === undefined ? 'reviewer-added' : 'password-changed', subject: name, facts: {} });
    });
  }
}

/** The reviewer of that name. */
export async function findReviewer({ database }: ReviewStore, name: string): Promise<Reviewer | undefined> {
  return database.kysely.selectFrom('users').select(['id', 'name']).where('name', '=', name).executeTakeFirst();
}

/**
 * Checks name and password. After five failures in a row each further one blocks the name for twice as long,
 * up to a minute, which slows a guesser down without shutting a reviewer out for long.
 */
export async function checkPassword({ database, clock }: ReviewStore, name: string, password: string): Promise<SignInResult> {
  const user = await database.kysely.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
  const blockedMs = user?.blocked_until == null ? 0 : Date.parse(user.blocked_until) - clock().getTime();
  if (blockedMs > 0) return { outcome: 'blocked', seconds: Math.ceil(blockedMs / 1000) };
  const right = await verifyPassword(password, user?.password_hash);
  if (user === undefined) return { outcome: 'wrong' };
  if (!right) {
    const { failures } = await database.kysely.updateTable('users').set((column) => ({ failed_sign_ins: column('failed_sign_ins', '+', 1) })).where('id', '=', user.id).returning('failed_sign_ins as failures').executeTakeFirstOrThrow();
    if (failures >= FREE_FAILURES) {
      const seconds = Math.min(2 ** (failures - FREE_FAILURES), LONGEST_BLOCK_SECONDS);
      await database.kysely.updateTable('users').set({ blocked_until: new Date(clock().getTime() + seconds * 1000).toISOString() }).where('id', '=', user.id).execute();
    }
    return { outcome: 'wrong' };
  }
  await database.kysely.updateTable('users').set({ failed_sign_ins: 0, blocked_until: null }).where('id', '=', user.id).execute();
  return { outcome: 'signed-in', reviewer: { id: user.id, name: user.name } };
}
