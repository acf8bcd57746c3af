import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createLogFile } from '../../src/embedded/log-file.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each write to it fails as on a full disk.
const full = '/dev/full';

it.runIf(existsSync(full))(
  'log file: full disk → says so once, drops lines, and goes on when there is room',
  async () => {
    const file = join(folder, 'logs', 'worker.log');
    const said: string[] = [];
    const log = createLogFile(file, (line) => said.push(line));
    log.write('before');
    await until('the first line', () => existsSync(file) && readFileSync(file, 'utf8') === 'before\n');

    const other = join(folder, 'logs', 'other.log');
    symlinkSync(full, other);
    const onFull = createLogFile(other, (line) => said.push(line));
    for (const line of ['one', 'two', 'three']) onFull.write(line);
    await until('a word about it', () => said.length > 0);
    onFull.write('four');
    expect(said).toEqual([
      `${other} can't be written: ENOSPC: no space left on device, write. Holdpoint goes on without it, and tries again every second.`,
    ]);

    rmSync(other);
    await until('the file is written again', () => {
      onFull.write('later');
      return existsSync(other) && readFileSync(other, 'utf8').includes('later');
    });
    await until('a second word', () => said.length > 1);
    expect(said[1]).toMatch(/other\.log can be written again\. \d+ lines are missing\.$/);
    expect(said).toHaveLength(2);
  },
);

it('log file: its folder is a file → says so, and the process goes on', async () => {
  const said: string[] = [];
  const file = join(import.meta.filename, 'worker.log');
  createLogFile(file, (line) => said.push(line)).write('one');
  await until('a word about it', () => said.length > 0);
  expect(said[0]).toContain(`${file} can't be written: `);
});
