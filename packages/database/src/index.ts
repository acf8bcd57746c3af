export { parseDatabaseUrl } from './database-url.ts';
export { createPostgresDialect } from './postgres-dialect.ts';
export { createSqliteDialect } from './sqlite-dialect.ts';
export type { DatabaseKind } from './kind.ts';
