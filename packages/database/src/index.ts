export { databaseFailure, isDatabaseAway } from './database-failure.ts';
export type { DatabaseFailure } from './database-failure.ts';
export { databasePlaceText } from './database-url.ts';
export type { DatabaseKind } from './database-url.ts';
export { openDatabase } from './open-database.ts';
export type { Database } from './open-database.ts';
export { createPostgresClient } from './postgres-session.ts';
