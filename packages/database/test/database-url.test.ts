import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl, sqliteUrl } from '../src/database-url.ts';
import { openNotes } from './notes.ts';

describe('database URL', () => {
  it.each(['/var/lib/holdpoint.db', '/a #1/b?c/100%/d e.db', '/%41/café\\.db', '/a\nb.db'])(
    'of the file %j: it is read as that file',
    (file) => {
      expect(parseDatabaseUrl(sqliteUrl(file))).toEqual({ kind: 'sqlite', file });
    },
  );

  it.each([
    ['sqlite:///var/lib/holdpoint.db', { kind: 'sqlite', file: '/var/lib/holdpoint.db' }],
    ['sqlite:///with%20space/caf%C3%A9.db', { kind: 'sqlite', file: '/with space/café.db' }],
    ['sqlite::memory:', { kind: 'sqlite', file: ':memory:' }],
    ['postgres://a:b@host:5432/name', { kind: 'postgres', url: 'postgres://a:b@host:5432/name' }],
    ['postgresql://host/name?sslmode=require', { kind: 'postgres', url: 'postgresql://host/name?sslmode=require' }],
  ])('%s → understood', (url, place) => {
    expect(parseDatabaseUrl(url)).toEqual(place);
  });

  it.each([
    ['', 'is not a URL'],
    ['/var/lib/holdpoint.db', 'is not a URL'],
    ['mysql://user:hunter2@host/name', 'begins with "mysql:"'],
    ['sqlite:holdpoint.db', 'is not absolute'],
    ['sqlite:/holdpoint.db', 'is not absolute'],
    ['sqlite://data/holdpoint.db', 'is not absolute'],
    ['sqlite:///data/holdpoint.db?mode=ro', 'takes no "?"'],
    ['sqlite:///data/', 'names a folder'],
    ['sqlite:///100%/holdpoint.db', 'has an invalid escape'],
    ['sqlite:///a%2Fb.db', 'has an invalid escape'],
  ])('%j → error with the reason and the accepted forms, without the URL', async (url, reason) => {
    const refused = openNotes(url);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow('sqlite:///absolute/path');
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  it('unreachable place → error that says what failed and hides the password', async () => {
    await expect(openNotes('sqlite:///dev/null/holdpoint.db')).rejects.toThrow(
      /The notebook's SQLite file \/dev\/null\/holdpoint\.db can't be opened/,
    );
    const unreachable = openNotes('postgres://user:hunter2@127.0.0.1:1/name');
    await expect(unreachable).rejects.toThrow(/PostgreSQL database can't be opened or migrated: .*ECONNREFUSED/);
    await expect(unreachable).rejects.not.toThrow('hunter2');
  });
});
