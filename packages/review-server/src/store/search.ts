import { sql, type Expression, type Kysely, type RawBuilder, type SqlBool, type Transaction } from 'kysely';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { isExactNumber } from '@holdpoint/json';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';
import type { Write } from './together.ts';

/** The part of the review server's database that a search needs. */
type SearchedDatabase = { reads: Kysely<ReviewTables>; kind: DatabaseKind; searchProblem: string | undefined };

/*
 * Search finds parts of words by a trigram index: SQLite's FTS5 with its trigram tokenizer, or PostgreSQL's pg_trgm.
 * Without pg_trgm, and for words of one or two letters, lists read every text.
 */

/** Searchable characters of one approval, from its beginning. */
const longestText = 20_000;
const mostTerms = 10;
const shortestIndexedTerm = 3;
/** Above so many hits it is faster to read the list until a page is full. */
const mostCandidates = 2000;

/** Texts and parts of JSON values in the stored form: normalised, in lower case. */
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
  return fold(words.join('\n')).slice(0, longestText);
}

/** Adds a new approval to the search. */
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

/** The writes that add texts to the search of an approval. */
export function extendSearch(transaction: Transaction<ReviewTables>, approvalId: string, ...parts: unknown[]): Write[] {
  const text = searchText(...parts);
  if (text === '') return [];
  return [
    transaction
      .updateTable('approval_search')
      .set({ text: sql<string>`text || ${`\n${text}`}` })
      .where('approval_id', '=', approvalId),
  ];
}

/** The words that must all occur. None for an empty query. */
export function searchTerms(query: string | undefined): string[] {
  return [
    ...new Set(
      fold(query ?? '')
        .split(/\s+/)
        .filter((term) => term !== ''),
    ),
  ].slice(0, mostTerms);
}

/** Ids of all approvals that may match, by the index. Undefined if the index can't be used or finds too many. */
export async function findCandidates(
  { reads, kind, searchProblem }: SearchedDatabase,
  terms: readonly string[],
): Promise<string[] | undefined> {
  const indexed = terms.filter((term) => Array.from(term).length >= shortestIndexedTerm);
  if (searchProblem !== undefined || indexed.length === 0) return undefined;
  const query: RawBuilder<{ id: string }> =
    kind === 'sqlite'
      ? sql`select approval_search.approval_id as id from approval_search_index join approval_search on approval_search.entry = approval_search_index.rowid where approval_search_index match ${indexed.map((term) => `"${term.replaceAll('"', '""')}"`).join(' AND ')} limit ${mostCandidates + 1}`
      : sql`select approval_id as id from approval_search where ${sql.join(
          indexed.map((term) => sql`text like ${`%${term.replace(/[\\%_]/g, String.raw`\$&`)}%`}`),
          sql` and `,
        )} limit ${mostCandidates + 1}`;
  const { rows } = await query.execute(reads);
  return rows.length > mostCandidates ? undefined : rows.map(({ id }) => id);
}

/** SQL: the text of `approvals.id` contains all terms. */
export function containsAll(kind: DatabaseKind, terms: readonly string[]): Expression<SqlBool> {
  const find = kind === 'sqlite' ? sql`instr` : sql`strpos`;
  // A subquery instead of a join: a list that stops at a full page reads no further texts.
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
