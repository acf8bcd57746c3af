import { expect } from 'vitest';

/** A query for the settings of the session that runs it, as `limitedSession` and `unlimitedSession` list them. */
export const sessionSettings = `select ${[
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'synchronous_commit',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'tcp_keepalives_count',
  'tcp_user_timeout',
  'client_connection_check_interval',
  'application_name',
]
  .map((name) => `current_setting('${name}') as ${name}`)
  .join(', ')}`;

/** The settings of every session of Holdpoint. */
export const limitedSession = {
  statement_timeout: '15s',
  lock_timeout: '8s',
  idle_in_transaction_session_timeout: '5s',
  synchronous_commit: 'on',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '30000',
  client_connection_check_interval: '5s',
  application_name: 'holdpoint',
};

/** PostgreSQL's own settings, and those of the system for TCP. */
export const unlimitedSession = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  synchronous_commit: 'on',
  tcp_keepalives_idle: expect.any(String) as string,
  tcp_keepalives_interval: expect.any(String) as string,
  tcp_keepalives_count: expect.any(String) as string,
  tcp_user_timeout: '0',
  client_connection_check_interval: '0',
  application_name: 'holdpoint',
};
