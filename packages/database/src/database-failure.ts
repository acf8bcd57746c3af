import { isSqliteBusy, isSqliteFull } from './sqlite-dialect.ts';

/** Why a call failed. `changed`: whether its transaction may have been committed. */
export type DatabaseFailure = { changed: 'no' | 'unknown'; reason: string };

const postgresCodes: { [code: string]: DatabaseFailure } = {
  '55P03': { changed: 'no', reason: 'another transaction held a lock for too long (lock_timeout)' },
  '53300': { changed: 'no', reason: 'PostgreSQL has no connection left' },
  '53100': { changed: 'no', reason: 'the disk of the database is full' },
  '57014': { changed: 'no', reason: 'a statement took too long (statement_timeout)' },
  '25P03': {
    changed: 'no',
    reason: 'the transaction stood still for too long (idle_in_transaction_session_timeout)',
  },
  // Of a prepared statement, inside a transaction. The next attempt does not meet it.
  '0A000': { changed: 'no', reason: 'the tables were changed meanwhile' },
  '26000': { changed: 'no', reason: 'a pooler changed the connection to PostgreSQL' },
  '42P05': { changed: 'no', reason: 'a pooler changed the connection to PostgreSQL' },
  '57P01': { changed: 'unknown', reason: 'PostgreSQL ended the connection' },
  '57P02': { changed: 'unknown', reason: 'PostgreSQL ended the connection' },
  '57P03': { changed: 'no', reason: 'PostgreSQL is starting or stopping' },
};
const unreachable: DatabaseFailure = { changed: 'no', reason: 'the database can’t be reached' };
const lost: DatabaseFailure = { changed: 'unknown', reason: 'the connection to the database was lost' };
const systemCodes: { [code: string]: DatabaseFailure } = {
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: lost,
  EPIPE: lost,
  ETIMEDOUT: lost,
};
// `pg` gives these errors no code.
const messages: Array<[RegExp, DatabaseFailure]> = [
  [/^timeout exceeded when trying to connect$/, { changed: 'no', reason: 'no connection became free in time' }],
  [/^Connection terminated due to connection timeout$/, unreachable],
  [/connection error and is not queryable$/, { changed: 'no', reason: 'the connection to the database was lost' }],
  [/^Connection terminated/, lost],
];

/**
 * Classifies an error that says nothing about the caller's statement: a lock, a limit or a lost connection.
 * Undefined for all others.
 */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isSqliteBusy(error)) return postgresCodes['55P03'];
  if (isSqliteFull(error)) return postgresCodes['53100'];
  const code = 'code' in error ? String(error.code) : '';
  return postgresCodes[code] ?? systemCodes[code] ?? messages.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** True if an error of `openDatabase` says that the database is away now: a later attempt may work. */
export function isDatabaseAway(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (databaseFailure(cause) !== undefined) return true;
  return false;
}
