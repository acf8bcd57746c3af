import { createHash } from 'node:crypto';

/** Executions of a text before it is prepared. */
const preparedAfter = 5;
/** Most prepared texts. Each takes memory of PostgreSQL in each connection. */
const mostPrepared = 100;
/** Most texts whose executions are counted. */
const mostCounted = 1_000;

/**
 * Not prepared: a list or a count, whose best plan depends on its values, and a result with all columns of a table (`*`),
 * which a migration changes.
 */
const plannedEachTime = /\b(?:limit|count|like|ilike)\b|@@|\*/i;
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
  readonly #names = new Map<string, string>();
  #generation = 0;
  #isOff = false;

  /** The name of the statement. Undefined: PostgreSQL plans this execution alone. */
  nameOf(text: string): string | undefined {
    if (this.#isOff) return undefined;
    const named = this.#names.get(text);
    if (named !== undefined) return named;
    const executions = (this.#executions.get(text) ?? 0) + 1;
    if (executions > preparedAfter && this.#names.size < mostPrepared && !plannedEachTime.test(text)) {
      const name = `h${this.#generation}_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
      this.#names.set(text, name);
      return name;
    }
    if (executions > 1 || this.#executions.size < mostCounted) this.#executions.set(text, executions);
    return undefined;
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
      return true;
    }
    if (!swapped.includes(String(code))) return false;
    this.#isOff = true;
    return true;
  }
}
