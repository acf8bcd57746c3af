import { expect, it, onTestFinished, vi } from 'vitest';
import { openSqliteFile } from '../src/sqlite-dialect.ts';

it('Node without SQLite → an error that says how to get a newer one', async () => {
  const old = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
  onTestFinished(() => old.mockRestore());
  await expect(openSqliteFile(':memory:')).rejects.toThrow(
    `Holdpoint needs Node 22.18 or newer; this is ${process.version}. Add one to your project: npm install --save-dev node@24.`,
  );
});
