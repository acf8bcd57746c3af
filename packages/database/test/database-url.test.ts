import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../src/database-url.ts';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';

describe('a database URL', () => {
  it.each([
    ['sqlite:///var/lib/holdpoint.db', { kind: 'sqlite', file: '/var/lib/holdpoint.db' }],
    ['sqlite:///with%20space/caf%C3%A9.db', { kind: 'sqlite', file: '/with space/café.db' }],
    ['sqlite::memory:', { kind: 'sqlite', file: ':memory:' }],
    ['postgres://a:b@host:5432/name', { kind: 'postgres', url: 'postgres://a:b@host:5432/name' }],
    ['postgresql://host/name?sslmode=require', { kind: 'postgres', url: 'postgresql://host/name?sslmode=require' }],
  ])('%s is understood', (url, place) => {
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
  ])('%s is refused with the reason and the forms there are, without repeating it', async (url, reason) => {
    const refused = openDatabase(url);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow('sqlite:///absolute/path');
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  it('to a place that is not there is an error that says what failed and hides the password', async () => {
    await expect(openDatabase('sqlite:///dev/null/holdpoint.db')).rejects.toThrow(
      /\/dev\/null\/holdpoint\.db can't be opened/,
    );
    const unreachable = openDatabase('postgres://user:hunter2@127.0.0.1:1/name');
    await expect(unreachable).rejects.toThrow(/PostgreSQL database can't be used: .*ECONNREFUSED/);
    await expect(unreachable).rejects.not.toThrow('hunter2');
  });
});
