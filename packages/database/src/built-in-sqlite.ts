import type * as Sqlite from 'node:sqlite';

/**
 * SQLite of Node.
 * @throws Error on a Node without it, which says how to get a newer one.
 */
export function builtInSqlite(): typeof Sqlite {
  // An import would end a program on an old Node before a line of it runs. Node 20.3 has no `getBuiltinModule`.
  const { getBuiltinModule } = process as Partial<NodeJS.Process>;
  const sqlite = getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined)
    throw new Error(
      `Holdpoint needs Node 22.18 or newer; this is ${process.version}. Add one to your project: npm install --save-dev node@24. The commands of npm and npx then use it.`,
    );
  return sqlite;
}
