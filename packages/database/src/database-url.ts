import { fileURLToPath } from 'node:url';

/** Where a database URL points. */
export type DatabasePlace = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

const forms = 'It is sqlite:///absolute/path/to/file, sqlite::memory: or postgres://user:password@host:5432/database.';

/**
 * Reads a database URL: `sqlite:///absolute/path`, `sqlite::memory:`, `postgres://…` or `postgresql://…`.
 *
 * @throws Error that says what is wrong and which forms there are; it never repeats the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabasePlace {
  if (url === 'sqlite::memory:') return { kind: 'sqlite', file: ':memory:' };
  if (!URL.canParse(url)) throw new Error(`The database URL is not a URL. ${forms}`);
  const { protocol, host, hash, search, pathname } = new URL(url);
  if (protocol === 'postgres:' || protocol === 'postgresql:') return { kind: 'postgres', url };
  if (protocol !== 'sqlite:')
    throw new Error(`The database URL begins with "${protocol}", which Holdpoint has no database for. ${forms}`);
  if (host !== '' || !url.startsWith('sqlite:///'))
    throw new Error(`The path in the SQLite URL is not absolute: three slashes come before it. ${forms}`);
  if (search !== '' || hash !== '')
    throw new Error(`A SQLite URL takes no "?" and no "#"; in a path they are written %3F and %23. ${forms}`);
  if (pathname.endsWith('/')) throw new Error(`The SQLite URL names a folder, not a file. ${forms}`);
  return { kind: 'sqlite', file: fileURLToPath(`file://${pathname}`) };
}
