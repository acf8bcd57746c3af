import type { Client, ClientConfig } from 'pg';
import { boundedClient } from './bounded-client.ts';
import { PreparedStatements } from './prepared-statements.ts';

/**
 * Limits of a session, in milliseconds. Their order matters: a holder that stands still inside a transaction loses its
 * locks before those who wait for them give up, and they give up before others give up waiting for a connection.
 */
const limits = {
  idle_in_transaction_session_timeout: 5_000,
  lock_timeout: 8_000,
  statement_timeout: 15_000,
};
const connectionTimeoutMs = 10_000;
/** PostgreSQL ends a statement at its limit and says so. Its answer may be late by this time. */
const lateAnswerMs = 5_000;
const keepAliveAfterMs = 30_000;

// Both ends notice a vanished host within about a minute. The server notices a closed client within five seconds.
const hostSettings = {
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 30_000,
  client_connection_check_interval: 5_000,
};

/** The settings of one connection, and the class of its client, which limits the wait for an answer. */
export type PostgresSession = ClientConfig & { Client: new (config?: string | ClientConfig) => Client };

/**
 * The settings of a PostgreSQL session. `limited: false` switches the three limits off, for migrations.
 *
 * Settings in the URL win over the limits here: `?statement_timeout=60000`. Its `options` are added to ours.
 * `?query_timeout=` is the longest wait for an answer. Default: `statement_timeout` and 5 s. Then the connection is
 * lost. `?pgbouncer=true` sends no settings at all, since PgBouncer refuses them, and prepares no statements. Set the
 * settings for the role instead.
 */
export function postgresSession(url: string, { limited }: { limited: boolean }): PostgresSession {
  const place = new URL(url);
  const take = (name: string) => {
    const value = place.searchParams.get(name);
    place.searchParams.delete(name);
    return value;
  };
  const pooled = take('pgbouncer') === 'true';
  // In transaction mode PgBouncer gives a prepared statement to other clients, and loses it for this one.
  const prepares = limited && !pooled;
  const given = take('options');
  const longestAnswerMs = longestAnswer(take('query_timeout'), place.searchParams.get('statement_timeout'));
  if (!limited) Object.keys(limits).forEach(take);
  const unlimited = Object.fromEntries(Object.keys(limits).map((name) => [name, 0]));
  const options = [
    ...(pooled ? [] : settings({ ...hostSettings, ...(limited ? {} : unlimited) })),
    ...(given === null ? [] : [given]),
  ].join(' ');
  return {
    Client: boundedClient(limited ? longestAnswerMs : 0, prepares ? new PreparedStatements() : undefined),
    application_name: 'holdpoint',
    connectionTimeoutMillis: connectionTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    ...(limited && !pooled ? limits : {}),
    ...(options === '' ? {} : { options }),
    connectionString: place.href,
  };
}

/**
 * One connection with the settings of every session, for `listen`. The caller connects and ends it. `name`: how
 * `pg_stat_activity` names it.
 */
export function createPostgresClient(url: string, name?: string): Client {
  const { Client, ...config } = postgresSession(url, { limited: true });
  return new Client({ ...config, ...(name !== undefined && { application_name: name }) });
}

/** In milliseconds. 0: no limit. */
function longestAnswer(queryTimeout: string | null, statementTimeout: string | null): number {
  if (queryTimeout !== null) return Number(queryTimeout) || 0;
  const statementMs = Number(statementTimeout ?? limits.statement_timeout) || 0;
  return statementMs === 0 ? 0 : statementMs + lateAnswerMs;
}

function settings(values: { [name: string]: number }): string[] {
  return Object.entries(values).map(([name, value]) => `-c ${name}=${value}`);
}
