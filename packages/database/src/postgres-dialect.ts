import { PostgresDialect, PostgresDriver, type Driver, type PostgresDialectConfig } from 'kysely';
import { Pool, type ClientBase } from 'pg';
import { postgresSession } from './postgres-session.ts';

export type PostgresOptions = {
  url: string;
  maxConnections: number;
  /** False for migrations, which may wait and run for longer than a call. */
  limited: boolean;
  /** Called once for each connection that broke. The pool opens another one. */
  onLost: (error: Error) => void;
};

/** Kysely's PostgreSQL dialect over a pool. The pool connects at the first query. */
export function createPostgresDialect({ url, maxConnections, limited, onLost }: PostgresOptions): PostgresDialect {
  const pool = new Pool({
    ...postgresSession(url, { limited }),
    max: maxConnections,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool awaits it, though its type does not say so
    onConnect: commitDurably,
  });
  // Without listeners Node ends the process when a connection breaks. The pool reports idle ones, the client all.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', onLost));
  return new HonestPostgresDialect({ pool });
}

// A row that is committed in memory only is lost with the server, and an effect would start twice.
async function commitDurably(client: ClientBase): Promise<void> {
  await client.query(
    `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
  );
}

class HonestPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new HonestPostgresDriver(this.#config);
  }
}

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0];

class HonestPostgresDriver extends PostgresDriver {
  // A broken connection can't roll back, and the server has done so. The caller needs the error that came first.
  override async rollbackTransaction(connection: Connection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}
