import { sql, type Expression, type SqlBool } from 'kysely';
import type { Box, ListApprovals, Sort } from '../contract/reviewer-api.ts';
import { type Person, rightToVote } from '../policy/may-decide.ts';
import type { StoredApproval } from './approval.ts';
import { readClaims } from './claims.ts';
import { expireDueSoon } from './decisions.ts';
import { readStandings } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import { containsAll, findCandidates, searchTerms } from './search.ts';
import { selectApprovals } from './select-approvals.ts';
import { hasRequirements, isForOthers, mayWaitFor, visibleTo } from './visible.ts';

/** A page of a box for `person`, after the keys `after`. */
export type ListQuery = Omit<ListApprovals, 'cursor'> & { person: Person; after?: readonly string[] | undefined };

type Column = 'question_rank' | 'risk_rank' | 'due_at' | 'created_at' | 'decided_at' | 'id';

/** The columns of an order. Each order has an index. */
type Order = {
  columns: readonly Column[];
  direction: 'asc' | 'desc';
  /** Starts a cursor of this order. */
  name: string;
};

const openOrders: Record<Sort, Order> = {
  deadline: { columns: ['question_rank', 'due_at', 'created_at', 'id'], direction: 'asc', name: 'deadline' },
  risk: { columns: ['question_rank', 'risk_rank', 'due_at', 'created_at', 'id'], direction: 'asc', name: 'risk' },
  age: { columns: ['question_rank', 'created_at', 'id'], direction: 'asc', name: 'age' },
};
const doneOrder: Order = { columns: ['decided_at', 'id'], direction: 'desc', name: 'done' };
const allOrder: Order = { columns: ['created_at', 'id'], direction: 'desc', name: 'all' };

type Ordering = Pick<ListQuery, 'box' | 'sort'>;

function isOpenBox(box: Box): boolean {
  return box === 'needs-you' || box === 'waiting';
}

function orderOf({ box, sort }: Ordering): Order {
  if (isOpenBox(box)) return openOrders[sort];
  return box === 'done' ? doneOrder : allOrder;
}

/** A page ends after examining so many approvals. */
const mostExamined = 10_000;

/**
 * Lists one box, page by page. Following `nextCursor` to the end yields every approval that stays in the box exactly
 * once, even while others come and go. A page examines at most 10,000 approvals, so its time does not grow with their
 * number. With filters a page before the last may be short or empty.
 */
export async function listApprovals(
  store: ReviewStore,
  query: ListQuery,
): Promise<{ approvals: StoredApproval[]; nextCursor: string | null }> {
  await expireDueSoon(store);
  const { box, limit } = query;
  const order = orderOf(query);
  const terms = searchTerms(query.q);
  const claims = [...(await readClaims(store))];
  const ofMe = claims.flatMap(([id, { people }]) => (people.includes(query.person.name) ? [id] : []));
  const claimed = isOpenBox(box) ? claims.flatMap(([id]) => (ofMe.includes(id) ? [] : [id])) : [];
  if (query.assigned === 'me' && ofMe.length === 0) return { approvals: [], nextCursor: null };
  const byTurn = isOpenBox(box) && (await hasRequirements(store.database.reads));
  const candidates =
    box === 'waiting' && !byTurn
      ? claimed
      : terms.length === 0
        ? undefined
        : await findCandidates(store.database, terms);
  if (candidates?.length === 0) return { approvals: [], nextCursor: null };
  const filters = [
    ...(query.assigned === 'me' ? [sql<SqlBool>`approvals.id in (${sql.join(ofMe)})`] : []),
    ...filtersOf(store, query, terms),
    ...(await filtersByPerson(store, query)),
    ...(byTurn ? [inBoxByTurn(query, claimed)] : []),
  ];
  const [lastLookedAt] =
    filters.length === 0 || candidates !== undefined
      ? []
      : await inOrder(store, query)
          .offset(mostExamined - 1)
          .limit(1)
          .execute();
  const found = await inOrder(store, query)
    .$if(candidates !== undefined, (select) => select.where('approvals.id', 'in', candidates!))
    .$if(box === 'needs-you' && claimed.length > 0, (select) => select.where('approvals.id', 'not in', claimed))
    .$if(lastLookedAt !== undefined, (select) =>
      select.where(compare(order, order.direction === 'asc' ? '<=' : '>=', keysOf(order, lastLookedAt!))),
    )
    .$if(filters.length > 0, (select) => select.where((builder) => builder.and(filters)))
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : lastLookedAt;
  const approvals = await readAll(
    store,
    page.map(({ id }) => id),
  );
  return {
    approvals: query.waitingFor === 'me' ? await waitingFor(store, approvals, query.person) : approvals,
    nextCursor: last === undefined ? null : writeCursor(query, keysOf(order, last)),
  };
}

/** The keys of a cursor of this box and order. Undefined for any other text. */
export function readCursor(ordering: Ordering, cursor: string): readonly string[] | undefined {
  const { columns } = orderOf(ordering);
  const [of, ...keys] = Buffer.from(cursor, 'base64url').toString().split('\n');
  const fits = (column: Column | undefined, key: string) =>
    (column !== undefined && isRank(column) ? /^\d$/ : /^[\w.:-]{1,100}$/).test(key);
  return of === cursorStart(ordering) &&
    keys.length === columns.length &&
    keys.every((key, index) => fits(columns[index], key))
    ? keys
    : undefined;
}

function writeCursor(ordering: Ordering, keys: readonly string[]): string {
  return Buffer.from([cursorStart(ordering), ...keys].join('\n')).toString('base64url');
}

function cursorStart(ordering: Ordering): string {
  const { name } = orderOf(ordering);
  return ordering.box === name ? name : `${ordering.box} ${name}`;
}

function isRank(column: Column): boolean {
  return column.endsWith('_rank');
}

function keysOf({ columns }: Order, row: Partial<Record<Column, string | number | null>>): string[] {
  return columns.map((column) => String(row[column] ?? ''));
}

function inOrder({ database }: ReviewStore, { box, sort, status, after }: ListQuery) {
  const order = orderOf({ box, sort });
  // Columns of the index only, so that no rows are read.
  let query = database.reads
    .selectFrom('approvals')
    .select(order.columns.map((column) => `approvals.${column}` as const))
    // Literals instead of parameters: the planner matches them with partial indexes.
    .$if(isOpenBox(box) || status === 'pending', (select) => select.where(sql<SqlBool>`approvals.status = 'PENDING'`))
    .$if(box === 'done', (select) => select.where(sql<SqlBool>`approvals.status <> 'PENDING'`))
    .$if(after !== undefined, (select) => select.where(compare(order, order.direction === 'asc' ? '>' : '<', after!)));
  for (const column of order.columns) query = query.orderBy(`approvals.${column}`, order.direction);
  return query;
}

function compare({ columns }: Order, operator: '<' | '<=' | '>' | '>=', keys: readonly string[]): Expression<SqlBool> {
  return sql<SqlBool>`(${sql.join(columns.map((column) => sql.ref(`approvals.${column}`)))}) ${sql.raw(operator)} (${sql.join(columns.map((column, index) => (isRank(column) ? Number(keys[index]) : keys[index])))})`;
}

function filtersOf(
  { database }: ReviewStore,
  { status, assistant, askedBy, action, risk }: ListQuery,
  terms: readonly string[],
): Expression<SqlBool>[] {
  const byStatus = {
    pending: undefined,
    all: undefined,
    decided: sql<SqlBool>`approvals.status <> 'PENDING'`,
    approved: sql<SqlBool>`approvals.status = 'APPROVED'`,
    rejected: sql<SqlBool>`approvals.status = 'REJECTED' and approvals.reason_code not in ('expired', 'withdrawn', 'superseded')`,
    expired: sql<SqlBool>`approvals.reason_code = 'expired'`,
    withdrawn: sql<SqlBool>`approvals.reason_code in ('withdrawn', 'superseded')`,
  }[status];
  return [
    ...(byStatus === undefined ? [] : [byStatus]),
    ...(assistant === undefined
      ? []
      : [sql<SqlBool>`approvals.assistant_id = (select id from assistants where name = ${assistant})`]),
    ...(askedBy === undefined
      ? []
      : [
          sql<SqlBool>`(approvals.agent_name = ${askedBy} or approvals.assistant_id = (select id from assistants where name = ${askedBy}))`,
        ]),
    ...(action === undefined ? [] : [sql<SqlBool>`approvals.action = ${action}`]),
    ...(risk === undefined ? [] : [sql<SqlBool>`approvals.risk_level = ${risk}`]),
    ...(terms.length === 0 ? [] : [containsAll(database.kind, terms)]),
  ];
}

/** The approvals that the person may see, and with `waitingFor` those that take the person's vote. */
async function filtersByPerson(
  { database: { reads } }: ReviewStore,
  { person, waitingFor: waiting }: ListQuery,
): Promise<Expression<SqlBool>[]> {
  const visible = await visibleTo(reads, person);
  return [...(visible === undefined ? [] : [visible]), ...(waiting === 'me' ? [mayWaitFor(person)] : [])];
}

/** An open box where some approvals wait for groups: those that others claimed or have to decide are `waiting`. */
function inBoxByTurn({ box, person }: ListQuery, claimedByOthers: readonly string[]): Expression<SqlBool> {
  const isClaimed =
    claimedByOthers.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`approvals.id in (${sql.join(claimedByOthers)})`;
  const isWaiting = sql<SqlBool>`(${isClaimed} or ${isForOthers(person)})`;
  return box === 'waiting' ? isWaiting : sql<SqlBool>`not ${isWaiting}`;
}

/** Those of the approvals that the policy lets the person approve now. */
async function waitingFor(
  { database: { reads } }: ReviewStore,
  approvals: readonly StoredApproval[],
  person: Person,
): Promise<StoredApproval[]> {
  const standings = await readStandings(reads, approvals);
  return approvals.filter(({ id }) => 'representing' in rightToVote(standings.get(id)!, person, 'approve'));
}

async function readAll({ database }: ReviewStore, ids: readonly string[]): Promise<StoredApproval[]> {
  if (ids.length === 0) return [];
  const rows = new Map(
    (await selectApprovals(database.reads).where('approvals.id', 'in', ids).execute()).map((row) => [row.id, row]),
  );
  return ids.flatMap((id) => rows.get(id) ?? []);
}
