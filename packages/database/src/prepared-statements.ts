import { createHash } from 'node:crypto';

/** Executions of a text before it is prepared. */
const preparedAfter = 5;
/** Most prepared texts. Each takes memory of PostgreSQL in each connection. */
const mostPrepared = 100;
/** Most texts whose executions are counted. */
const mostCounted = 1_000;

/** All columns of a table, which a migration changes, or a list: its best plan depends on its values. */
const neverPrepared = /\*(?!\))|\blimit\b/i;
/** A count or a search. In a statement that writes, only its own rows are counted. */
const countsOrSearches = /\b(?:count|like|ilike)\b|@@/i;
const writes = /\b(?:insert into|update|delete from)\b/i;
/** A migration changed the columns of a result. */
const resultChanged = '0A000';
/** The statement is unknown or known twice: a pooler between us and PostgreSQL has swapped the server connection. */
const swapped = ['26000', '42P05'];

/**
 * Names the statements that PostgreSQL parses and plans once for each connection, instead of at each execution: writes,
 * and reads of single rows, from the sixth execution on. A name is the digest of its text, so no two texts share one.
 */
export class PreparedStatements {
  readonly #executions = new Map<string, number>();
  /** Null: never prepared. */
  readonly #names = new Map<string, string | null>();
  #prepared = 0;
  #generation = 0;
  #isOff = false;

  /** The name of the statement. Undefined: PostgreSQL plans this execution alone. */
  nameOf(text: string): string | undefined {
    if (this.#isOff) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined) return known ?? undefined;
    const executions = (this.#executions.get(text) ?? 0) + 1;
    if (executions <= preparedAfter) {
      if (executions > 1 || this.#executions.size < mostCounted) this.#executions.set(text, executions);
      return undefined;
    }
    const name = this.#prepared < mostPrepared && isPrepared(text) ? this.#nameFor(text) : null;
    this.#names.set(text, name);
    return name ?? undefined;
  }

  #nameFor(text: string): string {
    this.#prepared += 1;
    return `h${this.#generation}_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  }

  /**
   * True if the statement failed because it was prepared, before it did anything. After a migration all statements get
   * new names. Behind a pooler that swaps server connections, none is prepared any more.
   */
  failedAsPrepared(error: unknown): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === resultChanged) {
      this.#generation += 1;
      this.#names.clear();
      this.#prepared = 0;
      return true;
    }
    if (!swapped.includes(String(code))) return false;
    this.#isOff = true;
    return true;
  }
}

function isPrepared(text: string): boolean {
  return !neverPrepared.test(text) && (writes.test(text) || !countsOrSearches.test(text));
}
