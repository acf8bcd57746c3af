import { sql } from 'kysely';
import type { ReviewStore } from './review-store.ts';

/** Open approvals of one action that wait for one addressee. `oldestAt`: ISO 8601. */
export type WaitingCount = { action: string; group: string; count: number; oldestAt: string };
/** Unfinished deliveries of one kind. `oldestAt`: ISO 8601. */
export type OutboxCount = { kind: 'decision' | 'notification'; count: number; oldestAt: string };
/** A decided approval, for metrics. */
export type DecidedApproval = {
  id: string;
  action: string;
  status: string;
  reasonCode: string | null;
  edited: boolean;
  createdAt: string;
  decidedAt: string;
  /** Those whose turn it was. */
  groups: string[];
};

/** Reads who decides open approvals, in one query. An approval of several groups counts for each of them. */
export async function readWaiting({ database: { reads } }: ReviewStore): Promise<WaitingCount[]> {
  const rows = await reads
    .selectFrom('approvals')
    .leftJoin('addressees', (join) =>
      join
        .onRef('addressees.approval_id', '=', 'approvals.id')
        .onRef('addressees.stage', '=', 'approvals.stage')
        .on('approvals.addressed', '=', 1),
    )
    .leftJoin('groups', (join) => join.on(sql<boolean>`addressees.addressee = 'group:' || groups.id`))
    .select(({ fn }) => [
      'approvals.action',
      'addressees.addressee',
      'groups.name',
      fn.countAll().as('count'),
      fn.min('approvals.created_at').as('oldestAt'),
    ])
    .where('approvals.status', '=', 'PENDING')
    .groupBy(['approvals.action', 'addressees.addressee', 'groups.name'])
    .execute();
  return rows.map(({ action, addressee, name, count, oldestAt }) => ({
    action,
    group: groupLabel(addressee, name),
    count: Number(count),
    oldestAt,
  }));
}

/** Reads the deliveries that are neither received nor given up. */
export async function readOutbox({ database: { reads } }: ReviewStore): Promise<OutboxCount[]> {
  const rows = await reads
    .selectFrom('outbox')
    .select(({ fn }) => ['kind', fn.countAll().as('count'), fn.min('created_at').as('oldestAt')])
    .where('delivered_at', 'is', null)
    .where('abandoned_at', 'is', null)
    .groupBy('kind')
    .execute();
  return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
}

/** Reads these approvals, if they are decided. */
export async function readDecided({ database: { reads } }: ReviewStore, ids: string[]): Promise<DecidedApproval[]> {
  if (ids.length === 0) return [];
  const rows = await reads
    .selectFrom('approvals')
    .select([
      'id',
      'action',
      'status',
      'reason_code as reasonCode',
      sql<number>`case when modified_details is null then 0 else 1 end`.as('edited'),
      'created_at as createdAt',
      'decided_at as decidedAt',
    ])
    .where('id', 'in', ids)
    .where('status', '<>', 'PENDING')
    .execute();
  const addressed = await reads
    .selectFrom('addressees')
    .innerJoin('approvals', (join) =>
      join
        .onRef('approvals.id', '=', 'addressees.approval_id')
        .onRef('approvals.stage', '=', 'addressees.stage')
        .on('approvals.addressed', '=', 1),
    )
    .leftJoin('groups', (join) => join.on(sql<boolean>`addressees.addressee = 'group:' || groups.id`))
    .select(['approvals.id', 'addressees.addressee', 'groups.name'])
    .where('approvals.id', 'in', ids)
    .execute();
  return rows.map(({ edited, decidedAt, ...row }) => {
    const groups = addressed.flatMap(({ id, addressee, name }) => (id === row.id ? [groupLabel(addressee, name)] : []));
    return {
      ...row,
      edited: Number(edited) === 1,
      decidedAt: decidedAt ?? row.createdAt,
      groups: groups.length === 0 ? [groupLabel(null, null)] : [...new Set(groups)],
    };
  });
}

/** A group by its name. Those who are no group: `everyone`, `admins` and, for single people, `people`. */
function groupLabel(addressee: string | null, name: string | null): string {
  if (name !== null) return name;
  if (addressee === null) return 'everyone';
  return addressee.startsWith('user:') ? 'people' : addressee;
}
