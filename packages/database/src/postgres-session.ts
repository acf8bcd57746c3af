import { Client, type ClientConfig } from 'pg';

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
const keepAliveAfterMs = 30_000;

// Both ends notice a vanished host within about a minute. The server notices a closed client within five seconds.
const hostSettings = {
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 30_000,
  client_connection_check_interval: 5_000,
};

/**
 * The settings of a PostgreSQL session. `limited: false` switches the three limits off, for migrations.
 *
 * Settings in the URL win over the limits here: `?statement_timeout=60000`. Its `options` are added to ours.
 * `?pgbouncer=true` sends no settings at all, since PgBouncer refuses them. Set them for the role instead.
 */
export function postgresSession(url: string, { limited }: { limited: boolean }): ClientConfig {
  const place = new URL(url);
  const take = (name: string) => {
    const value = place.searchParams.get(name);
    place.searchParams.delete(name);
    return value;
  };
  const pooled = take('pgbouncer') === 'true';
  const given = take('options');
  if (!limited) Object.keys(limits).forEach(take);
  const unlimited = Object.fromEntries(Object.keys(limits).map((name) => [name, 0]));
  const options = [
    ...(pooled ? [] : settings({ ...hostSettings, ...(limited ? {} : unlimited) })),
    ...(given === null ? [] : [given]),
  ].join(' ');
  return {
    application_name: 'holdpoint',
    connectionTimeoutMillis: connectionTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    ...(limited && !pooled ? limits : {}),
    ...(options === '' ? {} : { options }),
    connectionString: place.href,
  };
}

/** One connection with the settings of every session, for `listen`. The caller connects and ends it. */
export function createPostgresClient(url: string): Client {
  return new Client(postgresSession(url, { limited: true }));
}

function settings(values: { [name: string]: number }): string[] {
  return Object.entries(values).map(([name, value]) => `-c ${name}=${value}`);
}
