import { fileURLToPath, pathToFileURL } from 'node:url';

/** The databases that `openDatabase` opens. */
export type DatabaseKind = 'sqlite' | 'postgres';

/** The target of a database URL. */
export type DatabasePlace = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

const forms = 'Use sqlite:///absolute/path/to/file, sqlite::memory: or postgres://user:password@host:5432/database.';

/**
 * The URL of a SQLite file. `#`, `?`, `%` and spaces in its path are escaped, so `parseDatabaseUrl` returns the same
 * file.
 *
 * @param file A path. A relative path starts at the working directory.
 * @example sqliteUrl('/data/100% #1/review.db') // 'sqlite:///data/100%25%20%231/review.db'
 */
export function sqliteUrl(file: string): string {
  return `sqlite://${pathToFileURL(file).pathname}`;
}

/**
 * Reads a database URL: `sqlite:///absolute/path`, `sqlite::memory:`, `postgres://…` or `postgresql://…`.
 *
 * @throws Error that names the fault and lists the accepted forms. It never repeats the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabasePlace {
  if (url === 'sqlite::memory:') return { kind: 'sqlite', file: ':memory:' };
  if (!URL.canParse(url)) throw new Error(`The database URL is not a URL. ${forms}`);
  const { protocol, host, hash, search, pathname } = new URL(url);
  if (protocol === 'postgres:' || protocol === 'postgresql:') return { kind: 'postgres', url };
  if (protocol !== 'sqlite:')
    throw new Error(`The database URL begins with "${protocol}", which is not a supported database. ${forms}`);
  if (host !== '' || !url.startsWith('sqlite:///'))
    throw new Error(`The path in the SQLite URL is not absolute: it needs three slashes before it. ${forms}`);
  if (search !== '' || hash !== '')
    throw new Error(`A SQLite URL takes no "?" and no "#". Write %3F and %23 for these characters in a path. ${forms}`);
  if (pathname.endsWith('/')) throw new Error(`The SQLite URL names a folder, not a file. ${forms}`);
  try {
    return { kind: 'sqlite', file: fileURLToPath(`file://${pathname}`) };
  } catch {
    throw new Error(`The path in the SQLite URL has an invalid escape. Write %25 for "%". ${forms}`);
  }
}

/** The database of a URL for people, without user and password: `PostgreSQL at db:5432`. @throws Error as above. */
export function databasePlaceText(url: string): string {
  const place = parseDatabaseUrl(url);
  return place.kind === 'sqlite' ? `the SQLite file ${place.file}` : `PostgreSQL at ${new URL(place.url).host}`;
}
