import { CompiledQuery, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

/**
 * Kysely's PostgreSQL dialect over a pool of at most `maxConnections` connections. Nothing is connected yet.
 * Waiting for a connection ends after ten seconds.
 */
export function createPostgresDialect(url: string, maxConnections: number): PostgresDialect {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    application_name: 'holdpoint',
  });
  // The pool drops a connection that broke and opens another; without a listener Node would end the process, while the
  // connection is idle and between two queries of a transaction alike.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({
    pool,
    // A commit that the server has only in memory is no promise: after its crash an effect would start twice.
    onCreateConnection: async (connection) => {
      await connection.executeQuery(
        CompiledQuery.raw(
          `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
        ),
      );
    },
  });
}
