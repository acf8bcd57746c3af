import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from './planted-copy.ts';

/** Its hooks are in texts: test files that it writes. */
const writesTests = 'test/e2e/runner-tests.ts';

const modules = execFileSync('git', ['ls-files', '-z', 'test/*.ts', 'packages/*/test/*.ts'], {
  cwd: repository,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && file !== writesTests && !file.endsWith('.test.ts'));

it('shared test modules: register no hook on import, since only the first importer would get it', () => {
  expect(modules.length).toBeGreaterThan(20);
  expect(
    modules.filter((file) => /^(?:before|after)(?:All|Each)\(/m.test(readFileSync(join(repository, file), 'utf8'))),
  ).toEqual([]);
});
