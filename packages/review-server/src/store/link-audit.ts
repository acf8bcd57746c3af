import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ReviewStore } from './review-store.ts';

/** One call links this many at most, so that the head is free again soon. */
const mostAtOnce = 500;
/** How long a read waits for entries to be linked, in milliseconds. */
const linkWaitMs = 1000;

/**
 * Adds all committed entries to the hash chain, in the order in which they were written. Any number of servers may call
 * it at once: one of them links, the others return. Does nothing on SQLite, where every entry is linked.
 */
export async function linkAudit({ database: { kysely, kind } }: Pick<ReviewStore, 'database'>): Promise<void> {
  if (kind === 'sqlite') return;
  for (let linked = mostAtOnce; linked === mostAtOnce;) {
    const { rows } = await sql<{ linked: number }>`select link_audit(${mostAtOnce}) as linked`.execute(kysely);
    linked = rows[0]!.linked;
  }
}

/** Waits one second at most for `linkAudit`, so that a read answers while linking waits for a lock. It never fails. */
export async function linkAuditSoon(store: Pick<ReviewStore, 'database'>): Promise<void> {
  await Promise.race([linkAudit(store).catch(() => undefined), pause(linkWaitMs, undefined, { ref: false })]);
}
