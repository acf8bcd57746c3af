import { sql, type Expression, type Kysely, type RawBuilder, type SqlBool, type Transaction } from 'kysely';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isExactNumber } from '@holdpoint/json';
import { withoutReserved } from './approval.ts';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** The part of the review server's database that a search needs. */
type SearchedDatabase = { kysely: Kysely<ReviewTables>; kind: DatabaseKind; searchProblem: string | undefined };

/*
 * Search finds parts of words, by an index of three-letter pieces: SQLite's FTS5 with its trigram tokenizer, or
 * PostgreSQL's pg_trgm. Where pg_trgm can't be made, and for words of one or two letters, lists look at each text.
 */

/** What is searched of one approval, in characters; a longer one is found by its beginning. */
const LONGEST_TEXT = 20_000;
const MOST_TERMS = 10;
const SHORTEST_INDEXED_TERM = 3;
/** With more hits than this it is quicker to walk the list until a page is full. */
const MOST_CANDIDATES = 2000;

/** Texts and parts of JSON values as they are stored for search: one spelling of letters, in lower case. */
export function searchText(...parts: unknown[]): string {
  const words: string[] = [];
  const collect = (part: unknown): void => {
    if (typeof part === 'string') words.push(part);
    else if (Array.isArray(part)) part.forEach(collect);
    // A number that stands for its exact text is an object, too.
    else if (typeof part === 'object' && part !== null && !isExactNumber(part))
      Object.entries(part).forEach(([key, value]) => (words.push(key), collect(value)));
    else if (part !== null && part !== undefined) words.push(JSON.stringify(part));
  };
  parts.forEach(collect);
  return fold(words.join('\n')).slice(0, LONGEST_TEXT);
}

/** Makes a new approval findable. */
export async function addToSearch(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  details: WireObject,
  ...texts: (string | null | undefined)[]
): Promise<void> {
  await transaction
    .insertInto('approval_search')
    .values({ approval_id: approvalId, text: searchText(approvalId, ...texts, withoutReserved(details)) })
    .execute();
}

/** Makes an approval findable by its decision as well. */
export async function addDecisionToSearch(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  ...parts: unknown[]
): Promise<void> {
  const text = searchText(...parts);
  if (text !== '')
    await transaction
      .updateTable('approval_search')
      .set({ text: sql<string>`text || ${`\n${text}`}` })
      .where('approval_id', '=', approvalId)
      .execute();
}

/** The words that must all be found; none for an empty query. */
export function searchTerms(query: string | undefined): string[] {
  return [
    ...new Set(
      fold(query ?? '')
        .split(/\s+/)
        .filter((term) => term !== ''),
    ),
  ].slice(0, MOST_TERMS);
}

/** The ids of all approvals that may match, by the index; nothing where it can't tell, or when there are too many to be worth it. */
export async function findCandidates(
  { kysely, kind, searchProblem }: SearchedDatabase,
  terms: readonly string[],
): Promise<string[] | undefined> {
  const indexed = terms.filter((term) => Array.from(term).length >= SHORTEST_INDEXED_TERM);
  if (searchProblem !== undefined || indexed.length === 0) return undefined;
  const query: RawBuilder<{ id: string }> =
    kind === 'sqlite'
      ? sql`select approval_search.approval_id as id from approval_search_index join approval_search on approval_search.entry = approval_search_index.rowid where approval_search_index match ${indexed.map((term) => `"${term.replaceAll('"', '""')}"`).join(' AND ')} limit ${MOST_CANDIDATES + 1}`
      : sql`select approval_id as id from approval_search where ${sql.join(
          indexed.map((term) => sql`text like ${`%${term.replace(/[\\%_]/g, String.raw`\$&`)}%`}`),
          sql` and `,
        )} limit ${MOST_CANDIDATES + 1}`;
  const { rows } = await query.execute(kysely);
  return rows.length > MOST_CANDIDATES ? undefined : rows.map(({ id }) => id);
}

/** Whether the text of `approvals.id` holds all terms. */
export function containsAll(kind: DatabaseKind, terms: readonly string[]): Expression<SqlBool> {
  const find = kind === 'sqlite' ? sql`instr` : sql`strpos`;
  // As a value and not as a join: a list that stops at a full page reads no more texts than it has to.
  return sql<SqlBool>`(select case when ${sql.join(
    terms.map((term) => sql`${find}(text, ${term}) > 0`),
    sql` and `,
  )} then 1 else 0 end from approval_search where approval_id = approvals.id) = 1`;
}

/**
 * Creates PostgreSQL's search index. It needs the extension pg_trgm, which the owner of the database may create.
 * Returns the reason if there is no index.
 */
export async function ensurePostgresIndex(kysely: Kysely<ReviewTables>): Promise<string | undefined> {
  const {
    rows: [index],
  } = await sql<{ there: boolean }>`select to_regclass('approval_search_trigrams') is not null as there`.execute(
    kysely,
  );
  if (index?.there) return undefined;
  try {
    await kysely.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('holdpoint approval_search_trigrams'))`.execute(transaction);
      await sql`create extension if not exists pg_trgm`.execute(transaction);
      // Without the pending list of "fastupdate" no search pays for the requests that came before it.
      await sql`create index if not exists approval_search_trigrams on approval_search using gin (text gin_trgm_ops) with (fastupdate = off)`.execute(
        transaction,
      );
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fold(text: string): string {
  // PostgreSQL keeps no NUL.
  return text.normalize('NFKC').toLowerCase().replaceAll('\0', '');
}
