import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteUrl } from '../src/database-url.ts';
import { keepPrivate, makePrivateFile, makePrivateFolder } from '../src/private-files.ts';
import { openNotes } from './notes.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-private-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
let folders = 0;
const newFolder = () => join(root, String((folders += 1)));

const warnings: string[] = [];
const listen = (warning: Error) => warnings.push(warning.message);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', listen);
});
afterEach(() => void process.off('warning', listen));
const saidAbout = async (path: string) => {
  // Node emits warnings in the next tick.
  await new Promise(setImmediate);
  return warnings.filter((warning) => warning.includes(`${path} `)).length;
};

describe.each([0o000, 0o022, 0o077])('umask %o', (umask) => {
  let before = 0;
  beforeEach(() => {
    before = process.umask(umask);
  });
  afterEach(() => void process.umask(before));

  it('new SQLite file in a new folder → file, logs 0600, folder 0700', async () => {
    const file = join(newFolder(), 'below', 'notes.db');
    const { kysely } = await openNotes(sqliteUrl(file));
    expect(existsSync(`${file}-wal`)).toBe(true);
    expect(['', '-wal', '-shm'].map((suffix) => modeOf(`${file}${suffix}`))).toEqual(['600', '600', '600']);
    expect([modeOf(join(file, '..')), modeOf(join(file, '../..'))]).toEqual(['700', '700']);
    await kysely.destroy();
  });
});

it('SQLite file of an earlier version with its logs, readable by others → tightened, said once for each', async () => {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, 'notes.db');
  const first = await openNotes(sqliteUrl(file));
  const paths = ['', '-wal', '-shm'].map((suffix) => `${file}${suffix}`);
  for (const path of paths) chmodSync(path, 0o644);
  const second = await openNotes(sqliteUrl(file));
  expect(paths.map(modeOf)).toEqual(['600', '600', '600']);
  const third = await openNotes(sqliteUrl(file));
  for (const path of paths) expect([path, await saidAbout(path)]).toEqual([path, 1]);
  // It may hold other things of the user.
  expect(modeOf(folder)).toBe('755');
  for (const { kysely } of [first, second, third]) await kysely.destroy();
});

it('folder that exists → keeps its mode; file that exists → keeps its content', async () => {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o755 });
  makePrivateFolder(folder);
  expect(modeOf(folder)).toBe('755');
  const file = join(folder, 'keys');
  writeFileSync(file, 'kept', { mode: 0o640 });
  makePrivateFile(file);
  expect([modeOf(file), statSync(file).size]).toEqual(['600', 4]);
  expect(await saidAbout(file)).toBe(1);
});

it('device or missing path → left alone', () => {
  const before = modeOf('/dev/null');
  makePrivateFile('/dev/null');
  keepPrivate(join(root, 'missing'));
  expect(modeOf('/dev/null')).toBe(before);
});
