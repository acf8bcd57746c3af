import { sql } from 'kysely';
import { sha256 } from '@holdpoint/json/digest';
import type { DecisionsAnswer, ReadDecisions } from '@holdpoint/cheqpoint/wire';
import type { ReviewStore } from './review-store.ts';

/** A place in the feed of one assistant. */
type Position = {
  /** Number of the last decision that was read. 0: none. */
  number: number;
  /** Digest of that decision. Null for none. */
  decision: string | null;
  /** Id of the assistant's newest request at that time. Null for none. */
  newestRequest: string | null;
};
type Row = { id: string; status: 'APPROVED' | 'REJECTED'; decided_at: string; decision_number: number };

/**
 * Reads the decisions of one assistant after a cursor, in the order of their numbers. Undefined for a cursor that this
 * database did not make, for example after a restore: the reader starts over.
 *
 * A decision gets its number after its commit, from the first reader that sees it, under a lock of readers only. So a
 * decision that commits late follows the ones that were read before, and decisions wait for no reader. [decision
 * 0037](../../../../docs/decisions/0037-decision-feed.md)
 */
export async function readDecisions(
  store: ReviewStore,
  assistantId: string,
  { after, since, limit }: ReadDecisions,
): Promise<DecisionsAnswer | undefined> {
  const start = after === undefined ? await startAt(store, assistantId, since) : readCursor(after);
  if (start === undefined || (after !== undefined && !(await isKnown(store, assistantId, start)))) return undefined;
  const read = () => rowsAfter(store, assistantId, start.number, limit);
  let rows = await read();
  if (rows.length < limit && (await numberDecisions(store, assistantId, limit)) > 0) rows = await read();
  const last = rows.at(-1);
  return {
    decisions: rows.map(({ id, status, decided_at }) => ({ id, status, decidedAt: decided_at })),
    cursor: writeCursor({
      number: last?.decision_number ?? start.number,
      decision: last === undefined ? start.decision : digestOf(last),
      newestRequest: await newestRequest(store, assistantId),
    }),
    more: rows.length === limit,
  };
}

/**
 * Numbers up to `limit` decisions that have no number, and returns how many. Another reader of the same assistant may
 * be at it: then none, and the next call reads its numbers.
 */
async function numberDecisions({ database }: ReviewStore, assistantId: string, limit: number): Promise<number> {
  return database.kysely.transaction().execute(async (transaction) => {
    const locked = await transaction
      .selectFrom('assistants')
      .select('id')
      .where('id', '=', assistantId)
      // SQLite's transactions are ordered anyway.
      .$if(database.kind === 'postgres', (query) => query.forNoKeyUpdate().skipLocked())
      .executeTakeFirst();
    if (locked === undefined) return 0;
    // A second statement: it must see the numbers of the reader that held the lock before.
    const { number: last } = await transaction
      .selectFrom('approvals')
      .select((select) => select.fn.max('decision_number').as('number'))
      .where('assistant_id', '=', assistantId)
      .executeTakeFirstOrThrow();
    const { numAffectedRows = 0n } =
      await sql`update approvals set decision_number = ${last ?? 0} + next.number from (select id as decided_id, row_number() over (order by decided_at, id) as number from approvals where assistant_id = ${assistantId} and status <> 'PENDING' and decision_number is null order by decided_at, id limit ${limit}) as next where id = next.decided_id`.execute(
        transaction,
      );
    return Number(numAffectedRows);
  });
}

function decided({ database }: ReviewStore, assistantId: string) {
  return database.reads
    .selectFrom('approvals')
    .select(['id', 'status', 'decided_at', 'decision_number'])
    .where('assistant_id', '=', assistantId)
    .where('decision_number', 'is not', null)
    .orderBy('decision_number')
    .$castTo<Row>();
}

async function rowsAfter(store: ReviewStore, assistantId: string, number: number, limit: number): Promise<Row[]> {
  return decided(store, assistantId).where('decision_number', '>', number).limit(limit).execute();
}

/** The place before the first decision that was made at `since` or later. Without `since`, the beginning. */
async function startAt(store: ReviewStore, assistantId: string, since: string | undefined): Promise<Position> {
  const beginning: Position = { number: 0, decision: null, newestRequest: null };
  if (since === undefined) return beginning;
  // The end is read first: later numbers belong to decisions that the reader must see.
  const [end] = await decided(store, assistantId).clearOrderBy().orderBy('decision_number', 'desc').limit(1).execute();
  const [first] = await decided(store, assistantId).where('decided_at', '>=', since).limit(1).execute();
  const number = first === undefined ? (end?.decision_number ?? 0) : first.decision_number - 1;
  const [before] = await rowsAfter(store, assistantId, number - 1, 1);
  return number === 0 || before === undefined ? beginning : { ...beginning, number, decision: digestOf(before) };
}

/** False if this database lacks the decision or the request that the cursor names: it is another one, or an older state. */
async function isKnown(store: ReviewStore, assistantId: string, position: Position): Promise<boolean> {
  const { number, decision, newestRequest: request } = position;
  if (number > 0) {
    const [row] = await decided(store, assistantId).where('decision_number', '=', number).execute();
    if (row === undefined || digestOf(row) !== decision) return false;
  }
  if (request === null) return true;
  const found = await store.database.reads
    .selectFrom('approvals')
    .select('id')
    .where('id', '=', request)
    .where('assistant_id', '=', assistantId)
    .executeTakeFirst();
  return found !== undefined;
}

async function newestRequest({ database }: ReviewStore, assistantId: string): Promise<string | null> {
  const newest = await database.reads
    .selectFrom('approvals')
    .select('id')
    .where('assistant_id', '=', assistantId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.id ?? null;
}

/** The time makes it differ for a request that is decided again after a restore. */
function digestOf({ id, decided_at }: Row): string {
  return sha256(`${id} ${decided_at}`).slice(0, 16);
}

function writeCursor({ number, decision, newestRequest: request }: Position): string {
  return Buffer.from([1, number, decision ?? '', request ?? ''].join(' ')).toString('base64url');
}

function readCursor(cursor: string): Position | undefined {
  const [, number, decision, request] =
    /^1 (0|[1-9]\d{0,8}) ([0-9a-f]{16})? ?([\w-]*)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (number === undefined) return undefined;
  return { number: Number(number), decision: decision ?? null, newestRequest: request || null };
}
